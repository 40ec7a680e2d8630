"""The coordinator: takes an order from a command to its result on the board.

Owns the flow of a background task in one session: draft, submit, follow with progress, land, show. Holds no prompt
and no check of its own. A task outlives this session: what the coordinator drops is only its view of it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from lanyard_analyzers.targets import Shape, Target, find_target, targets_at
from lanyard_routing.router import RoutingError
from lanyard_routing.task import Finished, Moved, Progress, Queued, Started, State
from lanyard_server.feature import RequestFailed
from lanyard_server.positions import span
from lanyard_server.progress import work_done
from lanyard_server.tasks.board import Board
from lanyard_server.tasks.files import current_text, place_of, workspace_at
from lanyard_server.tasks.land import land
from lanyard_server.tasks.make import Draft, Order, make_task
from lanyard_server.tasks.results import Explanation, Landed, Proposal, Review
from lanyard_server.tasks.sandbox import run_tests
from lanyard_server.tasks.show import refresh, show_explanation, show_result

if TYPE_CHECKING:
    from lanyard_routing.task import Event, Status, Task
    from lanyard_server.progress import Report
    from lanyard_server.session import Document, Runtime, Session
    from lanyard_server.tasks.requests import RunArguments

_log = logging.getLogger(__name__)

_OPENING_S = 10.0  # that a command waits for the queue to open


class Coordinator:
    """The background tasks of one session. `board` is what waits for the user."""

    def __init__(self, session: Session) -> None:
        self.board = Board()
        self._session = session
        self._followed: set[str] = set()

    async def order(self, arguments: RunArguments) -> str:
        """Make a task, submit it and return its id; its progress and result come on their own.

        Raises RequestFailed with one line where the task cannot be made or accepted.
        """
        runtime = await self._opened()
        document = self._session.documents.get(arguments.uri)
        if document is None or document.syntax is None:
            raise RequestFailed("This document is not open or Lanyard knows no grammar for its language.")
        draft, problems = await asyncio.to_thread(make_task, self._order_of(document, arguments))
        for line in problems:
            self._session.out.log(line)
        if draft is None:
            raise RequestFailed(problems[0])
        try:
            await runtime.router.submit(draft.task)
        except RoutingError as error:
            raise RequestFailed(str(error)) from None
        self._session.out.log(_sent(draft))
        self.watch(draft.task)
        return draft.task.id

    def watch(self, task: Task) -> None:
        """Follow a task to its end in the background; a task that is followed already is left alone."""
        if task.id not in self._followed:
            self._followed.add(task.id)
            self._session.spawn(self._follow(task), f"follow {task.id}")

    async def cancel(self, task_id: str) -> bool:
        """Cancel a task for good; False where it had ended."""
        return await (await self._opened()).router.cancel(task_id)

    async def retry(self, task_id: str) -> str:
        """Submit a failed or cancelled task again under a new id."""
        runtime = await self._opened()
        task = await runtime.router.retry(task_id)
        self.watch(task)
        return task.id

    async def resume(self) -> None:
        """Take up what earlier sessions left for these workspace folders: open results, tasks not yet done."""
        runtime = self._runtime()
        for root in self._session.roots:
            for status in await runtime.router.unfinished(str(root.path)):
                self.watch(status.task)
            for status in await runtime.router.claim_results(str(root.path)):
                await self.deliver(status)

    async def deliver(self, status: Status) -> None:
        """Land a finished task and show what came of it."""
        if status.reply is None:
            line = status.failure.message if status.failure else f"{status.task.title} failed."
            self._session.out.warn(line)
            await self.close(status.task.id)
            return
        landed = await land(
            status.task,
            status.reply,
            lambda uri: current_text(self._session, uri),
            lambda path, content: self._run_tests(Path(status.task.workspace), path, content),
        )
        await self._show(status.task, landed)

    async def close(self, task_id: str) -> None:
        """The user is done with a result: it will not be offered again."""
        await self._runtime().router.confirm_result(task_id)

    def followed(self, document: Document) -> Board:
        """The board, with the entries of a document brought to its text as it is now."""
        for entry_id, line in self.board.follow(document.uri, document.text):
            self._session.out.show(line)
            self._session.spawn(self.close(entry_id), f"close {entry_id}")
        return self.board

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
            raise RequestFailed("Lanyard is still starting its queue; try again in a moment.")
        return self._session.runtime

    def _order_of(self, document: Document, arguments: RunArguments) -> Order:
        target = find_again(self._session, document, arguments)
        place = place_of(self._session, document)
        assert document.syntax is not None
        return Order(
            kind=arguments.kind,
            syntax=document.syntax,
            target=target,
            uri=document.uri,
            path=place.path,
            root=str(place.root),
            workspace=place.workspace,
            budget=self._session.settings.slices.budget_for(arguments.kind),
            zones=self._session.settings.zones,
            diagnostic=arguments.diagnostic,
            diagnostic_line=arguments.line,
        )

    async def _follow(self, task: Task) -> None:
        runtime, final = self._runtime(), None
        async with (
            work_done(self._session, task.title, cancel=lambda: self.cancel(task.id)) as report,
            aclosing(runtime.router.stream(task.id)) as events,
        ):
            async for event in events:
                final = event if isinstance(event, Finished) else final
                self._report(report, task, event)
        if final is None or final.state is State.CANCELLED:
            return
        for status in await runtime.router.claim_results(task.workspace, task_id=task.id):
            await self.deliver(status)

    async def _run_tests(self, root: Path, path: str, content: str) -> str:
        settings = self._session.settings.tests
        workspace = workspace_at(self._session, root)
        run = await run_tests(
            root, workspace, settings.command, test_path=path, content=content, timeout_s=settings.timeout_s
        )
        return run.clause

    def _report(self, report: Report, task: Task, event: Event) -> None:
        match event:
            case Queued(position=position, why=why):
                report(why or (f"queued, {position} ahead" if position else "queued"))
            case Started(worker=worker, model=model, attempt=attempt):
                again = f", attempt {attempt}" if attempt > 1 else ""
                report(f"{worker} ({model}) reads {task.prompt_tokens} tokens{again}")
            case Progress(tokens=tokens, tokens_per_s=speed):
                report(f"{tokens} tokens, {speed:.0f} tokens/s", share=min(0.99, tokens / task.max_tokens))
            case Moved(worker=worker, why=why):
                self._session.out.log(f"{task.title}: {why}; goes on at {worker}")
                report(f"moved to {worker}: {why}")
            case Finished():
                pass

    async def _show(self, task: Task, landed: Landed) -> None:
        result = landed.result
        if isinstance(result, Proposal | Review) and not (isinstance(result, Review) and not result.findings):
            self.board.add(result)
            refresh(self._session, self.board, {result.uri})
        else:
            await self.close(task.id)
        if isinstance(result, Explanation):
            await show_explanation(self._session, result)
        show_result(self._session, task, landed)


def find_again(session: Session, document: Document, arguments: RunArguments) -> Target:
    """The target that an action listed, in the document as it is now; raises RequestFailed where it is gone."""
    assert document.syntax is not None
    place = span(document.text, arguments.range, session.encoding)
    if arguments.shape is Shape.SELECTION:
        return Target(Shape.SELECTION, arguments.name, place, document.syntax.language)
    for target in targets_at(document.syntax, place):
        if target.shape is arguments.shape and target.name == arguments.name:
            return target
    found = find_target(document.syntax, arguments.name, arguments.shape)
    if found is None:
        raise RequestFailed(f"{arguments.name or 'The target'} is not in this document any more.")
    return found


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
