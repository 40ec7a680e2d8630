"""Where settings come from: defaults, then the user's file, then the editor's settings.

Owns reading, precedence, the source of each value, and the one line for each mistake. Total: whatever is wrong in a
file costs the key that it is in, no more.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from lanyard_routing import config, paths
from lanyard_server.exclusions import united
from lanyard_server.settings import OWN_SECTIONS, Section, Settings, is_editor_setting

DEFAULT = "default"
EDITOR = "editor"
ADDED_TO = frozenset({"privacy.ignore"})
"""Settings where the editor can only add to the user's file, and a folder's to the window's: a workspace must not take
protection away."""

_NOT_THE_EDITORS = "not taken from the editor, where a workspace could set it"

# Keys of the editor's settings that are the editor plugin's own.
_PLUGINS_OWN = frozenset({"trusted", "trace", "path", "server", "command", "args"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, the source of each value that is no default (`completion.enabled` → source), and what is wrong."""

    settings: Settings
    sources: Mapping[str, str]
    problems: tuple[str, ...]

    def source_of(self, key: str) -> str:
        """Where the value of a dotted key comes from."""
        return self.sources.get(key, DEFAULT)


@dataclass(slots=True)
class _Reading:
    values: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    sources: dict[str, str] = field(default_factory=dict[str, str])
    problems: list[str] = field(default_factory=list[str])
    added: dict[str, list[list[str]]] = field(default_factory=dict[str, list[list[str]]])

    def take(self, section: str, key: str, value: Any, source: str) -> None:
        name = f"{section}.{key}"
        if name in ADDED_TO:
            lists = self.added.setdefault(name, [])
            lists.append(value)
            value = united(*lists)
            before = self.sources.get(name, source)
            source = before if before.endswith(source) else f"{before}, {source}"
        self.values.setdefault(section, {})[key] = value
        self.sources[name] = source


def load(
    editor: Mapping[str, Any] | None = None, file: Path | None = None, *, folders: Iterable[Mapping[str, Any]] = ()
) -> Loaded:
    """The settings of this moment. `editor` is the editor's `lanyard` section; `file` replaces the user's file.

    `folders` are the same section as it is for single workspace folders: what they add to counts everywhere, the rest
    of them is not looked at.
    """
    file = file or paths.config_file()
    reading = _Reading()
    data, text = _read(file, reading)
    fleet, problems = config.parse(data, str(file), text=text)
    reading.problems += problems
    for section in config.SECTIONS:
        if section in data:
            reading.sources[section] = str(file)
    _take_file(data, text, file, reading)
    _take_editor(editor or {}, reading)
    for folder in folders:
        _take_editor(_additions(folder), reading)
    sections: dict[str, Any] = {
        name: OWN_SECTIONS[name].model_validate(values) for name, values in reading.values.items()
    }
    return Loaded(Settings(fleet=fleet, **sections), reading.sources, tuple(dict.fromkeys(reading.problems)))


def editor_section(raw: Any) -> Mapping[str, Any]:
    """The `lanyard` section of what an editor sent, whether it wrapped it in that name or not."""
    if not isinstance(raw, Mapping):
        return {}
    given = cast("Mapping[str, Any]", raw)
    inner = given.get("lanyard")
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else given


def _read(file: Path, reading: _Reading) -> tuple[dict[str, Any], str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return {}, ""
    except UnicodeDecodeError:
        reading.problems.append(f"{file}: is not UTF-8; it is ignored")
        return {}, ""
    except OSError as error:
        reading.problems.append(f"{file}: {error.strerror}; it is ignored")
        return {}, ""
    try:
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:  # beside tomllib's own: numbers too long, arrays too deep
        reading.problems.append(f"{_syntax_error(file, text, error)}; the file is ignored until that is put right")
        return {}, ""


def _syntax_error(file: Path, text: str, error: Exception) -> str:
    found = re.match(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error), re.DOTALL)
    if found is None:
        return f"{file}: {error}"
    line = found.group(2) or str(text.count("\n") + 1)
    message = found.group(1)
    return f"{file}:{line}: {message[:1].lower()}{message[1:]}"


def _take_file(data: Mapping[str, Any], text: str, file: Path, reading: _Reading) -> None:
    lines = text.splitlines()
    known = (*config.SECTIONS, *OWN_SECTIONS)
    for name, raw in data.items():
        place = f"{file}:{_line_of(lines, name) or 1}"
        if name in config.SECTIONS:
            continue
        section = OWN_SECTIONS.get(name)
        if section is None:
            reading.problems.append(f"{place}: unknown section [{name}]{_near(name, known)}")
            continue
        if not isinstance(raw, Mapping):
            reading.problems.append(f"{place}: [{name}] is no table; write [{name}] and its keys below it")
            continue
        for key, value in cast("Mapping[str, Any]", raw).items():
            where = f"{file}:{_line_of(lines, name, key) or _line_of(lines, name) or 1}"
            _take(reading, name, section, key, value, where=where, said=f"[{name}]: `{key}`")


def _take_editor(editor: Mapping[str, Any], reading: _Reading) -> None:
    for name, raw in editor.items():
        if name in _PLUGINS_OWN or raw is None:
            continue
        if name in config.SECTIONS:
            reading.problems.append(f"lanyard.{name}: {_NOT_THE_EDITORS}; write it in {paths.config_file()}")
            continue
        section = OWN_SECTIONS.get(name)
        if section is None or not isinstance(raw, Mapping):
            reading.problems.append(f"lanyard.{name}: unknown setting{_near(name, OWN_SECTIONS)}")
            continue
        for key, value in cast("Mapping[str, Any]", raw).items():
            if value is None:  # what an editor sends for a setting that the user has not touched
                continue
            said = f"lanyard.{name}.{key}:"
            if key in section.model_fields and not is_editor_setting(section, key):
                reading.problems.append(f"{said} {_NOT_THE_EDITORS}; write it in {paths.config_file()}")
                continue
            _take(reading, name, section, key, value, where=EDITOR, said=said)


def _additions(folder: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for setting in ADDED_TO:
        section, _, key = setting.partition(".")
        values = folder.get(section)
        if isinstance(values, Mapping) and key in values:
            found.setdefault(section, {})[key] = values[key]
    return found


def _take(reading: _Reading, name: str, section: type[Section], key: str, value: Any, *, where: str, said: str) -> None:
    prefix = "" if where == EDITOR else f"{where}: "
    if key not in section.model_fields:
        reading.problems.append(f"{prefix}{said} is no setting{_near(key, section.model_fields)}")
        return
    try:
        section.model_validate({key: value})
    except ValidationError as error:
        # The value is not repeated: it may be a key that got into the wrong place.
        message = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
        message = message.removeprefix("Value error, ").removeprefix("Input ")
        reading.problems.append(f"{prefix}{said} {message[:1].lower()}{message[1:]}; the default is used")
        return
    reading.take(name, key, value, where)


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else ""


def _line_of(lines: list[str], section: str, key: str | None = None) -> int:
    """The 1-based line of a section's header or of a key in it; 0 where it is not found. Good for a message only."""
    inside = False
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[+\s*([^\]\s]+)\s*\]+", line)
        if header:
            inside = header.group(1).split(".")[0].strip("\"'") == section
            if inside and (key is None or header.group(1) == f"{section}.{key}"):
                return number
        elif key is None:
            if re.match(rf"\s*[\"']?{re.escape(section)}[\"']?\s*[.=]", line):
                return number
        elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
            return number
    return 0
