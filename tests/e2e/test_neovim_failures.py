"""The server, the worker or the engine ends while a view of the Neovim plugin is open: one line, and it recovers."""

from __future__ import annotations

import os
import signal
import sys

import psutil
import pytest

from e2e.test_neovim_engine import FLEET
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.neovim_desk import GHOST, NOTES, Desk, desk, processes
from support.shop import NEW_SHIPPING, ORDERS

pytestmark = pytest.mark.needs("nvim-modern")

REFACTOR = Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```"))
FILL = Rule(form="fill", say=Say(text="ping(Money(9900), country)"))
ENDS = "vim.fn.search([[^## You\\_s*\\%$]], 'nw') > 0"
FAILS = "(require('lanyard.status').get() or {}).state == 'error'"


async def told_shortly(at: Desk) -> None:
    """Each line to the user has room on a screen of 80 columns: a longer one would wait for a key."""
    room = await at.nvim.lua("vim.o.columns = 80 return vim.v.echospace")
    assert not [line for line in await at.nvim.messages() if "\n" in line or len(line) > room]


async def kill_server(at: Desk) -> None:
    """Kill it, and wait until the next one serves."""
    before = at.pid()
    async with at.nvim.seeing("the word of it", f"{FAILS} and require('lanyard').status():find('started again')"):
        os.kill(before, signal.SIGKILL)
    assert await at.server() != before
    assert "Lanyard has stopped; it is being started again" in await at.nvim.messages()
    await told_shortly(at)


async def test_the_end_of_a_server_waits_for_no_key(tmp_path):
    async with desk(tmp_path, Script()) as at:
        # A screen, and lines on it as Neovim shows them.
        await at.nvim.call("nvim_ui_attach", 80, 24, {})
        show = "vim.notify = function(line) _G.shown = line vim.api.nvim_echo({ { line, 'WarningMsg' } }, true, {}) end"
        before = await at.server()
        await at.nvim.lua(show)
        os.kill(before, signal.SIGKILL)
        await at.nvim.until("the next server", "_G.shown and vim.lsp.get_clients({ name = 'lanyard' })[1] ~= nil")
        assert not (await at.nvim.call("nvim_get_mode"))["blocking"]
        assert await at.server() != before
        # Nor does what the server says of a function with a long name; all of it is kept.
        await at.nvim.lua("vim.notify = _G.neovims_notify vim.cmd('messages clear')")
        long = f"Refactor {'a_long_name' * 6}: +1 −3 lines. It's to be applied from the quick fixes."
        tell = "vim.lsp.get_clients({ name = 'lanyard' })[1].handlers['window/showMessage'](nil, ..., {})"
        await at.nvim.lua(tell, {"type": 3, "message": long})
        assert not (await at.nvim.call("nvim_get_mode"))["blocking"]
        assert long in await at.nvim.lua("return vim.fn.execute('messages')")


async def test_the_server_dies_while_a_chat_answers(tmp_path):
    answer = "## Usage\n\n```\n## You\n" + "the first half of it " * 400  # what reads like headings, in an open fence
    script = Script(
        rules=(
            Rule(match="why two", say=Say(text=answer, pace_s=0.05)),
            Rule(match="and now", say=Say(text="here again")),
        )
    )
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard chat")
        await at.nvim.until("the chat", "vim.bo.filetype == 'markdown' and #vim.lsp.get_clients({ bufnr = 0 }) == 1")
        assert await at.nvim.messages() == []  # the place that the server names is one that Neovim has
        await at.nvim.keys("why two<Esc><CR>")
        await at.has("the first")
        await kill_server(at)
        assert "send once more" in await at.nvim.until("its line", NOTES)
        text = await at.text()
        assert "why two" in text
        assert "the first" in text
        assert text.endswith("\n```\n\n_Stopped._\n\n## You\n\n")
        await at.nvim.keys("Goand now<Esc><CR>")
        await at.has("here again")
        assert not await at.nvim.lua(f"return {NOTES}")
        # An answer that its user stopped is over, whatever becomes of the server.
        await at.nvim.until("the next turn, saved", f"{ENDS} and not vim.bo.modified")
        await at.nvim.keys("Gowhy two<Esc>")
        await at.nvim.keys("<CR>")
        await at.nvim.until("the answer", "vim.fn.getline('$'):find('first half') ~= nil")
        await at.nvim.keys("<C-c>")
        await at.nvim.until("the next turn", ENDS)
        await at.nvim.until(
            "saved, with the cursor at the end", "not vim.bo.modified and vim.fn.line('.') == vim.fn.line('$')"
        )
        await kill_server(at)
        assert not await at.nvim.lua(f"return {NOTES}")


