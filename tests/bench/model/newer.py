"""Files of a newer standard library that an older one does not have, as a held-out text.

    python tests/bench/model/newer.py BUILD LIB OLDER      # LIB: .../lib/python3.14; OLDER: .../lib/python3.11

Writes BUILD/evaluate-newer.jsonl. Owns the choice: new by path, cleaned as the training data is (docs/model/clean.py),
and no near copy of a file of the older library (moved code) or of BUILD/train.jsonl.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "docs/model"))
import clean

MOST_KNOWN = 0.15  # of a file's sketch; as between training files and held-out ones


def main(build: Path, newer: Path, older: Path) -> None:
    known, left = clean.NearCopies(), Counter[str]()
    for path in sorted(older.rglob("*.py")):
        if "site-packages" not in path.parts:
            known.add(clean.sketch(path.read_text("utf-8", "replace")))
    with (build / "train.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["path"].endswith(".py"):
                known.add(clean.sketch(row["text"]))
    rows: list[dict[str, str]] = []
    for path in sorted(newer.rglob("*.py")):
        name = path.relative_to(newer).as_posix()
        if not path.is_file() or (older / name).exists() or "test" in name:
            continue
        text = clean.scrub(path.read_text("utf-8"))
        reason = clean.refuse_path(name) or clean.refuse_text(text)
        if reason is None and known.overlap(clean.sketch(text)) > MOST_KNOWN:
            reason = "near copy of what is older or trained on"
        left[reason or "kept"] += 1
        if reason is None:
            rows.append({"project": "python-3.14", "path": name, "text": text})
    with (build / "evaluate-newer.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    print(dict(left), sum(len(row["text"]) for row in rows), "characters", [row["path"] for row in rows])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
