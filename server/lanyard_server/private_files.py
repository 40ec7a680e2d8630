"""Writing files that hold code: readable by their user alone, whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal


def write_private(path: Path, content: str, mode: Literal["new", "replace"] = "replace") -> None:
    """Write a text file with mode 0600 in a folder with mode 0700.

    Raises FileExistsError where mode is "new" and the file is there, OSError where it cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if mode == "new" else os.O_TRUNC)
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace", newline="") as file:
        file.write(content)
