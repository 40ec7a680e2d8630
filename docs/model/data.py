"""Fetch the sources named in sources.toml and write the training and evaluation texts.

    python data.py download BUILD      # wheels into BUILD/wheels, through pip, by exact version
    python data.py build BUILD         # BUILD/train.jsonl, BUILD/evaluate.jsonl, BUILD/data-report.json

Deterministic: same versions in, same bytes out. Owns selection; what a clean file is, is clean.py's.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clean

HERE = Path(__file__).parent
PROJECT_CAP = 700_000  # characters of one project; keeps large ones from setting the style of all
INTERPRETER_CAP = 6_000_000
TRAIN_OVERLAP = 0.5  # a file that shares more than this with an earlier one is a copy
HELD_OUT_OVERLAP = 0.15


def sources() -> dict[str, Any]:
    """The parsed sources.toml; refuses (ValueError) a licence outside its allowed set."""
    table = tomllib.loads((HERE / "sources.toml").read_text("utf-8"))
    for package in [table["interpreter"], *table["package"]]:
        options = [part.split(" AND ") for part in package["licence"].split(" OR ")]
        if not any(all(name.strip("() ") in table["allowed"] for name in option) for option in options):
            raise ValueError(f"{package.get('name', 'interpreter')}: licence {package['licence']} is not allowed")
    return table


def download(build: Path) -> None:
    """Fetch each wheel through the ordinary client; raises CalledProcessError when one cannot be had."""
    wanted = [f"{p['name']}=={p['version']}" for p in sources()["package"]]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "-d", str(build / "wheels"), *wanted], check=True)


def wheel_files(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                yield name, archive.read(name)


def library_files() -> Iterator[tuple[str, bytes]]:
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        yield path.relative_to(root).as_posix(), path.read_bytes()


def find_wheel(build: Path, name: str, version: str) -> Path:
    for path in (build / "wheels").glob("*.whl"):
        parts = path.name.split("-")
        if parts[0].replace("_", "-").replace(".", "-").lower() == name and parts[1] == version:
            return path
    raise FileNotFoundError(f"{name} {version}: run `python data.py download {build}` first")


def build(out: Path) -> None:
    """Write the two text sets, held-out projects first so that copies of them are kept out of training."""
    table = sources()
    report: Counter[str] = Counter()
    held, seen, exact = clean.NearCopies(), clean.NearCopies(), set[bytes]()
    entries = sorted(table["package"], key=lambda p: (p["use"] != "evaluate", p["name"]))
    library = {"name": "interpreter", "use": "train", "cap": INTERPRETER_CAP}
    with open(out / "train.jsonl", "w") as train, open(out / "evaluate.jsonl", "w") as evaluate:
        for entry in [
            *(e for e in entries if e["use"] == "evaluate"),
            library,
            *(e for e in entries if e["use"] == "train"),
        ]:
            files = (
                library_files() if entry is library else wheel_files(find_wheel(out, entry["name"], entry["version"]))
            )
            ordered = sorted(files, key=lambda f: hashlib.sha256(f"{entry['name']}/{f[0]}".encode()).digest())
            left, held_out = entry.get("cap", PROJECT_CAP), entry["use"] == "evaluate"
            for path, raw in ordered:
                if left <= 0:
                    report["over the project's cap"] += 1
                    continue
                text, reason = accept(path, raw)
                if reason is None and (digest := hashlib.sha256("".join(text.split()).encode()).digest()) in exact:
                    reason = "exact copy"
                if reason is None:
                    values = clean.sketch(text)
                    if not held_out and held.overlap(values) > HELD_OUT_OVERLAP:
                        reason = "near copy of a held-out file"
                    elif (held if held_out else seen).overlap(values) > TRAIN_OVERLAP:
                        reason = "near copy"
                if reason is not None:
                    report[reason] += 1
                    continue
                exact.add(digest)
                (held if held_out else seen).add(values)
                if not held_out:
                    text = clean.shorten_docstrings(text)
                left -= len(text)
                report["kept, held out" if held_out else "kept, training"] += 1
                report["characters, held out" if held_out else "characters, training"] += len(text)
                line = json.dumps({"project": entry["name"], "path": path, "text": text})
                (evaluate if held_out else train).write(line + "\n")
    (out / "data-report.json").write_text(json.dumps(dict(sorted(report.items())), indent=1))
    print((out / "data-report.json").read_text())


def accept(path: str, raw: bytes) -> tuple[str, str | None]:
    """The cleaned text, or the reason why the file is left out."""
    if reason := clean.refuse_path(path):
        return "", reason
    try:
        text = clean.scrub(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return "", "not UTF-8"
    reason = clean.refuse_text(text) if len(text) > 1 else "size"
    if reason is None and not clean.parses(text):
        reason = "does not parse"
    return text, reason


if __name__ == "__main__":
    {"download": download, "build": build}[sys.argv[1]](Path(sys.argv[2]))
