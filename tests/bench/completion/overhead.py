"""What Lanyard adds to an inline completion, beside bare pygls and the least that Python can do, in one run.

    LSPBENCH=/path/to/lspbench python tests/bench/completion/overhead.py

Overhead is LSP request in → model request out, plus the model's last byte in → LSP response out, against a stub model
server that answers at once, in a 3,000-line file. Bar: p50 ≤ 3 ms, p95 ≤ 6 ms on a quiet machine; on a busy one only
the ratios to the others in the same run say anything. `lspbench` (compare) does the measuring; this script only
makes its table of servers and reads its result. Other rivals, such as tabby-agent, go into a file given with --rivals.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BAR_P50_MS, BAR_P95_MS = 3.0, 6.0
CONFIG = """\
[[endpoints]]
name = "stub"
url = "{STUB}"
dialect = "llamacpp"
capabilities = ["completion"]

[completion]
debounce_ms = 0
"""


def servers(command: str) -> list[dict[str, Any]]:
    """The servers to compare, in lspbench's form."""
    python = sys.executable
    return [
        {
            "name": "lanyard",
            "kind": "inline",
            "cmd": shlex.split(command),
            "env": {"LANYARD_HOME": "{HOME}/lanyard", "LANYARD_CONFIG": "{HOME}/config.toml"},
            "files": {"{HOME}/config.toml": CONFIG},
        },
        {"name": "pygls bare", "kind": "inline", "cmd": [python, "{HERE}/pygls_peer.py", "{STUB}"]},
        {"name": "pygls bare stream", "kind": "inline", "cmd": [python, "{HERE}/pygls_peer.py", "{STUB}", "stream"]},
        {"name": "floor", "kind": "inline", "cmd": [python, "{HERE}/floor_server.py", "{STUB}"]},
    ]


def main() -> int:
    """Run the comparison; 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--lines", type=int, default=3000)
    parser.add_argument("--command", default=f"{sys.executable} -m lanyard_server serve")
    parser.add_argument("--rivals", type=Path, help="a peers.json with more servers")
    arguments = parser.parse_args()
    bench = Path(os.environ.get("LSPBENCH", ""), "lspbench.py")
    if not bench.is_file():
        print("set LSPBENCH to the folder of lspbench.py", file=sys.stderr)
        return 2
    peers = servers(arguments.command) + (json.loads(arguments.rivals.read_text()) if arguments.rivals else [])
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder, "peers.json"), Path(folder, "out.json")
        table.write_text(json.dumps(peers))
        counts = ["-n", str(arguments.n), "--rounds", str(arguments.rounds), "--warm", "20"]
        size = ["--lines", str(arguments.lines), "--json", str(out)]
        subprocess.run([sys.executable, str(bench), "compare", str(table), *counts, *size], check=True)
        summary = overheads(json.loads(out.read_text()))
    if "lanyard" not in summary:
        print("lanyard answered nothing: see the messages above", file=sys.stderr)
        return 1
    mine = summary["lanyard"]
    for name, (p50, p95) in summary.items():
        ratios = f"{mine[0] / p50:5.2f} and {mine[1] / p95:5.2f} times"
        print(f"{name:20} p50 {p50:6.2f} ms  p95 {p95:6.2f} ms  lanyard: {ratios}")
    passed = mine[0] <= BAR_P50_MS and mine[1] <= BAR_P95_MS
    print(f"bar: p50 <= {BAR_P50_MS} ms, p95 <= {BAR_P95_MS} ms: {'passed' if passed else 'missed'}")
    return 0 if passed else 1


def overheads(result: Any) -> dict[str, tuple[float, float]]:
    """Server → (p50, p95) of the overhead in milliseconds, from lspbench's JSON."""
    return {row["name"]: (row["over_ms"]["p50"], row["over_ms"]["p95"]) for row in result["rows"] if row["requests"]}


if __name__ == "__main__":
    sys.exit(main())