async def test_the_worker_dies_while_a_chat_answers(tmp_path):
    script = Script(
        rules=(
            Rule(match="why two", say=Say(text="the first half of it " * 400, pace_s=0.05)),
            Rule(match="and now", say=Say(text="here again")),
        )
    )
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard chat")
        await at.nvim.until("the chat", "vim.bo.filetype == 'markdown'")
        await at.nvim.keys("why two<Esc><CR>")
        await at.has("the first")
        await at.endpoint.refuse()
        line = await at.nvim.until("its line", NOTES)
        assert "gpu-1" in line or "worker" in line
        assert "the first" in await at.text()
        await at.has("_Stopped._")
        await at.nvim.until("the word of it", FAILS)
        await at.endpoint.accept()
        await at.nvim.until("the worker", "(require('lanyard.status').get() or {}).state == 'idle'")
        await at.nvim.keys("Goand now<Esc><CR>")
        await at.has("here again")


async def test_the_server_dies_while_a_difference_is_open(tmp_path):
    async with desk(tmp_path, Script(rules=(REFACTOR,))) as at:
        await at.server()
        await at.difference()
        async with at.nvim.seeing("its line", "vim.wo.winbar:find('the proposal is kept')"):
            os.kill(at.pid(), signal.SIGKILL)
        await at.nvim.until("its bar again", "vim.wo.winbar:find('A: all') ~= nil")
        await at.nvim.until("the proposal again", "#vim.diagnostic.get(vim.fn.bufnr('orders.py')) > 0")
        await at.nvim.keys("A")
        await at.nvim.until("the edit", "vim.fn.search('else 490', 'nw') > 0 and vim.bo.buftype == ''")


async def test_the_worker_dies_while_a_difference_and_ghost_text_are_shown(tmp_path):
    async with desk(tmp_path, Script(rules=(REFACTOR, FILL))) as at:
        await at.server()
        await at.difference()
        await at.nvim.call("nvim_command", "tabnext")
        await at.nvim.keys("Go<CR>free = ship")
        await at.nvim.until("ghost text", GHOST)
        await at.endpoint.refuse()
        await at.nvim.keys("<Tab>")
        await at.nvim.until("the text", "vim.api.nvim_get_current_line() == 'free = shipping(Money(9900), country)'")
        await at.nvim.keys("<CR>paid = ship")
        await at.nvim.until("the word of it", "(require('lanyard.status').get() or {}).state == 'error'")
        assert "refuses connections" in await at.nvim.lua("return require('lanyard').status()")
        await at.nvim.keys("<Esc>")
        await at.nvim.call("nvim_command", "tabnext")
        await at.nvim.until("the difference", "vim.wo.winbar:find('A: all') ~= nil")
        await at.nvim.keys("A")
        await at.nvim.until("the edit", "vim.fn.search('else 490', 'nw') > 0 and vim.bo.buftype == ''")
        assert not [line for line in await at.nvim.messages() if "\n" in line]
        await at.endpoint.accept()
        await at.nvim.until("the worker", "(require('lanyard.status').get() or {}).state == 'idle'")
        await at.nvim.keys("Go<CR>last = ship")
        await at.nvim.until("ghost text", GHOST)


async def test_the_server_dies_while_the_fleet_is_shown(tmp_path):
    async with desk(tmp_path, Script()) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard fleet")
        await at.has("gpu-1  ready")
        stopped = "vim.fn.search('Lanyard has stopped; it is being started again', 'nw') > 0"
        async with at.nvim.seeing("its line", stopped):
            os.kill(at.pid(), signal.SIGKILL)
        await at.has("gpu-1  ready")


