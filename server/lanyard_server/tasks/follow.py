"""Following a task: its events as progress in the editor, with Cancel, and the question where it is stuck.

Owns the words of the progress. Brings no result: those come by the queue's deliveries.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from lanyard_routing.router import RoutingError
from lanyard_routing.task import Event, Moved, Progress, Queued, Started, Task
from lanyard_server.progress import Report, work_done

if TYPE_CHECKING:
    from lanyard_routing.dispatch import Dispatcher
    from lanyard_server.session import Session
    from lanyard_server.tasks.questions import Questions


async def follow(session: Session, router: Dispatcher, task: Task, questions: Questions) -> None:
    """Show a task's progress until it ends."""
    waits: asyncio.Task[None] | None = None
    at = ""

    async def cancel() -> None:
        try:
            await router.cancel(task.id)
        except RoutingError as error:
            session.out.warn(f"{task.title} is not cancelled: {error}")

    # Listening begins before the editor has answered about its progress: what happens meanwhile is told as well.
    inbox: asyncio.Queue[Event | None] = asyncio.Queue()
    listening = session.spawn(_listen(router, task.id, inbox), f"listen to {task.id}")
    try:
        async with work_done(session, task.title, cancel=cancel) as report:
            while (event := await inbox.get()) is not None:
                at = event.worker if isinstance(event, Started) else at
                _say(session, report, task, event, at=at)
                waiting = isinstance(event, Queued) and bool(event.why)
                if waiting and waits is None:
                    waits = session.spawn(questions.waits(router, task), f"wait for {task.id}")
                elif waits is not None and not waiting:
                    waits.cancel()
                    waits = None
        await listening
    except RoutingError as error:
        session.out.warn(f"{task.title}: {error}")
    finally:
        listening.cancel()
        if waits is not None:
            waits.cancel()


async def _listen(router: Dispatcher, task_id: str, inbox: asyncio.Queue[Event | None]) -> None:
    try:
        async with aclosing(router.stream(task_id)) as events:
            async for event in events:
                inbox.put_nowait(event)
    finally:
        inbox.put_nowait(None)


def _say(session: Session, report: Report, task: Task, event: Event, *, at: str) -> None:
    match event:
        case Queued(position=position, why=why):
            report(why or (f"queued, {position} ahead" if position else "queued"))
        case Started(worker=worker, model=model, attempt=attempt):
            again = f", attempt {attempt}" if attempt > 1 else ""
            report.at_once(f"{worker} ({model}) reads {task.prompt_tokens} tokens{again}")
        case Progress(tokens=tokens, tokens_per_s=speed):
            report(f"{at}: {tokens} tokens, {speed:.0f} tokens/s", share=min(0.99, tokens / task.max_tokens))
        case Moved(worker=worker, why=why):
            session.out.log(f"{task.title}: {why}; goes on at {worker}")
            report.at_once(f"moved to {worker}: {why}")
        case _:
            pass
