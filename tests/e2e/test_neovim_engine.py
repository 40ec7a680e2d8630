"""Chat in Neovim with a real engine: llama.cpp, and the model that comes with Lanyard. It is stopped, and killed."""

from __future__ import annotations

import pytest

from lanyard_server.chat.params import Turn
from lanyard_server.chat.prompt import build_chat_prompt
from support.chat_engine import ChatEngine, chat_engine
from support.neovim_desk import NOTES, Desk, desk
from support.shop import ORDERS

pytestmark = pytest.mark.needs("nvim-modern")

CHATTING = "vim.bo.filetype == 'markdown' and #vim.lsp.get_clients({ bufnr = 0 }) == 1"
ENDED = "vim.fn.getline('$') == '' and vim.fn.getline(vim.fn.line('$') - 2) == '## You'"
ANSWER = "vim.fn.join(vim.fn.getline(vim.fn.search('^## Lanyard', 'bnw') + 1, '$'), '\\n'):match('%S.*')"
FLEET = """(function()
  for _, one in ipairs(vim.api.nvim_list_bufs()) do
    if vim.bo[one].filetype == 'lanyard-fleet' then
      return table.concat(vim.api.nvim_buf_get_lines(one, 0, -1, false), ' ')
    end
  end
  return ''
end)()"""


async def begin(at: Desk, engine: ChatEngine, question: str) -> str:
    """Ask at the end of the chat at hand; its text when the engine holds the answer and some of it is there."""
    await engine.hold_next()
    await at.nvim.keys(f"<Esc>Go{question}<Esc><CR>")
    await engine.held()
    await at.nvim.until("the answer", f"vim.fn.search('^## Lanyard', 'nw') > 0 and {ANSWER}")
    return await at.text()


async def test_a_real_engine_answers_and_is_stopped_in_a_chat(tmp_path):
    async with chat_engine() as engine, desk(tmp_path, None, "{}", engine.config) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard chat")
        await at.nvim.until("the chat", CHATTING)
        begun = await begin(at, engine, "the first?")
        assert "## You" not in begun.rpartition("## Lanyard")[2]
        await engine.go_on()
        await at.nvim.until("its end", ENDED)
        said = await engine.says(build_chat_prompt((Turn(role="user", content="the first?"),), ()).messages)
        text = await at.text()
        assert begun.rstrip() in text
        assert text.rpartition("## Lanyard")[2].strip().removesuffix("## You").strip() == said.strip()

        await at.nvim.call("nvim_command", "Lanyard chat")
        await at.nvim.until("another chat", f"{CHATTING} and vim.fn.search('Lanyard', 'nw') == 0")
        begun = await begin(at, engine, "the second?")
        await at.nvim.keys("<C-c>")
        await at.has("_Stopped._")
        await engine.go_on()
        assert await engine.left()
        assert begun.rstrip() in await at.text()


async def test_a_real_engine_is_killed_under_a_chat_the_fleet_and_an_inline_edit(tmp_path):
    async with chat_engine() as engine, desk(tmp_path, None, "{}", engine.config) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard fleet")
        await at.has("gpu-1  ready")
        await at.nvim.call("nvim_command", "wincmd p")
        await at.nvim.call("nvim_command", "Lanyard chat")
        await at.nvim.until("the chat", CHATTING)
        begun = await begin(at, engine, "the first?")
        await engine.kill()
        assert "gpu-1" in await at.nvim.until("its line", NOTES)
        assert begun.rstrip() in await at.text()
        await at.nvim.until("the fleet's word", f"{FLEET}:find('gpu%-1  down') ~= nil")
        await engine.start()
        await at.nvim.until("the fleet's word", f"{FLEET}:find('gpu%-1  ready') ~= nil")
        await at.nvim.keys("<Esc>Goand now?<Esc><CR>")
        await at.nvim.until("its end", ENDED)
        assert (await at.text()).count("## Lanyard") == 2

        await at.nvim.lua("vim.fn.win_gotoid(vim.fn.bufwinid('orders.py'))")
        await at.nvim.place("def shipping")
        await engine.hold_next()
        await at.nvim.lua("vim.cmd('Lanyard edit make it shorter')")
        await engine.held()
        await engine.kill()
        line = "(require('lanyard.edit').get(vim.api.nvim_get_current_buf()) or {}).again ~= nil"
        await at.nvim.until("its line", line)
        assert "<CR> asks once more" in await at.nvim.lua(f"return {NOTES}")
        assert await at.nvim.lines() == ORDERS
        await engine.start()
        await at.nvim.until("the engine", f"{FLEET}:find('gpu%-1  ready') ~= nil")
        await engine.hold_next()
        await at.nvim.keys("<CR>")
        await engine.held()
        await engine.go_on()
        await at.nvim.until("what it thinks of it", line)
        assert await at.nvim.lines() == ORDERS
        assert not [line for line in await at.nvim.messages() if "\n" in line]
