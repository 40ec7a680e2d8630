"""What the Neovim plugin's help and annotations promise: every command, option and public function is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from support.neovim import PLUGIN, modern, neovim

MODULES = sorted((PLUGIN / "lua" / "lanyard").glob("*.lua"))
HELP = (PLUGIN / "doc" / "lanyard.txt").read_text()
PUBLIC = re.compile(r"^function M\.(\w+)\((.*)\)$")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_public_function_says_what_it_does_takes_and_gives(module: Path):
    lines = module.read_text().splitlines()
    assert lines[0].startswith("---"), "a module says what it owns"
    for number, line in enumerate(lines):
        found = PUBLIC.match(line)
        if not found:
            continue
        start = number
        while start and lines[start - 1].startswith("---"):
            start -= 1
        above = lines[start:number]
        where = f"{module.stem}.{found[1]}"
        assert above, f"{where} is not annotated"
        assert above[0].startswith("--- "), f"{where} does not say what it does"
        named = {each.split()[1].rstrip("?") for each in above if each.startswith("---@param")}
        taken = {each.strip() for each in found[2].split(",") if each.strip()}
        assert taken == named, f"{where}: annotated {named}, taken {taken}"
        body = "\n".join(lines[lines.index(line) + 1 :]).split("\nend\n")[0]
        gives = re.search(r"^  (?:  if .*\n    )?return \S", body, re.MULTILINE)
        assert not gives or any(each.startswith("---@return") for each in above), f"{where} gives something unsaid"


@pytest.mark.needs("nvim-modern")
async def test_the_help_has_every_command_and_option_and_its_tags_are_made(tmp_path):
    binary = modern()
    assert binary
    shutil.copytree(PLUGIN / "doc", tmp_path / "doc")
    async with neovim(binary, tmp_path, {}) as nvim:
        await nvim.call("nvim_command", f"helptags {tmp_path / 'doc'}")
        words = await nvim.lua("return require('lanyard.command').complete('', 'Lanyard ')")
        options = await nvim.lua(
            """local found = {}
            local function names(of, path)
              for name, value in pairs(of) do
                table.insert(found, name)
                if type(value) == 'table' and not vim.islist(value) then names(value, name) end
              end
            end
            names(require('lanyard.config').options, '')
            return found"""
        )
        text = HELP.replace("[range]", "")
    assert [word for word in words if not re.search(rf"^:Lanyard {word}\b", text, re.MULTILINE)] == []
    shown = HELP[HELP.index("*lanyard-options*") :]
    assert [name for name in options if not re.search(rf"\b{name} = ", shown)] == []
    tags = (tmp_path / "doc" / "tags").read_text()
    linked = set(re.findall(r"\|(lanyard-[\w-]+)\|", HELP))
    assert {name for name in linked if f"{name}\t" not in tags} == set()
