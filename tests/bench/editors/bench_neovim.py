"""What Neovim's start costs with the plugin: by its own `--startuptime`, with and without, in turns in one run.

Needs a Neovim of 0.10 or newer (`.ci/get-nvim`); without one it says so and ends well. STARTS: starts of each kind,
60 unless set. `enabled` has `vim.lsp.enable` in its init.lua, which loads Neovim's own client: its rival enables a
server that is two lines of Lua. Times in milliseconds, medians; a file's own is the line of `sourcing` in the log.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.neovim import PLUGIN, modern

STARTS = int(os.environ.get("STARTS", "60"))
LINE = re.compile(r"^(?P<clock>[\d.]+)  (?P<all>[\d.]+)(?:  (?P<own>[\d.]+))?: (?P<what>.+)$")


def start(binary: str, folder: Path, init: str) -> tuple[float, float]:
    """One start: milliseconds until the end of it, and those in the files of the plugin."""
    (folder / "init.lua").write_text(init)
    log = folder / "log"
    log.unlink(missing_ok=True)
    subprocess.run(
        [binary, "--headless", "-i", "NONE", "-n", "-u", str(folder / "init.lua"), "--startuptime", str(log), "+qall!"],
        env={**os.environ, **{f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "DATA", "STATE", "CACHE")}},
        check=True,
        capture_output=True,
    )
    whole = own = 0.0
    for found in filter(None, map(LINE.match, log.read_text().splitlines())):
        if "NVIM STARTED" in found["what"]:
            whole = float(found["clock"])
        elif str(PLUGIN) in found["what"] or re.search(r"require\('lanyard", found["what"]):
            own += float(found["own"] or found["all"])
    return whole, own


def main() -> None:
    """Print medians."""
    binary = modern()
    if binary is None:
        print("needs a Neovim of 0.10 or newer: bash .ci/get-nvim .tools/nvim")
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        bare = folder / "bare" / "lsp"
        bare.mkdir(parents=True)
        (bare / "bare.lua").write_text("return { cmd = { 'bare' },\n  filetypes = { 'python' } }\n")
        path = "vim.opt.runtimepath:prepend('{}')\n".format
        kinds = {
            "without": path(folder / "bare"),
            "with": path(PLUGIN),
            "bare enabled": path(folder / "bare") + "vim.lsp.enable('bare')\n",
            "enabled": path(PLUGIN) + "vim.lsp.enable('lanyard')\n",
        }
        seen: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
        for _ in range(STARTS):
            for kind, init in kinds.items():
                seen[kind].append(start(binary, folder, init))
    wholes = {kind: statistics.median(whole for whole, _ in times) for kind, times in seen.items()}
    owns = {kind: statistics.median(own for _, own in times) for kind, times in seen.items()}
    for kind in kinds:
        print(f"{kind:13} {wholes[kind]:7.2f} ms until it has started, {owns[kind]:5.2f} ms in the plugin's own files")
    for words, kind, rival in (
        ("plugin on the runtimepath", "with", "without"),
        ("enabled, against a bare one", "enabled", "bare enabled"),
    ):
        # Round by round: two starts one after the other see the same machine.
        more = statistics.median(one[0] - other[0] for one, other in zip(seen[kind], seen[rival], strict=True))
        print(f"{words:27} {more:6.2f} ms more   (bar 2)")


if __name__ == "__main__":
    main()
