"""Ghost text of the Neovim plugin in a real Neovim with the real server. The model is scripted."""

from __future__ import annotations

import pytest

from lanyard_routing.testing.script import Rule, Say, Script
from support.neovim_desk import GHOST, desk
from support.shop import ORDERS

pytestmark = pytest.mark.needs("nvim-modern")


@pytest.mark.parametrize("options", ["{}", "{ ghost = { builtin = true } }"], ids=["own", "builtin"])
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("<Tab>", "free = shipping(Money(9900), country)"),
        ("<C-Right>", "free = shipping"),
        ("<C-Down>", "free = shipping(Money(9900), country)"),
    ],
    ids=["whole", "word", "line"],
)
async def test_ghost_text_is_shown_and_taken(tmp_path, options, key, expected):
    script = Script(rules=(Rule(form="fill", say=Say(text="ping(Money(9900), country)")),))
    async with desk(tmp_path, script, options) as at:
        if "builtin" in options and not await at.nvim.lua("return vim.lsp.inline_completion ~= nil"):
            pytest.skip("this Neovim has no inline completion of its own")
        await at.server()
        await at.nvim.keys("Go<CR>free = ship")
        shown = await at.nvim.until("ghost text", GHOST)
        assert shown == "ping(Money(9900), country)"
        assert (await at.nvim.lines())[-1] == "free = ship"
        await at.nvim.keys(key)
        await at.nvim.until("the text", "vim.api.nvim_get_current_line() == ...", expected)
        await at.nvim.keys("<Esc>u")
        await at.nvim.until("what was taken undone, and no more", "vim.api.nvim_get_current_line() == 'free = ship'")
        await at.nvim.keys("A")
        await at.nvim.until("ghost text", GHOST)
        await at.nvim.keys("<C-]>")
        await at.nvim.until("nothing", f"not {GHOST}")
        await at.nvim.keys("<Tab>")
        await at.nvim.until("a key with nothing to take", "vim.api.nvim_get_current_line():find('^free = ship%s+$')")


