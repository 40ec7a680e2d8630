"""The Neovim plugin in a real Neovim with the real server. The model is scripted: its replies must be known."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from lanyard_routing.testing.script import Fault, Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.neovim import modern, neovim
from support.neovim_desk import desk
from support.shop import NEW_SHIPPING, ORDERS, SAMPLE

pytestmark = pytest.mark.needs("nvim-modern")

REVIEW = json.dumps(
    {"findings": [{"quote": '    f = open(path, "a")', "severity": "warning", "message": "It is never closed."}]}
)
SAVED = """\
def save_order(cart: Cart, path: Path, seen: list[str] = []) -> str:
    \"\"\"Append the cart as an order; returns its number.\"\"\"
    number = f"{len(seen) + 1:06d}"
    seen.append(number)
    with open(path, "a") as f:
        f.write(json.dumps({"number": number, "lines": cart.lines, "total": cart.total().cents}))
    return number
"""
TESTS = """\
```python
from shop.money import Money
from shop.orders import shipping


def test_abroad():
    assert shipping(Money(1), "FR") == Money(1990)
```
"""


async def test_findings_of_a_review_are_diagnostics(tmp_path):
    async with desk(tmp_path, Script(rules=(Rule(match="Review", say=Say(text=REVIEW)),))) as at:
        await at.server()
        await at.nvim.place("def save_order")
        await at.nvim.call("nvim_command", "Lanyard review")
        found = await at.nvim.until("a finding", "#vim.diagnostic.get(0) > 0 and vim.diagnostic.get(0)")
        assert [(ORDERS[d["lnum"]], d["message"]) for d in found] == [
            ('    f = open(path, "a")', "It is never closed.")
        ]


async def test_a_proposal_is_looked_at_and_taken_hunk_by_hunk(tmp_path):
    script = Script(rules=(Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```")),))
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.place("def shipping")
        await at.nvim.call("nvim_command", "Lanyard refactor")
        await at.nvim.told("Apply it from the quick fixes")
        assert await at.nvim.lines() == ORDERS
        await at.nvim.until("the proposal", "#vim.diagnostic.get(0) > 0")
        await at.nvim.call("nvim_command", "Lanyard diff")
        await at.nvim.until("the diff", "vim.api.nvim_buf_get_name(0):find('^lanyard://') ~= nil")
        assert any("else 490" in line for line in await at.nvim.lines())
        assert await at.nvim.lua("return vim.wo.diff and vim.wo.winbar:find('parsed') ~= nil")
        await at.nvim.keys("A")
        await at.nvim.until("the edit", "vim.fn.search('else 490', 'nw') > 0 and vim.bo.buftype == ''")
        await at.nvim.until("the proposal to go", "#vim.diagnostic.get(0) == 0")
        await at.nvim.keys("u")
        await at.nvim.until("undone", "vim.fn.search('else 490', 'nw') == 0")
        assert await at.nvim.lines() == ORDERS


async def test_one_hunk_of_two_is_taken(tmp_path):
    body = list(ORDERS)
    start = next(i for i, line in enumerate(body) if line.startswith("def shipping"))
    end = next(i for i in range(start + 1, len(body)) if body[i] and not body[i][0].isspace())
    target = body[start:end]
    while target and not target[-1].strip():
        target.pop()
    new = [target[0], "    # first", *target[1:-1], target[-1], "    # last"]
    script = Script(rules=(Rule(match="Refactor", say=Say(text="```python\n" + "\n".join(new) + "\n```")),))
    async with desk(tmp_path, script) as at:
        await at.server()
        # Unsaved changes are no hindrance, nor are those that come while the difference is shown.
        await at.nvim.lua("vim.api.nvim_buf_set_lines(0, -1, -1, false, { '# unsaved' })")
        await at.difference()
        await at.has("# unsaved")
        await at.nvim.keys("<C-w>hGofree = 1<Esc><C-w>l")
        await at.has("free = 1")
        await at.nvim.place("# last")
        await at.nvim.keys("a")
        text = "table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('orders.py'), 0, -1, false), '\\n')"
        await at.nvim.until("one hunk", f"{text}:find('# last', 1, true) ~= nil")
        assert "# first" not in await at.nvim.lua(f"return {text}")
        await at.nvim.keys("A")
        await at.nvim.until("the other", f"{text}:find('# first', 1, true) ~= nil")


async def test_two_projects_each_with_its_own_server_and_a_file_of_windows_with_an_odd_name(tmp_path):
    script = Script(rules=(Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```")),))
    async with desk(tmp_path, script) as at:
        await at.server()
        other = tmp_path / "an other"
        shutil.copytree(at.root, other)
        file = other / "shop" / "[slug] 100%.py"
        file.write_bytes("\r\n".join(ORDERS).encode())  # no line end after the last line; Neovim writes one
        await at.nvim.lua("vim.cmd.edit(vim.fn.fnameescape(...)) vim.bo.filetype = 'python'", str(file))
        servers = "#vim.lsp.get_clients({ name = 'lanyard' }) == 2"
        await at.nvim.until("its own server", f"{servers} and #vim.lsp.get_clients({{ bufnr = 0 }}) == 1")
        await at.difference()
        proposed = await at.nvim.lines()
        assert "    return Money(0 if total.cents >= 5000 else 490)" in proposed
        assert not [line for line in proposed if line.endswith("\r")]
        await at.nvim.call("nvim_command", "tabfirst")
        await at.nvim.call("nvim_command", "Lanyard diff")
        await at.nvim.until("the diff again", "vim.api.nvim_buf_get_name(0):find('^lanyard://') ~= nil")
        assert await at.nvim.lua("return #vim.api.nvim_list_tabpages()") == 2
        await at.nvim.keys("A")
        await at.nvim.until("the edit", "vim.fn.search('else 490', 'nw') > 0 and vim.bo.buftype == ''")
        assert await at.nvim.lua("return vim.v.errmsg") == ""
        await at.nvim.call("nvim_command", "write")
        written = file.read_bytes()
        assert written.count(b"\r\n") == written.count(b"\n") == len(ORDERS) - 2


async def test_an_inline_edit_streams_is_accepted_and_undone_in_one_step(tmp_path):
    say = Say(text=f"```python\n{NEW_SHIPPING}```", gate="late", gate_after=14)
    async with desk(tmp_path, Script(rules=(Rule(match="shorter", say=say),))) as at:
        await at.server()
        await at.nvim.lua("vim.keymap.set('n', '<CR>', function() _G.pressed = true end, { buffer = true })")
        await at.nvim.place("def shipping")
        await at.nvim.call("nvim_command", "setlocal foldmethod=indent foldenable foldlevel=0")
        await at.nvim.lua("vim.cmd('.+1Lanyard edit make it shorter')")
        assert await at.nvim.lua("return vim.fn.foldclosed(vim.fn.line('.') + 1)") == -1
        await at.nvim.keys("<Esc>")
        # From a mapping that leaves the selection as it is: its lines, and then the keys of the edit.
        await at.nvim.lua("vim.keymap.set('x', 'gl', '<Cmd>Lanyard edit make it shorter<CR>')")
        await at.nvim.keys("2jvkgl")
        shown = "require('lanyard.edit').get(vim.api.nvim_get_current_buf())"
        await at.nvim.until("an edit of two lines", f"({shown} or {{}}).count == 2")
        await at.nvim.keys("<Esc>")
        await at.nvim.until("no edit", f"{shown} == nil")
        await at.nvim.place("def shipping")
        await at.nvim.lua("vim.cmd('Lanyard edit make it shorter')")
        streamed = "#(require('lanyard.edit').get(vim.api.nvim_get_current_buf()) or { lines = {} }).lines"
        await at.nvim.until("the first line", f"{streamed} > 0")
        assert await at.nvim.lines() == ORDERS
        at.endpoint.open_gate("late")
        await at.nvim.until("the result", "require('lanyard.edit').get(vim.api.nvim_get_current_buf()).result ~= nil")
        await at.nvim.lua("vim.bo.modifiable = false")
        await at.nvim.keys("<CR>")
        await at.nvim.told("cannot be changed")
        await at.nvim.lua("vim.bo.modifiable = true")
        await at.nvim.keys("<CR>")
        await at.nvim.until("the edit", "vim.fn.search('else 490', 'nw') > 0")
        await at.nvim.keys("u")
        await at.nvim.until("undone", "vim.fn.search('else 490', 'nw') == 0")
        assert await at.nvim.lines() == ORDERS
        await at.nvim.keys("<CR>")
        await at.nvim.until("the key's own meaning", "_G.pressed")


async def test_an_inline_edit_is_discarded_and_its_stream_closed(tmp_path):
    script = Script(rules=(Rule(match="shorter", say=Say(text="```python\nx = 1\n```", fault=Fault.HANG_MIDDLE)),))
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.place("def shipping")
        await at.nvim.lua("vim.cmd('Lanyard edit make it shorter')")
        await at.endpoint.until(lambda: len(at.endpoint.streams) == 1)
        await at.nvim.keys("<Esc>")
        await at.endpoint.until(lambda: at.endpoint.streams[0].ended)
        assert await at.nvim.lua("return require('lanyard.edit').get(vim.api.nvim_get_current_buf()) == nil")
        assert await at.nvim.lines() == ORDERS
        await at.nvim.lua("vim.cmd('Lanyard edit make it shorter')")
        await at.endpoint.until(lambda: len(at.endpoint.streams) == 2)
        await at.nvim.call("nvim_command", "bwipeout!")
        await at.endpoint.until(lambda: at.endpoint.streams[1].ended)
        assert await at.nvim.lua("return vim.v.errmsg") == ""


_CLIPBOARD = """
vim.g.clipboard = {
  name = 'test',
  copy = { ['+'] = function(lines) _G.clipboard = lines end, ['*'] = function() end },
  paste = { ['+'] = function() return { {}, 'v' } end, ['*'] = function() return { {}, 'v' } end },
}
vim.o.clipboard = 'unnamedplus'
"""


async def test_chat_answers_in_a_buffer_about_the_lines_that_were_selected(tmp_path):
    script = Script(rules=(Rule(match="why", say=Say(text="Because of `Money`.")),))
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.call("nvim_command", "3,5Lanyard chat")
        await at.nvim.until("the chat", "vim.bo.filetype == 'markdown'")
        await at.nvim.until(
            "its context", "vim.api.nvim_get_current_line():find('@shop/orders.py:3-5', 1, true) ~= nil"
        )
        await at.nvim.keys("why<Esc><CR>")
        answered = (
            "table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n'):find('Because of `Money`.', 1, true)"
        )
        await at.nvim.until("the answer", f"{answered} ~= nil")
        assert ORDERS[3] in at.endpoint.streams[-1].text
        assert "Workspace edit" not in await at.nvim.lua("return vim.fn.execute('messages')")
        # Its code, into the register that the next `p` takes it from.
        await at.nvim.lua(_CLIPBOARD)
        await at.nvim.keys("Go```<CR>x = 1<CR>```<Esc>kgy")
        await at.nvim.told("1 lines yanked")
        assert await at.nvim.lua("return _G.clipboard") == ["x = 1", ""]
        # The question may come with the command, and the lines from a mapping that leaves the selection as it is.
        await at.nvim.call("nvim_command", "wincmd p")
        await at.nvim.lua("vim.keymap.set('x', 'gl', function() vim.cmd.Lanyard('chat', 'why  so,\\n[then]?') end)")
        await at.nvim.keys("5GVkkgl")
        await at.has("## Lanyard")
        await at.nvim.until("the answer", f"{answered} ~= nil")
        assert (await at.nvim.lines())[2:4] == ["@shop/orders.py:3-5 why  so,", "[then]?"]
        assert ORDERS[3] in at.endpoint.streams[-1].text
        assert await at.nvim.lua("return vim.fn.mode()") == "n"


async def test_the_fleet_view_shows_workers_and_follows_changes(tmp_path):
    async with desk(tmp_path, Script()) as at:
        await at.server()
        await at.nvim.call("nvim_command", "Lanyard fleet")
        text = "table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"
        await at.nvim.until("the worker", f"{text}:find('gpu%-1  ready  local') ~= nil")
        await at.nvim.place("gpu-1  ready")
        await at.nvim.keys("d")
        await at.nvim.until("the drained worker", f"{text}:find('gpu%-1  drained') ~= nil")
        await at.nvim.keys("d")
        await at.nvim.until("the worker again", f"{text}:find('gpu%-1  ready') ~= nil")
        await at.nvim.call("nvim_command", "only")
        await at.nvim.keys("q")
        await at.nvim.until("another buffer in the last window", "vim.bo.filetype ~= 'lanyard-fleet'")
        assert await at.nvim.lua("return vim.v.errmsg") == ""


async def test_a_task_is_explained_and_cancelled_in_the_fleet(tmp_path):
    script = Script(rules=(Rule(match="Review", say=Say(text=REVIEW, fault=Fault.HANG_BEFORE)),))
    async with desk(tmp_path, script) as at:
        await at.server()
        await at.nvim.place("def shipping")
        await at.nvim.call("nvim_command", "Lanyard review")
        await at.nvim.call("nvim_command", "Lanyard fleet")
        await at.has("running   Review shipping  at gpu-1")
        await at.nvim.place("running   Review shipping")
        await at.nvim.keys("w")
        floating = """(function()
          for _, one in ipairs(vim.api.nvim_list_wins()) do
            if vim.api.nvim_win_get_config(one).relative ~= '' then
              return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(one), 0, -1, false), ' ')
            end
          end
        end)()"""
        assert "chosen: " in await at.nvim.until("why there", floating)
        await at.nvim.keys("x")
        await at.has("cancelled Review shipping")
        await at.endpoint.until(lambda: at.endpoint.streams[0].ended)


async def test_commands_complete_and_an_unknown_one_is_said_to_be(tmp_path):
    async with desk(tmp_path, Script()) as at:
        found = await at.nvim.call("nvim_exec_lua", "return vim.fn.getcompletion('Lanyard re', 'cmdline')", [])
        assert found == ["refactor", "restart", "review"]
        await at.nvim.call("nvim_command", "Lanyard frobnicate")
        assert ":help :Lanyard" in await at.nvim.told("frobnicate")


async def test_each_command_does_its_work(tmp_path):
    first = ORDERS.index(next(line for line in ORDERS if line.startswith("def shipping")))
    documented = "\n".join([ORDERS[first], '    """The price of a parcel."""', *ORDERS[first + 2 : first + 7], ""])
    rules = (
        Rule(match="Explain", say=Say(text="It asks where the parcel goes.")),
        Rule(match="documentation comment", say=Say(text=f"```python\n{documented}```")),
        Rule(match="has this problem", say=Say(text=f"```python\n{SAVED}```")),
        Rule(match="Review", say=Say(text=REVIEW)),
        Rule(match="Write tests", say=Say(text=TESTS)),
    )
    async with desk(tmp_path, Script(rules=rules)) as at, ScriptedEndpoint(Script()) as second:
        await at.server()
        await at.nvim.place("def shipping")
        await at.nvim.call("nvim_command", "Lanyard tests")
        await at.nvim.until("the proposal", "#vim.diagnostic.get(0) > 0")
        await at.nvim.call("nvim_command", "Lanyard diff")
        await at.has("def test_abroad")
        await at.nvim.keys("x")
        await at.nvim.until("no proposal", "vim.fn.expand('%:t') == 'orders.py' and #vim.diagnostic.get(nil) == 0")
        await at.nvim.call("nvim_command", "Lanyard document")
        await at.nvim.until("the proposal", "#vim.diagnostic.get(0) > 0")
        await at.nvim.call("nvim_command", "Lanyard diff")
        await at.has("The price of a parcel")
        await at.nvim.keys("q")
        await at.nvim.until("it stays", "vim.fn.expand('%:t') == 'orders.py' and #vim.diagnostic.get(0) > 0")
        await at.nvim.place("def save_order")
        await at.nvim.call("nvim_command", "Lanyard review")
        await at.nvim.until("a finding", "#vim.diagnostic.get(0) > 1")
        await at.nvim.place("f = open")
        await at.nvim.call("nvim_command", "Lanyard fix")
        assert "It is never closed" in await at.nvim.told("^Fix: .*quick fixes")
        await at.nvim.place("def shipping")
        await at.nvim.call("nvim_command", "Lanyard explain")
        shown = """(function(text)
          for _, one in ipairs(vim.api.nvim_list_wins()) do
            local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(one), 0, -1, false)
            if vim.tbl_contains(lines, text) then return true end
          end
        end)(...)"""
        await at.nvim.until("the explanation in a window", shown, "It asks where the parcel goes.")
        await at.nvim.call("nvim_command", f"Lanyard add {second.url}")
        await at.nvim.told("is ready")
        await at.nvim.call("nvim_command", "Lanyard tasks")
        await at.has(second.url.rpartition("/")[2])
        await at.has("done      Explain shipping")
        await at.nvim.call("nvim_command", "Lanyard log")
        assert await at.nvim.lua("return vim.fn.expand('%:t'):find('lsp.*log') ~= nil")
        assert await at.nvim.lines(await at.nvim.lua("return vim.fn.bufnr(...)", f"{at.root}/shop/orders.py")) == ORDERS


async def test_neovims_own_enable_is_all_that_is_needed(tmp_path):
    root, binary = tmp_path / "shop", modern()
    assert binary
    shutil.copytree(SAMPLE, root)
    (root / ".git").mkdir()
    # Not on the PATH, but where uv and pipx put it.
    programs = tmp_path / ".local" / "bin"
    programs.mkdir(parents=True)
    (programs / "lanyard").symlink_to(Path(sys.executable).with_name("lanyard"))
    environment = {"LANYARD_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": os.defpath}
    async with neovim(binary, tmp_path, environment) as nvim:
        if not await nvim.lua("return vim.lsp.enable ~= nil"):
            pytest.skip("this Neovim has no vim.lsp.enable")
        await nvim.lua("vim.lsp.config('lanyard', { on_attach = function() _G.mine = true end })")
        await nvim.lua("vim.lsp.enable('lanyard')")
        await nvim.call("nvim_command", f"edit {root}/shop/orders.py")
        await nvim.call("nvim_command", "set filetype=python")
        served = "#vim.lsp.get_clients({ name = 'lanyard', bufnr = 0 }) == 1"
        await nvim.until("the server", served)
        await nvim.until("its word", "(require('lanyard.status').get() or {}).state == 'idle'")
        assert await nvim.lua("return require('lanyard').status()") == "Lanyard"
        # What the user does when it is there comes besides.
        assert await nvim.lua("return _G.mine and not require('lanyard.keep').coming()")
        assert await nvim.lua("return vim.fn.maparg('<Tab>', 'i', false, true).desc") == "Lanyard suggestion"
        # Nothing starts again what the user stops, however it is done.
        await nvim.lua("vim.lsp.get_clients({ name = 'lanyard' })[1]:stop(true)")
        await nvim.until("its end", "#vim.lsp.get_clients() == 0 and require('lanyard').status() == ''")
        assert not await nvim.lua("return require('lanyard.keep').coming()")
        assert await nvim.messages() == []


async def test_checkhealth_says_what_the_doctor_says(tmp_path):
    async with desk(tmp_path, Script()) as at:
        await at.server()
        await at.nvim.call("nvim_command", "checkhealth lanyard")
        text = "\n".join(await at.nvim.lines())
        assert "the server serves 1 buffer" in text
        assert re.search(rf"OK lanyard \d\S+, {sys.executable}\n", text)
        assert "ERROR" not in text.split("doctor")[0]


async def test_starting_neovim_loads_one_small_file(tmp_path):
    async with desk(tmp_path, Script()) as at:
        loaded = "vim.tbl_filter(function(n) return vim.startswith(n, 'lanyard') end, vim.tbl_keys(package.loaded))"
        assert await at.nvim.lua(f"return #{loaded} > 0")
    binary = modern()
    assert binary
    async with neovim(binary, tmp_path, {}) as fresh:
        assert await fresh.lua(f"return {loaded}") == []
        assert await fresh.lua("return vim.fn.exists(':Lanyard')") == 2
