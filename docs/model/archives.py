"""Read the source files of downloaded packages: wheels, sdists, npm packages and the interpreter's own library.

Owns where an archive lies in BUILD and how its files are named. Must not select, clean or run anything of them.
"""

from __future__ import annotations

import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDERS = {"wheel": "wheels", "sdist": "sdists", "npm": "packs"}
LARGEST = 200_000  # bytes; no file over this can pass the limit on characters


def files(build: Path, entry: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Path within the project and bytes of each file; raises FileNotFoundError where it was not downloaded."""
    kind = entry.get("from", "wheel")
    if kind == "interpreter":
        yield from _library()
    elif kind == "wheel":
        yield from _wheel(find(build, entry))
    else:
        yield from _tarball(find(build, entry))


def find(build: Path, entry: dict[str, Any]) -> Path:
    """The archive of an entry of sources.toml."""
    kind = entry.get("from", "wheel")
    folder, wanted = build / FOLDERS[kind], (_plain(entry["name"]), entry["version"])
    if kind == "npm":
        path = folder / f"{entry['name'].lstrip('@').replace('/', '-')}-{entry['version']}.tgz"
        if path.exists():
            return path
    else:
        for path in sorted(folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")):
            stem = path.name.removesuffix(".tar.gz")
            name, version = stem.split("-")[:2] if kind == "wheel" else stem.rsplit("-", 1)
            if (_plain(name), version) == wanted:
                return path
    raise FileNotFoundError(f"{entry['name']} {entry['version']}: run `python data.py download {build}` first")


def _plain(name: str) -> str:
    return name.replace("_", "-").replace(".", "-").lower()


def _wheel(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir() and info.file_size <= LARGEST:
                yield info.filename, archive.read(info)


def _tarball(path: Path) -> Iterator[tuple[str, bytes]]:
    """Regular files only, without the folder that holds them all."""
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and member.size <= LARGEST and (stream := archive.extractfile(member)) is not None:
                yield member.name.partition("/")[2], stream.read()


def _library() -> Iterator[tuple[str, bytes]]:
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        yield path.relative_to(root).as_posix(), path.read_bytes()
