"""The whole path without a configuration: discovery, fleet, immediate lane, engine, the shipped model."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from integration.engine.conftest import engines_of
from lanyard_routing.adapters.base import ChatRequest, FillRequest
from lanyard_routing.config import FleetConfig
from lanyard_routing.discovery import discover
from lanyard_routing.local import configured_of, local_members
from lanyard_routing.paths import state_dir
from lanyard_routing.router import NoWorker
from lanyard_routing.task import Capability, Message
from lanyard_routing.yard import Yard, open_yard


async def complete(yard: Yard) -> str:
    before = "import os\n\n\ndef read(path):\n    with open(path) as file:\n        retu"
    request = FillRequest(before, "\n", max_tokens=12)
    return "".join([delta.text async for delta in yard.immediate.fill(request)])


async def test_the_lane_completes_with_the_shipped_model_and_says_what_chat_needs(home: Path) -> None:
    yard = await open_yard(FleetConfig(), state=state_dir(), session="test")
    try:
        found = await discover(configured_of(yard.fleet), doors=())
        for member in local_members(found, yard.policy):
            assert yard.add(member) is None
        await yard.known(5)
        assert not engines_of(home)  # nobody has asked for anything yet
        first = await complete(yard)
        assert first
        (engine,) = engines_of(home)
        os.kill(engine.pid, signal.SIGKILL)
        assert await complete(yard) == first  # temperature 0, and the death went unnoticed
        assert yard.immediate.missing(Capability.COMPLETION) is None
        assert yard.immediate.missing(Capability.CHAT)
        assert found.missing(Capability.CHAT)
        hello = ChatRequest((Message(role="user", content="hello"),), max_tokens=8)
        with pytest.raises(NoWorker):
            await anext(yard.immediate.chat(hello))
    finally:
        await yard.close()
