"""Files that are made from the settings model: written, or with `--check` compared with what stands there."""

from __future__ import annotations

import sys
from pathlib import Path

from lanyard_server import settings_docs

ROOT = Path(__file__).parents[2]
GENERATED = {
    ROOT / "docs" / "settings.md": settings_docs.docs_text,
    ROOT / "docs" / "settings.schema.json": settings_docs.schema_text,
}


def main() -> int:
    """Write or check; 1 where a file is not up to date."""
    stale = [path for path, make in GENERATED.items() if not path.exists() or path.read_text("utf-8") != make()]
    if "--check" not in sys.argv[1:]:
        for path in stale:
            path.write_text(GENERATED[path](), encoding="utf-8", newline="\n")
            print(f"written: {path.relative_to(ROOT)}")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not up to date; run: make generated", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
