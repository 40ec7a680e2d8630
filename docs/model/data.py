"""Fetch the sources named in sources.toml and write the training and evaluation texts.

    python data.py download BUILD      # archives into BUILD, through pip and npm, by exact version
    python data.py build BUILD         # BUILD/train.jsonl, evaluate.jsonl, evaluate-other.jsonl, data-report.json

A line is a file: `project`, `path`, `language`, `text`; those of one project stand together. Deterministic: same
versions in, same bytes out. Owns selection; what a clean file is, is clean.py's and languages.py's.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import archives
import clean
import languages
import registries

HERE = Path(__file__).parent
CAPS = {  # characters of one language that one project may give; keeps large ones from setting the style of all
    "python": 1_700_000,
    "javascript": 700_000,
    "typescript": 700_000,
    "rust": 450_000,
    "c": 450_000,
    "cpp": 450_000,
}
RARE_CAP = 2_500_000  # of a language that few packages carry
HELD_OUT_CAP = 700_000
INTERPRETER_CAP = 7_000_000
TEST_SHARE = 0.1  # of a cap that tests may take
SPARE = 1.25  # of a cap that is prepared, since copies are found afterwards
TRAIN_OVERLAP = 0.5  # a file that shares more than this with an earlier one is a copy
HELD_OUT_OVERLAP = 0.15


@dataclass(frozen=True, slots=True)
class Text:
    """A clean file. ``values`` is its sketch, ``digest`` that of its characters without white space."""

    path: str
    language: str
    text: str
    values: tuple[int, ...]
    digest: bytes


def sources() -> dict[str, Any]:
    """The parsed sources.toml; refuses (ValueError) a licence outside its allowed set."""
    table = tomllib.loads((HERE / "sources.toml").read_text("utf-8"))
    for package in [table["interpreter"], *table["package"]]:
        options = [part.split(" AND ") for part in package["licence"].split(" OR ")]
        if not any(all(name.strip("() ") in table["allowed"] for name in option) for option in options):
            raise ValueError(f"{package.get('name', 'interpreter')}: licence {package['licence']} is not allowed")
    return table


def by_hash(*parts: str) -> bytes:
    return hashlib.sha256("/".join(parts).encode()).digest()


def wanted_languages(entry: dict[str, Any]) -> set[str]:
    """Those the entry names; else Python of a wheel, and all but Python of the others, whose wheels are named too."""
    if "languages" in entry:
        return set(entry["languages"])
    python = entry.get("from", "wheel") in {"wheel", "interpreter"}
    return {"python"} if python else set(languages.SUFFIXES.values()) - {"python"}


def cap(entry: dict[str, Any], language: str) -> int:
    """Characters of one language that one project may give."""
    if "cap" in entry:
        return entry["cap"]
    if entry["use"] == "evaluate":
        return HELD_OUT_CAP
    return CAPS.get(language, RARE_CAP)


def prepare(build: Path, entry: dict[str, Any]) -> tuple[list[Text], Counter[str]]:
    """Clean files of one project in an order by hash, a little more than its caps allow, and what was left out."""
    kept, report = list[Text](), Counter[str]()
    taken, tests = Counter[str](), Counter[str]()
    files = {path: raw for path, raw in archives.files(build, entry) if languages.language_of(path) is not None}
    for path, raw in sorted(files.items(), key=lambda file: by_hash(entry["name"], file[0])):
        language = languages.language_of(path) or ""
        if language not in wanted_languages(entry):
            continue
        limit, test = cap(entry, language), entry["use"] == "train" and languages.is_test(path)
        if taken[language] > limit * SPARE:
            report[f"{language}: over the project's cap"] += 1
            continue
        if test and tests[language] > limit * TEST_SHARE:
            report[f"{language}: tests over their share"] += 1
            continue
        text, reason = accept(path, raw, language)
        if reason is not None:
            report[f"{language}: {reason}"] += 1
            continue
        digest, values = hashlib.sha256("".join(text.split()).encode()).digest(), clean.sketch(text)
        if entry["use"] == "train":
            text = clean.shorten_docstrings(text) if language == "python" else languages.shorten_comments(text)
        taken[language] += len(text)
        tests[language] += len(text) if test else 0
        kept.append(Text(path, language, text, values, digest))
    return kept, report


def accept(path: str, raw: bytes, language: str) -> tuple[str, str | None]:
    """The cleaned text, or the reason why the file is left out."""
    python = language == "python"
    if reason := (clean if python else languages).refuse_path(path):
        return "", reason
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "", "not UTF-8"
    if not python and (reason := languages.refuse_text(text)):
        return "", reason  # before the head that says so is taken out
    text = clean.scrub(text) if python else clean.mask(languages.scrub_comments(clean.trim(text)))
    reason = clean.refuse_text(text) if len(text) > 1 else "size"
    if reason is None and not (clean.parses(text) if python else languages.parses(text, language)):
        reason = "does not parse"
    return text, reason


class Selection:
    """Decides which prepared files are new; held-out ones come first, so that copies of them stay out of training."""

    def __init__(self) -> None:
        self._held, self._seen, self._exact = clean.NearCopies(), clean.NearCopies(), set[bytes]()
        self.report: Counter[str] = Counter()

    def take(self, entry: dict[str, Any], texts: list[Text]) -> Iterator[Text]:
        """Files of one project that are no copies, up to its caps."""
        taken, held_out = Counter[str](), entry["use"] == "evaluate"
        for text in texts:
            if taken[text.language] >= cap(entry, text.language):
                reason = "over the project's cap"
            elif text.digest in self._exact:
                reason = "exact copy"
            elif not held_out and self._held.overlap(text.values) > HELD_OUT_OVERLAP:
                reason = "near copy of a held-out file"
            elif (self._held if held_out else self._seen).overlap(text.values) > TRAIN_OVERLAP:
                reason = "near copy"
            else:
                self._exact.add(text.digest)
                (self._held if held_out else self._seen).add(text.values)
                taken[text.language] += len(text.text)
                kind = "held out" if held_out else "training"
                self.report[f"{text.language}: kept, {kind}"] += 1
                self.report[f"{text.language}: characters, {kind}"] += len(text.text)
                yield text
                continue
            self.report[f"{text.language}: {reason}"] += 1


def build(out: Path) -> None:
    """Write the text sets: held-out projects first, by name; then those for training, by hash, languages mixed."""
    table = sources()
    library = {"name": "interpreter", "from": "interpreter", "use": "train", "cap": INTERPRETER_CAP}
    held = sorted((p for p in table["package"] if p["use"] == "evaluate"), key=lambda p: p["name"])
    train = sorted((p for p in table["package"] if p["use"] == "train"), key=lambda p: by_hash(p["name"]))
    entries, selection, sizes = [*held, library, *train], Selection(), dict[str, int]()
    names = ("train.jsonl", "evaluate.jsonl", "evaluate-other.jsonl")
    streams = {name: (out / f"{name}.tmp").open("w", encoding="utf-8") for name in names}
    with ProcessPoolExecutor(2) as pool:
        for entry, (texts, refused) in zip(entries, pool.map(partial(prepare, out), entries), strict=True):
            selection.report.update(refused)
            for text in selection.take(entry, texts):
                python = text.language == "python"
                name = "train.jsonl" if entry["use"] == "train" else names[1] if python else names[2]
                line = {"project": entry["name"], "path": text.path, "language": text.language, "text": text.text}
                streams[name].write(json.dumps(line) + "\n")
                key = f"{entry['name']} {text.language}"
                sizes[key] = sizes.get(key, 0) + len(text.text)
    for name, stream in streams.items():
        stream.close()
        (out / f"{name}.tmp").replace(out / name)
    digests = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in names}
    report = {
        "sha256": digests,
        "files": dict(sorted(selection.report.items())),
        "characters": dict(sorted(sizes.items())),
    }
    (out / "data-report.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report["files"], indent=1))


if __name__ == "__main__":
    if sys.argv[1] == "download":
        registries.download(Path(sys.argv[2]), sources()["package"])
    else:
        build(Path(sys.argv[2]))
