"""Every kind of secret is found and put back, and clean code stays as it is.

The secrets are put together here, at test time, so that no file of the project holds one.
"""

from __future__ import annotations

import random
import string
import sys
import sysconfig
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from lanyard_analyzers.redact import find_secrets, redact

DATA = tomllib.loads((Path(__file__).parents[2] / "data/secrets/kinds.toml").read_text(encoding="utf-8"))
ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digit": string.digits,
    "alnum": string.ascii_letters + string.digits,
    "ALNUM": string.ascii_uppercase + string.digits,
    "loweralnum": string.ascii_lowercase + string.digits,
    "b64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "-_",
    "b32": string.ascii_uppercase + "234567",
    "b32low": string.ascii_lowercase + "234567",
}


def made(parts: list[str], dice: random.Random) -> str:
    """The secret of a row; its first and last characters are letters or digits, as in nearly all real ones."""
    whole = ""
    for part in parts:
        if not part.startswith("<"):
            whole += part
            continue
        alphabet, _, length = part.strip("<>").partition(":")
        if alphabet == "uuid":
            whole += "-".join("".join(dice.choices(ALPHABETS["hex"], k=n)) for n in (8, 4, 4, 4, 12))
            continue
        body = dice.choices(ALPHABETS[alphabet], k=int(length))
        body[0] = body[-1] = dice.choice([c for c in ALPHABETS[alphabet] if c.isalnum()])
        body[len(body) // 2], body[len(body) // 3] = ("7", "4") if alphabet != "upper" else body[:2]
        whole += "".join(body)
    return whole


ROWS = DATA["secret"]
SEEDS = 5


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row['kind']}" for n, row in enumerate(ROWS)])
def test_found_hidden_and_restored(row: dict[str, object]) -> None:
    for seed in range(SEEDS):
        secret = made(list(row["parts"]), random.Random(seed))  # type: ignore[call-overload]
        before, _, after = str(row.get("in", 'x = "@"')).partition("@")
        text = f"import os\n{before}{secret}{after}\nprint(1)\n"
        hidden, redactions = redact(text)
        assert secret not in hidden
        assert hidden.count("\n") == text.count("\n")
        assert hidden.startswith("import os\n")
        assert redactions.restore(hidden) == text
        kinds = {found.kind for found in find_secrets(text)}
        assert row["kind"] in kinds or kinds & {"assignment", "authorization-header", "url-password"}


def test_at_least_forty_kinds_are_recognised_by_their_own_rule() -> None:
    """In a place that says nothing, the form alone gives most kinds away."""
    found: set[str] = set()
    for row in ROWS:
        secret = made(row["parts"], random.Random(1))
        before, _, after = row.get("in", "@").partition("@")
        found |= {each.kind for each in find_secrets(f"{before}{secret}{after}")} & {row["kind"]}
    missing = {row["kind"] for row in ROWS} - found
    assert missing == set()
    assert len(found) >= 100


@pytest.mark.parametrize("line", DATA["clean"].strip().splitlines())
def test_clean_line(line: str) -> None:
    assert find_secrets(line) == ()


def test_rate_of_false_positives_on_the_standard_library() -> None:
    """Under 1 find in 10,000 lines of the running interpreter's own library, tests and key files left out.

    Every find counts as false. The library's few e-mail and network modules hold real sample passwords, so the true
    rate is lower.
    """
    lines, hits = scan(Path(sysconfig.get_path("stdlib")), 400)
    print(lines, hits)
    assert lines > 100_000
    assert sum(hits.values()) / lines < 1 / 10_000


def scan(root: Path, most: int) -> tuple[int, Counter[str]]:
    lines, hits = 0, Counter[str]()
    skipped = {"site-packages", "test", "tests", "idlelib", "lib2to3", "__pycache__"}
    paths = sorted(path for path in root.rglob("*.py") if not skipped & set(path.relative_to(root).parts))
    for path in paths[:: max(1, len(paths) // most)]:
        text = path.read_text(encoding="utf-8", errors="replace")
        lines += text.count("\n")
        hits.update(secret.kind for secret in find_secrets(text))
    return lines, hits


if __name__ == "__main__":  # the figures of the docstring of `lanyard_analyzers.redact`
    for each in sys.argv[1:]:
        total, kinds = scan(Path(each), 10**6)
        print(each, total, "lines", sum(kinds.values()), "finds", dict(kinds))