async def test_the_worker_dies_while_the_fleet_is_shown(tmp_path):
    async with desk(tmp_path, Script()) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard fleet")
        await at.has("gpu-1  ready")
        await at.endpoint.refuse()
        await at.nvim.place("  gpu-1  ")
        await at.nvim.keys("t")
        await at.nvim.until("no longer ready", "vim.fn.search('gpu-1  ready', 'nw') == 0")
        assert not [line for line in await at.nvim.messages() if "\n" in line]
        await at.endpoint.accept()
        await at.nvim.place("  gpu-1  ")
        await at.nvim.keys("t")
        await at.has("gpu-1  ready")


@pytest.mark.parametrize("who", ["server", "worker"])
async def test_an_inline_edit_whose_answer_never_comes_is_asked_again(tmp_path, who):
    hang = Say(text="```python\nx = 1\n```", fault=Fault.HANG_MIDDLE)
    script = Script(
        rules=(
            Rule(match="shorter", say=hang, times=1),
            Rule(match="shorter", say=Say(text=f"```python\n{NEW_SHIPPING}```")),
        )
    )
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.place("def shipping")
        await at.nvim.lua("vim.cmd('Lanyard edit make it shorter')")
        await at.endpoint.until(lambda: len(at.endpoint.streams) == 1)
        if who == "server":
            await kill_server(at)
        else:
            await at.endpoint.refuse()
        line = "require('lanyard.edit').get(vim.api.nvim_get_current_buf()).again ~= nil"
        await at.nvim.until("its line", line)
        assert "<CR> asks once more" in await at.nvim.lua(f"return {NOTES}")
        assert await at.nvim.lines() == ORDERS
        if who == "worker":
            await at.nvim.until("the word of it", FAILS)
            await at.endpoint.accept()
            await at.nvim.until("the worker", "(require('lanyard.status').get() or {}).state == 'idle'")
        await at.nvim.keys("<CR>")
        await at.nvim.until("the result", "require('lanyard.edit').get(vim.api.nvim_get_current_buf()).result ~= nil")
        await at.nvim.keys("<CR>")
        await at.has("else 490")


async def test_an_edit_that_was_checked_is_taken_without_the_server(tmp_path):
    async with desk(
        tmp_path, Script(rules=(Rule(match="shorter", say=Say(text=f"```python\n{NEW_SHIPPING}```")),))
    ) as at:
        await at.server()
        await at.nvim.place("def shipping")
        await at.nvim.lua("vim.cmd('Lanyard edit make it shorter')")
        await at.nvim.until("the result", "require('lanyard.edit').get(vim.api.nvim_get_current_buf()).result ~= nil")
        await kill_server(at)
        await at.nvim.keys("<CR>")
        await at.has("else 490")


@pytest.mark.parametrize("options", ["{}", "{ ghost = { builtin = true } }"], ids=["own", "builtin"])
async def test_ghost_text_comes_back_after_the_server_died(tmp_path, options):
    async with desk(tmp_path, Script(rules=(FILL,)), options) as at:
        if "builtin" in options and not await at.nvim.lua("return vim.lsp.inline_completion ~= nil"):
            pytest.skip("this Neovim has no inline completion of its own")
        await at.server()
        await at.nvim.keys("Go<CR>free = ship")
        await at.nvim.until("ghost text", GHOST)
        await kill_server(at)
        await at.nvim.keys("<BS>p")
        await at.nvim.until("ghost text", GHOST)
        await at.nvim.keys("<Tab>")
        await at.nvim.until("the text", "vim.api.nvim_get_current_line() == 'free = shipping(Money(9900), country)'")


ORDERS_LEFT = "table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"

# Types the last character anew until something is suggested: a model that is being loaded suggests nothing.
TRY = f"""(function()
  local shown = {GHOST}
  if not shown and not _G.typing then
    _G.typing = true
    vim.api.nvim_input('<BS>b')
    vim.defer_fn(function() _G.typing = false end, 3000)
  end
  return shown
end)()"""


