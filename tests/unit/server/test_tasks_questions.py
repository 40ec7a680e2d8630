"""When the user is asked about a task, and that nobody is asked twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from lanyard_routing.fallbacks import Action, Option, Question
from lanyard_routing.router import RoutingError
from lanyard_routing.task import Failure, Kind, Message, State, Status, Task
from lanyard_server.feature import RequestFailed
from lanyard_server.session import Runtime
from lanyard_server.tasks import questions
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.questions import Questions
from lanyard_server.tasks.requests import RunArguments
from support.immediate import make_session, open_at_cursor

TASK = Task(
    id="t1", kind=Kind.REVIEW, title="Review f", workspace="/w",
    messages=(Message(role="user", content="x"),), max_tokens=9,
)  # fmt: skip
FAILED = Status(task=TASK, state=State.FAILED, failure=Failure(message="gpu-1 said no"), submitted_at=0)
ASKED = "window/showMessageRequest"


class Router:
    """A router that answers with one question."""

    def __init__(self) -> None:
        self.answered: list[Option] = []
        self.cancelled: list[str] = []
        self.submitting = asyncio.Event()
        self.broken = False

    async def question(self, task_id: str) -> Question:
        return Question(
            task_id, "gpu-1 said no", (Option(Action.RETRY, "Try again now"), Option(Action.CANCEL, "Cancel"))
        )

    async def answer(self, task_id: str, option: Option) -> Task:
        if self.broken:
            raise RoutingError("the disk is full; make room")
        self.answered.append(option)
        return TASK.model_copy(update={"id": "t2"})

    async def submit(self, task: Task) -> None:
        self.submitting.set()
        await asyncio.Event().wait()

    async def count_tokens(self, task: Task, text: str) -> None:
        """No worker counts."""

    async def cancel(self, task_id: str) -> bool:
        self.cancelled.append(task_id)
        return True


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(questions, "PATIENCE_S", 0)


def asking(answer: Any = None, *, able: bool = True) -> tuple[Any, Questions, list[Task]]:
    window = lsp.WindowClientCapabilities(show_message=lsp.ShowMessageRequestClientCapabilities()) if able else None
    session: Any = make_session(None, capabilities=lsp.ClientCapabilities(window=window))

    def reply(_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    session.out.answers[ASKED] = reply
    watched: list[Task] = []
    return session, Questions(session, watched.append), watched


async def settle(session: Any) -> None:
    while session.spawned:
        await asyncio.gather(*session.spawned)
        await asyncio.sleep(0)  # the callbacks of what is done already run in the loop


def asked(session: Any) -> list[Any]:
    return [params for method, params in session.out.sent if method == ASKED]


async def test_a_failure_is_asked_about_once_and_told_after_that():
    session, about, watched = asking()
    router: Any = Router()
    for _ in range(3):
        await about.failed(router, FAILED)
        await settle(session)
    [question] = asked(session)
    assert question.message == "Review f: gpu-1 said no"
    assert [action.title for action in question.actions] == ["Try again now", "Cancel"]
    assert session.out.shown == ["Review f: gpu-1 said no"] * 2
    assert watched == router.answered == []


async def test_a_task_asked_about_while_it_waited_is_told_when_it_fails():
    session, about, _ = asking()
    router: Any = Router()
    await about.waits(router, TASK)
    await about.waits(router, TASK)
    await about.failed(router, FAILED)
    assert len(asked(session)) == 1
    assert session.out.shown == ["Review f: gpu-1 said no"]


async def test_the_answer_is_carried_out_and_the_new_task_followed():
    session, about, watched = asking({"title": "Try again now"})
    router: Any = Router()
    await about.failed(router, FAILED)
    await settle(session)
    assert [option.action for option in router.answered] == [Action.RETRY]
    assert [task.id for task in watched] == ["t2"]


@pytest.mark.parametrize("answer", [None, {}, {"title": "made up"}, "Try again now", 7, []])
async def test_an_answer_that_is_none_of_the_choices_does_nothing(answer):
    session, about, watched = asking(answer)
    router: Any = Router()
    await about.failed(router, FAILED)
    await settle(session)
    assert watched == router.answered == []


async def test_a_client_that_cannot_ask_or_refuses_gets_one_line():
    for session, about, _ in (asking(able=False), asking(RequestFailed("no such method"))):
        await about.failed(Router(), FAILED)  # pyright: ignore[reportArgumentType]
        await settle(session)
        assert session.out.shown == ["Review f: gpu-1 said no"]


async def test_an_answer_that_cannot_be_carried_out_is_said():
    session, about, _ = asking({"title": "Try again now"})
    router: Any = Router()
    router.broken = True
    await about.failed(router, FAILED)
    await settle(session)
    assert session.out.shown == ["the disk is full; make room"]


async def test_one_question_at_a_time_about_waiting_tasks():
    session, about, _ = asking()
    standing = asyncio.Event()
    router: Any = Router()

    async def request(method: str, params: Any) -> Any:
        session.out.sent.append((method, params))
        standing.set()
        await asyncio.Event().wait()

    session.out.request = request
    first = asyncio.create_task(about.waits(router, TASK))
    await standing.wait()
    await about.waits(router, TASK.model_copy(update={"id": "t9"}))
    assert len(asked(session)) == 1
    first.cancel()


async def test_tasks_that_begin_to_wait_together_are_one_question():
    session, about, _ = asking()
    router: Any = Router()
    known = router.question

    async def slow(task_id: str) -> Question:
        await asyncio.sleep(0)
        return await known(task_id)

    router.question = slow
    tasks = [TASK.model_copy(update={"id": f"t{number}"}) for number in range(3)]
    await asyncio.gather(*(about.waits(router, task) for task in tasks))
    assert len(asked(session)) == 1
    await about.failed(router, Status(task=tasks[2], state=State.FAILED, failure=FAILED.failure, submitted_at=0))
    await settle(session)
    assert len(asked(session)) == 2  # a task that was not asked about may be asked about when it fails


async def test_a_command_cancelled_while_its_task_is_submitted_cancels_the_task(tmp_path: Path):
    session: Any = make_session(None, root=tmp_path)
    router: Any = Router()
    session.runtime = Runtime(immediate=None, router=router)  # pyright: ignore[reportArgumentType]
    session.opened.set()
    uri = (tmp_path / "a.py").as_uri()
    open_at_cursor(session, "def f(a):\n    return $0a\n", uri)
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 12}}
    given = RunArguments.model_validate(
        {"kind": "review", "uri": uri, "shape": "function", "name": "f", "range": place}
    )
    order = asyncio.create_task(coordinator_of(session).order(given))
    await asyncio.wait_for(router.submitting.wait(), 50)
    order.cancel()
    with pytest.raises(asyncio.CancelledError):
        await order
    await settle(session)
    assert len(router.cancelled) == 1