async def test_ghost_text_among_other_things_that_happen_while_one_types(tmp_path):
    rules = (
        Rule(form="fill", match="tabbed", say=Say(text="\tship(1)")),
        Rule(form="fill", say=Say(text="ping(Money(9900), country)")),
    )
    async with desk(tmp_path, Script(rules=rules)) as at:
        nvim = at.nvim
        line = "vim.api.nvim_get_current_line() == ..."
        await at.server()
        await nvim.lua("vim.o.completeopt = 'menuone,noselect'")
        await nvim.keys("Gofree = ship")
        await nvim.until("ghost text", GHOST)
        # Two words by two keys that nothing comes between; the rest stays shown.
        await nvim.keys("<C-Right><C-Right>")
        await nvim.until("two words", line, "free = shipping(")
        assert await nvim.lua(f"return {GHOST}") == "Money(9900), country)"
        # What is typed along is not suggested any more, and nothing blinks.
        await nvim.keys("M")
        await nvim.until("the rest", f"{GHOST} == ...", "oney(9900), country)")
        await nvim.keys("<Tab>")
        await nvim.until("all of it", line, "free = shipping(Money(9900), country)")
        await nvim.keys("<Esc>ccfree = ship")
        await nvim.until("ghost text", GHOST)
        await nvim.keys("<Tab>")
        await nvim.until("all of it", line, "free = shipping(Money(9900), country)")
        await nvim.keys(" # 日本<Esc>")
        # What was taken is repeated with the rest of what was typed.
        await nvim.keys("j.")
        await nvim.until("it again", line, "free = shipping(Money(9900), country) # 日本")
        # The popup menu is open: the ghost text is the one for what stands there now.
        await nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)", ORDERS)
        await nvim.keys("Gofree = shi<C-n>")
        await nvim.until("the menu", "vim.fn.pumvisible() == 1")
        await nvim.keys("p")
        await nvim.until("the menu, and ghost text", f"vim.fn.pumvisible() == 1 and {GHOST}")
        shown = await nvim.lua(f"return {GHOST}")
        await nvim.keys("<Tab>")
        await nvim.until("what was shown", line, f"free = ship{shown}")
        await nvim.until("no menu", "vim.fn.pumvisible() == 0")
        await nvim.keys("<Esc>")
        await nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)", ORDERS)
        await nvim.keys("Gofree = ship")
        await nvim.until("ghost text", GHOST)
        await nvim.keys("<C-n><C-n>")
        fits = f"{line} and {GHOST} ~= 'ing(Money(9900), country)'"
        await nvim.until("an entry of the menu, without what does not fit behind it", fits, "free = shipping")
        await nvim.keys("<Esc>")
        # A tab in the first line stands where it would stand in the text.
        await nvim.lua("vim.bo.tabstop = 4")
        await nvim.keys("Gotabbed = 1;")
        shown = await nvim.until("ghost text", GHOST)
        assert "\t" not in shown
        assert shown.split("ship")[0] == " " * (4 - len("tabbed = 1;") % 4)
        await nvim.keys("<Tab>")
        await nvim.until("it with its tab", line, "tabbed = 1;\tship(1)")
        await nvim.keys("<Esc>")
        # Where the cursor is beyond the end of its line nothing is shown: it would be drawn elsewhere, for elsewhere.
        await nvim.lua("vim.o.virtualedit = 'all'")
        await nvim.keys("Gofree = ship<Esc>")
        await nvim.keys("A")
        await nvim.until("ghost text", GHOST)
        await nvim.keys("<Right><Right>")
        await nvim.until("none there", f"not {GHOST} and vim.fn.getcurpos()[4] == 2")
        await nvim.call("nvim_command", "Lanyard complete")
        await nvim.told("the cursor is beyond it")
        await nvim.keys("ship")
        await nvim.until("ghost text where there is text now", f"{line} and {GHOST}", "free = ship  ship")
        await nvim.keys("<Esc>ccfree = ship<Esc>")
        await nvim.lua("vim.o.virtualedit = ''")
        # A macro has the keys: while one is recorded nothing is shown that would be taken by one.
        await nvim.keys("qqA")
        await nvim.until("recording", "vim.fn.reg_recording() == 'q' and vim.fn.mode() == 'i'")
        await nvim.call("nvim_command", "Lanyard complete")
        await nvim.told("a macro is recorded")
        await nvim.keys("<Tab>x<Esc>q")
        await nvim.until("recorded", "vim.fn.reg_recording() == '' and vim.fn.getreg('q') == 'A\\tx\\27'")
        was = await nvim.lua("return vim.api.nvim_get_current_line()")
        assert was.split("ship")[1].strip() == "x"
        await nvim.keys("ccfree = ship<Esc>@q")
        await nvim.until("the same again", line, was)
        await nvim.call("nvim_command", "Lanyard complete")
        assert "Insert mode" in await nvim.told("Suggestions are for Insert")
        await nvim.call("nvim_command", "colorscheme habamax")
        assert await nvim.lua("return vim.api.nvim_get_hl(0, { name = 'LanyardGhost' }).link") == "Comment"


async def test_other_suggestions_are_gone_through_by_key_and_one_is_put_away(tmp_path):
    first, other = "ping(Money(9900), country)", 'ping(Money(100), "FR")'
    rules = (Rule(form="fill", seed=1, say=Say(text=other)), Rule(form="fill", say=Say(text=first)))
    async with desk(tmp_path, Script(rules=rules)) as at:
        await at.server()
        await at.nvim.keys("Go<CR>free = ship")
        await at.nvim.until("ghost text", f"{GHOST} == ...", first)
        await at.nvim.keys("<M-]>")
        await at.nvim.until("another", f"{GHOST} == ...", other)
        await at.nvim.keys("<M-[>")
        await at.nvim.until("the one before", f"{GHOST} == ...", first)
        await at.nvim.keys("<C-]>")
        await at.nvim.until("nothing", f"not {GHOST}")
        assert (await at.nvim.lines())[-1] == "free = ship"
        await at.nvim.lua("vim.cmd('Lanyard complete')")
        await at.nvim.until("ghost text by hand", f"{GHOST} == ...", first)
        await at.nvim.keys("<M-]>")
        await at.nvim.until("another", f"{GHOST} == ...", other)
        await at.nvim.keys("<Tab>")
        await at.nvim.until("the text", "vim.api.nvim_get_current_line() == ...", f"free = ship{other}")


