"""Asking the user about a task that cannot go on by itself: once a task, and only where the editor can ask.

Owns when to ask and what is done with the answer; the options are routing's (`lanyard_routing.fallbacks`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp

from lanyard_routing.router import RoutingError
from lanyard_server.feature import RequestFailed
from lanyard_server.plain import one_line

if TYPE_CHECKING:
    from lanyard_routing.dispatch import Dispatcher
    from lanyard_routing.fallbacks import Question
    from lanyard_routing.task import Status, Task
    from lanyard_server.session import Session

PATIENCE_S = 4.0
"""Seconds that a task waits before its user is asked: longer than a first look at the fleet, or a restart."""

_REMEMBERED = 1000


class Questions:
    """The questions of one session. `watch` follows the task that an answer started."""

    def __init__(self, session: Session, watch: Callable[[Task], None]) -> None:
        self._session, self._watch = session, watch
        self._asked: dict[str, None] = {}
        self._one_stands = False

    async def failed(self, router: Dispatcher, status: Status) -> None:
        """A task failed: say so, with the choices where the editor can show them and none were shown before."""
        line = status.failure.message if status.failure else f"{status.task.title} failed; run it again."
        question = await self._question(router, status.task.id)
        if question is None:
            self._session.out.warn(f"{status.task.title}: {line}")
        else:
            self._session.spawn(self._ask(router, status.task, question), f"ask about {status.task.id}")

    async def waits(self, router: Dispatcher, task: Task) -> None:
        """A task waits for a worker that is not there: ask after a while; cancelled when it goes on."""
        await asyncio.sleep(PATIENCE_S)
        if self._one_stands:  # the same worker is missing for all of them
            return
        question = await self._question(router, task.id)
        if question is None:
            return
        if self._one_stands:  # meanwhile: tasks that lose their worker lose it at the same moment
            self._asked.pop(task.id, None)
            return
        self._one_stands = True
        try:
            await self._ask(router, task, question)
        finally:
            self._one_stands = False

    async def _question(self, router: Dispatcher, task_id: str) -> Question | None:
        window = self._session.capabilities.window
        if not (window and window.show_message) or task_id in self._asked:
            return None
        try:
            question = await router.question(task_id)
        except RoutingError:
            return None  # the queue says by itself what is wrong with it
        if question is None or task_id in self._asked:
            return None
        self._asked[task_id] = None
        if len(self._asked) > _REMEMBERED:
            del self._asked[next(iter(self._asked))]
        return question

    async def _ask(self, router: Dispatcher, task: Task, question: Question) -> None:
        message = one_line(f"{task.title}: {question.why}")
        params = lsp.ShowMessageRequestParams(
            type=lsp.MessageType.Warning,
            message=message,
            actions=[lsp.MessageActionItem(title=option.label) for option in question.options],
        )
        try:
            answer: Any = await self._session.out.request(lsp.WINDOW_SHOW_MESSAGE_REQUEST, params)
        except RequestFailed:
            self._session.out.warn(message)
            return
        chosen = cast("dict[str, Any]", answer).get("title") if isinstance(answer, dict) else None
        option = next((each for each in question.options if each.label == chosen), None)
        if option is None:
            return
        try:
            following = await router.answer(question.task_id, option)
        except RoutingError as error:
            self._session.out.warn(str(error))
            return
        if following is not None:
            self._watch(following)
