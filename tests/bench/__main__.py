"""Runs the benchmarks one after the other: all of them, or those whose name holds a word given.

`python tests/bench` or `python tests/bench completion slices`. LSPBENCH names a folder with lspbench where the
editors' side is to be measured beside rivals. Figures are printed, never asserted: machines are noisy.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# Need data that is not in the repository, or minutes: run by hand.
BY_HAND = {"model", "context"}


def main(words: list[str]) -> int:
    """Run them; the number of those that failed."""
    failed = 0
    for script in sorted(HERE.glob("*/*.py")):
        name = script.relative_to(HERE).as_posix()
        wanted = any(word in name for word in words) if words else script.parent.name not in BY_HAND
        if wanted and "__main__" in script.read_text("utf-8"):
            print(f"\n== {name}", flush=True)
            failed += subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