async def test_a_key_with_nothing_to_take_does_what_it_always_does(tmp_path):
    async with desk(tmp_path, Script(rules=(Rule(form="fill", say=Say(text="")),))) as at:
        # Another buffer that the same server serves from its start on, with a mapping of its own.
        await at.nvim.call("nvim_command", f"split {at.root}/shop/money.py")
        await at.nvim.call("nvim_command", "inoremap <buffer> <expr> <Tab> 'own' . 1")
        await at.nvim.call("nvim_command", "set filetype=python | wincmd p")
        await at.server()
        both = "vim.tbl_count(vim.lsp.get_clients({ name = 'lanyard' })[1].attached_buffers) == 2"
        await at.nvim.until("both buffers", both)
        await at.nvim.lua("vim.bo.expandtab = false")
        await at.nvim.keys("Go<Tab>x<Esc>")
        await at.nvim.until("the tab", "vim.api.nvim_get_current_line() == '\\tx'")
        # What others map, and some of it when ours was there already.
        await at.nvim.lua("vim.keymap.set('i', '<Plug>(mine)', 'plug') vim.cmd('iabbrev teh the')")
        changes = "vim.api.nvim_buf_set_lines(0, 0, 1, false, { 'changed' })"
        for mapping, typed in (
            ('inoremap <expr> <Tab> pumvisible() ? "\\<C-n>" : "expr"', "expr"),
            ("imap <silent><expr> <Tab> 0 ? '<Plug>(mine)' : '<Tab>'", "\t"),
            ("imap <Tab> <Plug>(mine)", "plug"),
            (f"lua vim.keymap.set('i', '<Tab>', function() {changes} end)", ""),
            ("lua vim.keymap.set('i', '<Tab>', function() return '<C-v>u00e9' end, { expr = true })", "é"),
            ("iunmap <Tab>", "\t"),
        ):
            await at.nvim.call("nvim_command", mapping)
            await at.nvim.keys("Go<Tab>|<Esc>")
            await at.nvim.until(mapping, "vim.api.nvim_get_current_line() == ...", f"{typed}|")
        assert (await at.nvim.lines())[0] == "changed"
        await at.nvim.keys("Goteh<Tab><Esc>")
        await at.nvim.until("an abbreviation", "vim.api.nvim_get_current_line() == 'the\\t'")
        await at.nvim.keys("ccteh<C-]>!<Esc>")
        await at.nvim.until("an abbreviation by its key", "vim.api.nvim_get_current_line() == 'the!'")
        await at.nvim.call("nvim_command", "wincmd p")
        await at.nvim.keys("Go<Tab>|<Esc>")
        await at.nvim.until("the buffer's own", "vim.api.nvim_get_current_line() == 'own1|'")
        assert await at.nvim.lua("return vim.v.errmsg") == ""


async def test_completion_plugins_get_the_suggestion_as_an_item_where_ghost_text_is_off(tmp_path):
    script = Script(rules=(Rule(form="fill", say=Say(text="ping(Money(9900), country)")),))
    async with desk(tmp_path, script, "{ ghost = { enable = false } }") as at:
        await at.server()
        await at.nvim.lua("vim.bo.omnifunc = 'v:lua.vim.lsp.omnifunc'")
        await at.nvim.keys("Go<CR>free = ship<C-x><C-o>")
        await at.nvim.until(
            "the menu", "vim.fn.pumvisible() == 1 or vim.api.nvim_get_current_line():find('Money') ~= nil"
        )
        await at.nvim.keys("<C-y>")
        await at.nvim.until("the text", "vim.api.nvim_get_current_line() == 'free = shipping(Money(9900), country)'")
