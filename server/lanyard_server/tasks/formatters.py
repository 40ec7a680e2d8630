"""Formatting what a model wrote as the project formats.

Owns the table of formatters and their running: only programs on this table, found on PATH (never in the
workspace), fed by stdin, and only those that run no code of the workspace. Prettier and the like load
configuration that is code; they are left out on purpose.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Formatter:
    """A program that formats stdin to stdout; used where one of `marks` stands in the file's folder or above.

    A mark is a file name, or `file:text` for a file that must hold the text. No marks: the language has one style.
    """

    program: str
    args: tuple[str, ...]
    languages: tuple[str, ...]
    marks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The program's name, for the user."""
        return Path(self.program).stem


FORMATTERS = (
    Formatter(
        "ruff",
        ("format", "--no-cache", "--quiet", "--stdin-filename", "{path}", "-"),
        ("python",),
        ("ruff.toml", ".ruff.toml", "pyproject.toml:[tool.ruff"),
    ),
    Formatter("black", ("--quiet", "--stdin-filename", "{path}", "-"), ("python",), ("pyproject.toml:[tool.black",)),
    Formatter("gofmt", (), ("go",)),
    Formatter("rustfmt", ("--edition", "2021", "--emit", "stdout"), ("rust",)),
    Formatter("clang-format", ("--assume-filename={path}",), ("c", "cpp", "java", "csharp"), (".clang-format",)),
    Formatter("stylua", ("--stdin-filepath", "{path}", "-"), ("lua",), ("stylua.toml", ".stylua.toml")),
    Formatter("shfmt", ("--filename", "{path}", "-"), ("bash",), (".editorconfig",)),
)


@dataclass(frozen=True, slots=True)
class Formatted:
    """The formatted content, or None with a clause that says why it was left as it is."""

    content: str | None
    clause: str


async def format_like_project(path: Path, root: Path, language: str, before: str | None, after: str) -> Formatted:
    """Format `after` where the project's formatter leaves `before` as it is (or the file is new).

    A file that was not formatted stays so: a proposal changes what was asked for and nothing else.
    """
    formatter = await asyncio.to_thread(find_formatter, path, root, language)
    if formatter is None:
        return Formatted(None, "")
    if before is not None and await _run(formatter, path, root, before) != before:
        return Formatted(None, f"not formatted: the file does not follow {formatter.name}")
    content = await _run(formatter, path, root, after)
    if content is None:
        return Formatted(None, f"not formatted: {formatter.name} failed")
    return Formatted(content, f"formatted with {formatter.name}")


def find_formatter(path: Path, root: Path, language: str) -> Formatter | None:
    """The formatter that the project uses for this file and that this machine has, its program as an absolute path.

    None where there is none. Reads the disk.
    """
    for formatter in FORMATTERS:
        if language in formatter.languages and _marked(formatter, path, root):
            found = shutil.which(formatter.program)
            program = Path(found).resolve() if found else None
            if program is not None and not program.is_relative_to(root.resolve()):
                return replace(formatter, program=str(program))
    return None


def _marked(formatter: Formatter, path: Path, root: Path) -> bool:
    if not formatter.marks:
        return True
    for folder in path.parents:
        for mark in formatter.marks:
            name, _, text = mark.partition(":")
            try:
                if (folder / name).is_file() and (not text or text in (folder / name).read_text("utf-8", "replace")):
                    return True
            except OSError:
                continue
        if folder == root:
            break
    return False


async def _run(formatter: Formatter, path: Path, root: Path, content: str) -> str | None:
    args = [arg.replace("{path}", str(path)) for arg in formatter.args]
    try:
        data = content.encode()
        process = await asyncio.create_subprocess_exec(
            formatter.program,
            *args,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=root if os.name == "posix" else None,  # rustfmt looks for its configuration there
        )
    except (OSError, UnicodeEncodeError):
        return None
    try:
        async with asyncio.timeout(_LIMIT_S):
            out, _ = await process.communicate(data)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return out.decode() if process.returncode == 0 and out else None
    except UnicodeDecodeError:
        return None
