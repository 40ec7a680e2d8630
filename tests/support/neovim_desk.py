"""The sample project on a desk: in Neovim, with the plugin, the real server and a scripted worker."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from lanyard_routing.testing.script import Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.neovim import Neovim, modern, neovim
from support.shop import PATIENT, SAMPLE


def processes(home: Path, words: str) -> list[psutil.Process]:
    """Our processes that keep their files there and have these words in their command line."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get("LANYARD_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE
            if ours and words in " ".join(process.cmdline()):
                found.append(process)
    return found


@dataclass
class Desk:
    nvim: Neovim
    endpoint: ScriptedEndpoint
    root: Path
    home: Path

    def pid(self) -> int:
        """The server's. What it starts has its words until it runs a program of its own."""
        parents: dict[int, int] = {}
        for process in processes(self.home, "lanyard_server serve"):
            with contextlib.suppress(psutil.Error):
                parents[process.pid] = process.ppid()
        [server] = [pid for pid, parent in parents.items() if parent not in parents]
        return server

    async def difference(self) -> None:
        """Refactor `shipping` and open the difference of what comes."""
        await self.nvim.place("def shipping")
        await self.nvim.call("nvim_command", "Lanyard refactor")
        await self.nvim.until("the proposal", "#vim.diagnostic.get(0) > 0")
        await self.nvim.call("nvim_command", "Lanyard diff")
        await self.nvim.until("the diff", "vim.api.nvim_buf_get_name(0):find('^lanyard://') ~= nil")

    async def text(self, buffer: str = "0") -> str:
        """The text of a buffer, named by a Lua expression."""
        return str(
            await self.nvim.lua(f"return table.concat(vim.api.nvim_buf_get_lines({buffer}, 0, -1, false), '\\n')")
        )

    async def has(self, piece: str) -> None:
        """Wait until the buffer at hand holds a piece of text."""
        await self.nvim.until(f"the text {piece}", "vim.fn.search([[\\V]] .. ..., 'nw') > 0", piece)

    async def server(self) -> int:
        """Wait for the server and its fleet; the server's pid."""
        ready = "(function() local c = vim.lsp.get_clients({ name = 'lanyard' })[1] return c and c.initialized end)()"
        await self.nvim.until("the server", ready)
        await self.nvim.until("the fleet", "(require('lanyard.status').get() or {}).state == 'idle'")
        return self.pid()


@asynccontextmanager
async def desk(
    tmp_path: Path, script: Script | None, options: str = "{}", config: str = "", worker: str = ""
) -> AsyncGenerator[Desk]:
    """The sample project in Neovim with one scripted worker; without a script there is none, and the engine serves.

    `options` are the plugin's, as Lua; `config` is more of the user's configuration file, `worker` more lines of that
    endpoint. Without these it does all that there is to do, and the engine is off.
    """
    root, home = tmp_path / "shop", tmp_path / "home"
    shutil.copytree(SAMPLE, root)
    (root / ".git").mkdir()
    file = home / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    binary = modern()
    assert binary is not None
    async with ScriptedEndpoint(script) as endpoint:
        own = f'[[endpoints]]\nname = "gpu-1"\nurl = "{endpoint.url}"\nsize = "large"\n{worker}'
        alone = own if worker else f"[engine]\nenabled = false\n{own}"
        file.write_text(f"{PATIENT}{config}{alone if script is not None else ''}")
        async with neovim(binary, tmp_path, {"LANYARD_HOME": str(home)}) as nvim:
            await nvim.lua(
                "require('lanyard').setup(vim.tbl_deep_extend('force', { cmd = ... }, " + options + "))",
                [sys.executable, "-m", "lanyard_server", "serve"],
            )
            await nvim.call("nvim_command", f"edit {root}/shop/orders.py")
            await nvim.call("nvim_command", "set filetype=python indentexpr= noautoindent")
            yield Desk(nvim, endpoint, root, home)


GHOST = """(function()
  local found = {}
  for name, id in pairs(vim.api.nvim_get_namespaces()) do
    if name == 'lanyard.ghost' or name == 'nvim.lsp.inline_completion' then
      for _, m in ipairs(vim.api.nvim_buf_get_extmarks(0, id, 0, -1, { details = true })) do
        local text = m[4].virt_text and m[4].virt_text[1][1] or ''
        for _, line in ipairs(m[4].virt_lines or {}) do text = text .. '\\n' .. line[1][1] end
        table.insert(found, text)
      end
    end
  end
  return #found > 0 and found[1] or false
end)()"""

NOTES = """(function()
  local found = {}
  for name, id in pairs(vim.api.nvim_get_namespaces()) do
    if vim.startswith(name, 'lanyard.') then
      for _, m in ipairs(vim.api.nvim_buf_get_extmarks(0, id, 0, -1, { details = true })) do
        local note = {}
        for _, line in ipairs(m[4].virt_lines or {}) do table.insert(note, line[1][1]) end
        if #note > 0 then table.insert(found, table.concat(note, ' ')) end
      end
    end
  end
  return found[#found] or false
end)()"""
