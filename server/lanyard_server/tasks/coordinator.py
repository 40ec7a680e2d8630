"""The coordinator: takes an order from a command to its result on the board.

Owns the flow of a background task in one session: draft, submit, follow with progress, land, show. Holds no prompt
and no check of its own. A task outlives this session: what the coordinator drops is only its view of it.

Results come one way only, from the queue's deliveries for a workspace; whoever submitted the task, and whether this
session still shows its progress, makes no difference.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from lanyard_routing.router import RoutingError
from lanyard_routing.task import FINAL_STATES, State
from lanyard_server.feature import RequestFailed
from lanyard_server.progress import asked_progress
from lanyard_server.tasks.board import Board
from lanyard_server.tasks.counting import Calibration, counted
from lanyard_server.tasks.files import current_text, overlays_in
from lanyard_server.tasks.follow import follow
from lanyard_server.tasks.ignored import open_workspace
from lanyard_server.tasks.land import land
from lanyard_server.tasks.orders import drafting
from lanyard_server.tasks.questions import Questions
from lanyard_server.tasks.results import Explanation, Proposal, Review
from lanyard_server.tasks.sandbox import run_tests
from lanyard_server.tasks.show import refresh, show_explanation, show_result

if TYPE_CHECKING:
    from lanyard_analyzers.text import Text
    from lanyard_routing.dispatch import Dispatcher
    from lanyard_routing.task import Status, Task
    from lanyard_server.session import Document, Runtime, Session
    from lanyard_server.tasks.make import Draft
    from lanyard_server.tasks.requests import RunArguments
    from lanyard_server.tasks.results import Landed

_log = logging.getLogger(__name__)

_OPENING_S = 10.0  # that a command waits for the queue to open
_AGAIN_S = 5.0  # after the queue could not be read


class Coordinator:
    """The background tasks of one session. `board` is what waits for the user."""

    def __init__(self, session: Session) -> None:
        self.board = Board()
        self._session = session
        self._followed: set[str] = set()
        self._delivered: set[str] = set()  # the workspaces whose results come here
        self._taken_up: set[str] = set()  # and those whose earlier tasks are followed
        self._told: list[Callable[[], None]] = []
        self._questions = Questions(session, self.watch)
        self._calibration = Calibration()

    async def order(self, arguments: RunArguments) -> str:
        """Make a task, submit it and return its id; its progress and result come on their own.

        Raises RequestFailed with one line where the task cannot be made or accepted. Cancelled before it answers, it
        leaves no task behind.
        """
        draft_now, language = drafting(self._session, arguments)
        runtime, budget = await self._opened(), self._session.settings.slices.budget_for(arguments.kind)
        draft, problems = await counted(
            lambda tokens: asyncio.to_thread(draft_now, tokens),
            budget,
            language=language,
            kind=arguments.kind,
            counting=runtime.router,
            known=self._calibration,
        )
        if draft is None:
            raise RequestFailed(problems[0])
        for line in problems:
            self._session.out.show(f"{draft.task.title}: {line}")
        task = draft.task
        try:
            await runtime.router.submit(task)
        except RoutingError as error:
            raise RequestFailed(str(error)) from None
        except asyncio.CancelledError:
            self._session.spawn(runtime.router.cancel(task.id), f"cancel {task.id}")
            raise
        self._session.out.log(_sent(draft))
        self.watch(task)
        return task.id

    def watch(self, task: Task) -> None:
        """Follow a task to its end in the background; a task that is followed already is left alone."""
        self._deliver_from(task.workspace)
        if task.id not in self._followed:
            self._followed.add(task.id)
            # A token that came with the command is good until its answer only; the task goes on after it.
            asked_progress(None).run(self._session.spawn, self._follow(task), f"follow {task.id}")

    async def cancel(self, task_id: str) -> bool:
        """Cancel a task for good; False where it had ended. Raises RequestFailed."""
        try:
            return await (await self._opened()).router.cancel(task_id)
        except RoutingError as error:
            raise RequestFailed(str(error)) from None

    async def retry(self, task_id: str) -> str:
        """Submit a failed or cancelled task again under a new id. Raises RequestFailed."""
        router = (await self._opened()).router
        try:
            status = await router.status(task_id)
            if status is not None and status.state not in FINAL_STATES - {State.DONE}:
                raise RequestFailed(f"{status.task.title} is {status.state}; only what failed can be run again.")
            task = await router.retry(task_id)
        except RoutingError as error:
            raise RequestFailed(str(error)) from None
        self.watch(task)
        return task.id

    async def resume(self) -> None:
        """Take up what earlier sessions left for these folders: open results, tasks not yet done."""
        for root in self._session.roots:
            await self._take_up(str(root.path))
        for uri in self._session.documents.uris():
            document = self._session.documents.glance(uri)
            if document is not None and document.path is not None:
                await self.adopt(document.path.parent)

    async def adopt(self, folder: Path) -> None:
        """Take up what was left for a folder of its own: that of a document outside all workspace folders."""
        if self._session.runtime is not None and self._session.root_of(folder) is None:
            await self._take_up(str(folder))

    async def deliver(self, status: Status) -> None:
        """Land a finished task and show what came of it."""
        task = status.task
        if status.reply is None:
            await self._questions.failed(self._runtime().router, status)
            await self.close(task.id)
            return
        try:
            landed = await land(
                task, status.reply, self._current, lambda p, c: self._run_tests(Path(task.workspace), p, c)
            )
            await self._show(task, landed)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not make a result vanish without a word
            _log.error("task %s does not land: %s", task.id, type(error).__name__)
            _log.debug("task %s", task.id, exc_info=error)
            self._session.out.warn(
                f"{task.title}: the reply is here but cannot be shown ({type(error).__name__}); it is tried again at "
                f"the next start, and `lanyard tasks show {task.id}` has it."
            )

    async def close(self, task_id: str) -> None:
        """The user is done with a result: it will not be offered again."""
        try:
            # Shielded: what was shown is not shown again because the editor closes at this very moment.
            await asyncio.shield(self._runtime().router.confirm_result(task_id))
        except RoutingError as error:
            self._session.out.log(f"{error}; the result is shown once more after a restart")

    def followed(self, document: Document) -> Board:
        """The board, with the entries of a document brought to its text as it is now."""
        for _, line in self.follow(document.uri, document.text):
            self._session.out.show(line)
        return self.board

    def follow(self, uri: str, text: Text) -> tuple[tuple[str, str], ...]:
        """As `Board.follow`; what was overtaken is closed, and its lines are for the caller to show."""
        overtaken = self.board.follow(uri, text)
        for entry_id, _ in overtaken:
            self._session.spawn(self.close(entry_id), f"close {entry_id}")
        return overtaken

    def listen(self, changed: Callable[[], None]) -> None:
        """Call `changed` after each change of the board: a result lands some time after its task has ended."""
        self._told.append(changed)

    def refresh(self, uris: Iterable[str]) -> None:
        """Bring the client's view of these documents up to date, at the places of now."""
        named = tuple(uris)
        for document in map(self._session.documents.glance, named):
            if document is not None:
                self.followed(document)
        refresh(self._session, self.board, named)
        for changed in self._told:
            changed()

    async def _opened(self) -> Runtime:
        """The runtime, waited for while the server starts; raises RequestFailed where it does not come."""
        try:
            async with asyncio.timeout(_OPENING_S):
                await self._session.opened.wait()
        except TimeoutError:
            pass
        return self._runtime()

    def _runtime(self) -> Runtime:
        if self._session.runtime is None:
            raise RequestFailed("Lanyard has no queue yet; try again in a moment, or run `lanyard doctor`.")
        return self._session.runtime

    async def _take_up(self, workspace: str) -> None:
        if workspace in self._taken_up:
            return
        self._taken_up.add(workspace)
        self._deliver_from(workspace)
        try:
            for status in await self._runtime().router.unfinished(workspace):
                self.watch(status.task)
        except RoutingError as error:
            self._session.out.warn(str(error))

    def _deliver_from(self, workspace: str) -> None:
        if workspace not in self._delivered:
            self._delivered.add(workspace)
            self._session.spawn(self._deliveries(self._runtime().router, workspace), "deliveries")

    async def _deliveries(self, router: Dispatcher, workspace: str) -> None:
        while True:
            try:
                async with aclosing(router.results(workspace)) as results:
                    async for status in results:
                        self._session.spawn(self.deliver(status), f"deliver {status.task.id}")
            except RoutingError as error:
                self._session.out.log(str(error))
            await asyncio.sleep(_AGAIN_S)

    async def _follow(self, task: Task) -> None:
        try:
            await follow(self._session, self._runtime().router, task, self._questions)
        finally:
            self._followed.discard(task.id)

    async def _current(self, uri: str) -> Text | None:
        return await current_text(self._session, uri)

    async def _run_tests(self, root: Path, path: str, content: str) -> str:
        settings = self._session.settings
        overlays = overlays_in(self._session, root)
        workspace = await asyncio.to_thread(open_workspace, root, overlays, settings.privacy.ignore)
        tests = settings.tests
        run = await run_tests(
            root, workspace, tests.command, test_path=path, content=content, timeout_s=tests.timeout_s
        )
        return run.clause

    async def _show(self, task: Task, landed: Landed) -> None:
        """Show first, then close: what ends in between is shown once more rather than never."""
        result = landed.result
        if isinstance(result, Explanation):
            await show_explanation(self._session, result)
        if isinstance(result, Proposal) or (isinstance(result, Review) and result.findings):
            self.board.add(result)
            self.refresh({result.uri})
            show_result(self._session, landed)
        else:
            show_result(self._session, landed)
            await self.close(task.id)


def coordinator_of(session: Session) -> Coordinator:
    """The session's coordinator, made at first need."""
    found = session.state.get(__name__)
    if not isinstance(found, Coordinator):
        found = session.state[__name__] = Coordinator(session)
    return found


def _sent(draft: Draft) -> str:
    share = 100 * draft.slice.tokens / max(1, draft.slice.whole_tokens)
    return (
        f"{draft.task.title}: slice of {draft.slice.tokens} tokens, "
        f"{share:.0f} % of the {draft.slice.whole_tokens} tokens of the whole files"
    )
