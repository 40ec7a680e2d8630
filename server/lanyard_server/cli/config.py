"""`lanyard config`: the file's place, the values with their sources, the schema, the check."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from lanyard_server.terminal import say, say_aside

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lanyard_server.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Look at the configuration and check it.")

_File = Annotated[Path | None, typer.Argument(help="Another file than your own.", show_default=False)]


@app.command()
def path() -> None:
    """Print where your configuration file is, whether it exists or not."""
    from lanyard_routing.paths import config_file

    say(str(config_file()))


@app.command()
def show(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the sources beside the values.")] = False,
) -> None:
    """Print every setting with its value and where it comes from."""
    from lanyard_server.settings_sources import load

    loaded = load()
    rows = [(key, _plain(value), loaded.source_of(key)) for key, value in _flat(loaded.settings)]
    if as_json:
        say(json.dumps({key: {"value": value, "source": source} for key, value, source in rows}, indent=2))
    else:
        width = max(len(key) + len(_toml(value)) for key, value, _ in rows if len(_toml(value)) < 60) + 5
        for key, value, source in rows:
            line = f"{key} = {_toml(value)}"
            say(f"{line:<{width}} # {source}")
    for problem in loaded.problems:
        say_aside(problem)


class Form(StrEnum):
    """What `lanyard config schema` prints."""

    JSON_SCHEMA = "json-schema"
    DOCS = "docs"
    VSCODE = "vscode"


@app.command()
def schema(
    form: Annotated[Form, typer.Option(help="The JSON schema, the documentation, or the extension's part.")] = (
        Form.JSON_SCHEMA
    ),
) -> None:
    """Print the JSON schema of the configuration file."""
    from lanyard_server import settings_docs

    made = {
        Form.JSON_SCHEMA: settings_docs.schema_text,
        Form.DOCS: settings_docs.docs_text,
        Form.VSCODE: settings_docs.vscode_text,
    }
    say(made[form](), end="")


@app.command()
def validate(file: _File = None) -> None:
    """Check the configuration file; exit code 1 where something is wrong with it."""
    from lanyard_routing.paths import config_file
    from lanyard_server.settings_sources import load

    file = file or config_file()
    if not file.exists():
        say(f"{file} does not exist; the defaults are used.")
        return
    problems = load(file=file).problems
    for problem in problems:
        say_aside(problem)
    if problems:
        raise typer.Exit(1)
    say(f"{file} is in order.")


def _flat(settings: Settings) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [(name, getattr(settings.fleet, name)) for name in type(settings.fleet).model_fields]
    for section in type(settings).model_fields:
        if section != "fleet":
            part: BaseModel = getattr(settings, section)
            rows += [(f"{section}.{key}", getattr(part, key)) for key in type(part).model_fields]
    return rows


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in cast("Sequence[Any]", value)]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in cast("dict[Any, Any]", value).items()}
    return value


def _toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in cast("dict[str, Any]", value).items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in cast("list[Any]", value)) + "]"
    return json.dumps(value, ensure_ascii=False)
