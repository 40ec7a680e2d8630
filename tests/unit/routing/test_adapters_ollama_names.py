"""Names of models at Ollama: with and without a tag."""

from __future__ import annotations

import pytest

from lanyard_routing.adapters.base import ChatRequest, ModelMissing, Timeouts
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.task import Message
from lanyard_routing.testing.script import Script, ServedModel
from lanyard_routing.testing.scripted import ScriptedEndpoint


@pytest.mark.parametrize(
    ("served", "asked"),
    [("coder:7b", "coder:7b"), ("coder:latest", "coder"), ("coder", "coder"), ("coder:latest", "coder:latest")],
)
async def test_a_model_is_found_by_the_name_it_was_listed_under(served, asked):
    script = Script(models=(ServedModel(name=served),))
    async with ScriptedEndpoint(script, dialects=[Dialect.OLLAMA]) as endpoint:
        adapter = make_adapter(endpoint.url, Dialect.OLLAMA, name="desk")
        request = ChatRequest((Message(role="user", content="hi"),), max_tokens=8, model=asked)
        text = "".join([delta.text async for delta in adapter.chat(request, Timeouts())])
        await adapter.close()
    assert text == "ok"


async def test_a_model_that_is_not_there_is_said_so():
    async with ScriptedEndpoint(Script(), dialects=[Dialect.OLLAMA]) as endpoint:
        adapter = make_adapter(endpoint.url, Dialect.OLLAMA, name="desk")
        request = ChatRequest((Message(role="user", content="hi"),), max_tokens=8, model="other")
        with pytest.raises(ModelMissing, match="ollama pull other"):
            await anext(adapter.chat(request, Timeouts()))
        await adapter.close()
