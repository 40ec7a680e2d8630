"""The flow of one completion: each step in the order in which it happens.

Owns the order and the checks between the steps. Everything it knows of a session stands in `State`.
"""

from __future__ import annotations

import asyncio

from lanyard_analyzers.complete import FillPrompt, Situation, build_prompt, fit, postprocess, situate
from lanyard_analyzers.complete.postprocess import refresh
from lanyard_analyzers.complete.prompt import within
from lanyard_analyzers.text import Span
from lanyard_routing.adapters.base import Chunk, EndpointError, FillRequest
from lanyard_routing.router import RoutingError
from lanyard_routing.task import Sampling
from lanyard_server.completion.asked import Asked, Suggestion
from lanyard_server.completion.receive import Received, receive
from lanyard_server.completion.state import State, state_of
from lanyard_server.session import Session

_SURE = Sampling(temperature=0.0)
_OTHERS = tuple(Sampling(temperature=0.8, top_p=0.95, seed=seed) for seed in (1, 2))
"""How a model is asked for something else than what it is surest of. Seeds: the same key gives the same again."""


async def suggest(session: Session, asked: Asked) -> Suggestion | None:
    """The suggestion for a request, None where there is nothing to suggest.

    Raises Superseded when a later request for the document comes before this one is answered.
    """
    state = state_of(session)
    return await state.turns.take(asked.document.uri, _suggest(session, state, asked))


async def suggest_all(session: Session, asked: Asked) -> tuple[Suggestion, ...]:
    """As `suggest`; where the user asks by key at a suggestion that was made before, the others for it follow."""
    state = state_of(session)
    return await state.turns.take(asked.document.uri, _suggest_all(session, state, asked))


async def _suggest_all(session: Session, state: State, asked: Asked) -> tuple[Suggestion, ...]:
    first = await _suggest(session, state, asked)
    if first is None or first.model or asked.trigger == "automatic" or asked.selected is not None:
        return () if first is None else (first,)
    document = asked.document
    situation = situate(document.text, asked.offset, document.language)
    prompt = build_prompt(document.text, asked.offset, budget=state.room.budget(session))
    place = (document.uri, prompt.prefix, prompt.suffix)
    if state.others is None or state.others[0] != place:
        asking = (_received(session, state, asked, prompt=prompt, situation=situation, sampling=one) for one in _OTHERS)
        made = [each for each in await asyncio.gather(*asking) if each is not None]
        state.others = place, tuple(postprocess(each.text, situation, finish=each.finish) for each in made)
    suggestions = {first.text: first}
    for text in state.others[1]:
        if (other := _fitted(session, asked, text, model="")) is not None:
            suggestions.setdefault(other.text, other)
    return tuple(suggestions.values())


async def _suggest(session: Session, state: State, asked: Asked) -> Suggestion | None:
    document = asked.document
    if not session.settings.completion.enabled or _is_excluded(session, state, asked):
        return None
    text, offset = asked.completed()
    situation = situate(text, offset, document.language)
    prompt = build_prompt(text, offset, budget=state.room.budget(session))
    known = state.cache.find(document.uri, prefix=prompt.prefix, suffix=prompt.suffix)
    if known is not None and (known or asked.trigger == "automatic"):
        return _fitted(session, asked, refresh(known, situation), model="")
    if session.runtime is None:
        return None
    state.drawn.foresee(session, document, asked.offset, state.room.budget(session).excerpts)
    if asked.trigger == "automatic":
        await state.turns.pause(document.uri, session.settings.completion.debounce_ms / 1000)
    received = await _received(session, state, asked, prompt=prompt, situation=situation)
    if received is None:
        return None
    shown = postprocess(received.text, situation, finish=received.finish)
    state.cache.store(document.uri, prefix=prompt.prefix, suffix=prompt.suffix, text=shown)
    return _fitted(session, asked, shown, model=received.model)


async def _received(
    session: Session,
    state: State,
    asked: Asked,
    *,
    prompt: FillPrompt,
    situation: Situation,
    sampling: Sampling = _SURE,
) -> Received | None:
    """What a worker makes of the prompt, its secrets restored; None where none can be asked."""
    document = asked.document
    room = state.room.budget(session).excerpts
    excerpts = within(await state.drawn.excerpts(session, document, asked.offset), room) if room else ()
    clean = state.redactor.clean(prompt, excerpts)
    if clean is None or session.runtime is None:
        return None
    request = FillRequest(
        prefix=clean.prefix,
        suffix=clean.suffix,
        chunks=tuple(Chunk(excerpt.path, excerpt.text) for excerpt in clean.excerpts),
        path=document.path.name if document.path else "",
        max_tokens=session.settings.completion.max_tokens,
        sampling=sampling,
    )
    try:
        received = await receive(
            session,
            session.runtime.immediate,
            request,
            situation=situation,
            timeout_s=session.settings.completion.timeout_s,
        )
    except (RoutingError, EndpointError) as error:
        state.trouble.tell(session, error)
        return None
    state.trouble.over()
    return Received(clean.restore(received.text), received.finish, received.model)


def _is_excluded(session: Session, state: State, asked: Asked) -> bool:
    why = state.privacy.excluded(session, asked.document)
    if why is None:
        return False
    state.trouble.mention(session, f"{asked.document.uri.rpartition('/')[2]} is {why}: it is not completed")
    return True


def _fitted(session: Session, asked: Asked, shown: str, *, model: str) -> Suggestion | None:
    """The suggestion against the buffer as it is now."""
    now = session.documents.glance(asked.document.uri)
    if not shown or now is None:
        return None
    if asked.selected is not None:
        unchanged = now.text.content == asked.document.text.content
        return Suggestion(now, asked.selected.span, asked.selected.text + shown, model) if unchanged else None
    fitted = fit(shown, asked.offset, asked=asked.document.text, now=now.text)
    return None if fitted is None else Suggestion(now, Span(fitted.offset, fitted.offset), fitted.text, model)