async def test_ghost_text_comes_back_after_the_engine_died(tmp_path):
    async with desk(tmp_path, None) as at:
        await at.server()
        await at.nvim.place("f = open")
        await at.nvim.keys("o    print(numb")
        await at.nvim.until("ghost text of the shipped model", TRY)
        before = processes(tmp_path / "home", "lanyard_routing.engine")
        assert before
        for process in before:
            process.kill()
        psutil.wait_procs(before, timeout=60)
        await at.nvim.keys("er)<CR>    total = int(numb")  # elsewhere: what was suggested is remembered
        await at.nvim.until("ghost text again", TRY)
        assert processes(tmp_path / "home", "lanyard_routing.engine")
        assert not [line for line in await at.nvim.messages() if "\n" in line]
        for process in processes(tmp_path / "home", "lanyard_routing.engine"):
            process.kill()


async def test_the_engine_dies_under_a_difference_and_the_fleet(tmp_path):
    async with desk(tmp_path, Script(rules=(REFACTOR,)), worker='capabilities = ["chat"]\n') as at:
        await at.server()
        await at.nvim.place("f = open")
        await at.nvim.keys("o    print(numb")
        await at.nvim.until("ghost text of the shipped model", TRY)
        await at.nvim.keys("<Esc>u")
        await at.nvim.until("the text of before", f"{ORDERS_LEFT} == ...", "\n".join(ORDERS))
        await at.nvim.call("nvim_command", "Lanyard fleet")
        await at.has("lanyard-fim")
        await at.nvim.call("nvim_command", "wincmd p")
        await at.difference()
        killed = processes(tmp_path / "home", "lanyard_routing.engine")
        assert killed
        for process in killed:
            process.kill()
        stopped = "stopped; the next request starts it again"
        await at.nvim.until("its line", f"{FLEET}:find(...) ~= nil", stopped)
        assert await at.nvim.lua("return vim.wo.winbar:find('A: all') ~= nil")
        await at.nvim.keys("A")
        await at.nvim.until("the edit", "vim.fn.search('else 490', 'nw') > 0 and vim.bo.buftype == ''")
        await at.nvim.place("f = open")
        await at.nvim.keys("o    print(numb")
        await at.nvim.until("ghost text again", TRY)
        await at.nvim.until("no word of it any more", f"not {FLEET}:find(...)", stopped)
        await told_shortly(at)
        for process in processes(tmp_path / "home", "lanyard_routing.engine"):
            process.kill()


async def test_one_of_two_workers_down_is_said_in_the_status_line_with_the_next_step_in_the_fleet(tmp_path):
    async with ScriptedEndpoint(Script()) as second:
        await second.refuse()
        other = f'[[endpoints]]\nname = "gpu-2"\nurl = "{second.url}"\n'
        async with desk(tmp_path, Script(), config=other) as at:
            await at.server()
            fewer = "require('lanyard').status() == 'Lanyard 1 of 2 workers down'"
            await at.nvim.until("the word of it", fewer)
            await at.nvim.call("nvim_command", "Lanyard fleet")
            await at.has("ready, 1 of 2 workers down: ")
            await at.has(f"refuses connections at {second.url}; start the model server there")
            await second.accept()
            await at.nvim.place("  gpu-2  ")
            await at.nvim.keys("t")
            await at.nvim.until("all of it", "require('lanyard').status() == 'Lanyard'")
            await at.has("gpu-2  ready")


async def test_a_server_that_never_stays_is_given_up_with_one_line(tmp_path):
    async with desk(tmp_path, Script(rules=(FILL,))) as at:
        await at.server()
        broken = tmp_path / "broken"
        broken.write_text("#!/bin/sh\nexit 3\n")
        broken.chmod(0o755)
        await at.nvim.lua("require('lanyard.config').options.cmd = { ... }", str(broken))
        os.kill(at.pid(), signal.SIGKILL)
        await at.nvim.until("the last word", "require('lanyard').status():find('again and again') ~= nil")
        assert await at.nvim.told("again and again")
        await told_shortly(at)
        serve = [sys.executable, "-m", "lanyard_server", "serve"]
        await at.nvim.lua("require('lanyard.config').options.cmd = ...", serve)
        await at.nvim.lua("vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# edited while nothing served it' })")
        await at.nvim.call("nvim_command", "Lanyard restart")
        await at.server()
        await at.nvim.keys("Go<CR>free = ship")
        await at.nvim.until("ghost text", GHOST)
