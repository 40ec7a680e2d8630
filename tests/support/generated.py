"""Files that are made from the settings model: written, or with `--check` compared with what stands there."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lanyard_server import settings_docs

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "extension" / "vscode" / "package.json"
FRONT_END = ("lanyard.path", "lanyard.args")
"""Settings that are the extension's own; the others are the server's."""


def extension_text() -> str:
    """The extension's manifest with the settings of the server's model."""
    manifest = json.loads(EXTENSION.read_text("utf-8"))
    configuration = manifest["contributes"]["configuration"]
    own = {key: value for key, value in configuration["properties"].items() if key in FRONT_END}
    configuration["properties"] = own | json.loads(settings_docs.vscode_text())
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


GENERATED = {
    ROOT / "docs" / "settings.md": settings_docs.docs_text,
    ROOT / "docs" / "settings.schema.json": settings_docs.schema_text,
    EXTENSION: extension_text,
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
