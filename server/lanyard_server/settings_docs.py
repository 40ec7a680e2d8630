"""The JSON schema of the configuration file and its documentation, both made from the settings model.

Owns their form. A test fails where the committed files differ from what this module makes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lanyard_routing.config import FleetConfig
from lanyard_server.settings import OWN_SECTIONS, Section, Settings, is_editor_setting

_HEAD = """# Settings

Lanyard reads one TOML file; `lanyard config path` prints where it is, `lanyard config show` every value with its
source, and `lanyard config validate` what is wrong with it. Nothing has to be set.

Precedence: defaults, then the file, then the editor's settings (`lanyard.*`). Because the editor's settings may come
from a workspace, only those marked *editor* are taken from there; endpoints, network, programs and models never are.

This page is made from the settings model by `lanyard config schema --form docs`; a test compares them.
"""

_TYPES = {"integer": "whole number", "number": "number", "boolean": "`true`, `false`", "string": "text"}
_LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}
_VSCODE_KEYS = ("minimum", "maximum", "exclusiveMinimum", "enum", "items", "additionalProperties")

Mark = Callable[[str], str]


def json_schema() -> dict[str, Any]:
    """The JSON schema of the configuration file (draft 2020-12)."""
    schema = Settings.model_json_schema()
    properties: dict[str, Any] = schema["properties"]
    definitions: dict[str, Any] = schema["$defs"]
    del properties["fleet"]
    fleet: dict[str, Any] = definitions.pop("FleetConfig")["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lanyard's configuration file",
        "type": "object",
        "additionalProperties": False,
        "properties": {**fleet, **properties},
        "$defs": definitions,
    }


def vscode_properties() -> dict[str, Any]:
    """What belongs under `contributes.configuration.properties` of the VS Code extension's package.json.

    The default is null, "not set here", so that the editor's defaults do not override the user's file.
    """
    made: dict[str, Any] = {}
    for name, section in OWN_SECTIONS.items():
        schema = section.model_json_schema()
        for key, field in section.model_fields.items():
            if not is_editor_setting(section, key):
                continue
            given = _resolved(schema["properties"][key], schema.get("$defs", {}))
            made[f"lanyard.{name}.{key}"] = {
                "type": [given["type"], "null"],
                **{kept: given[kept] for kept in _VSCODE_KEYS if kept in given},
                "default": None,
                "markdownDescription": f"{field.description}. Default: your file's value, else {_default(field)}.",
                "scope": "resource",
            }
            if "enum" in given:
                made[f"lanyard.{name}.{key}"]["enum"] = [*given["enum"], None]
    return made


def schema_text() -> str:
    """The JSON schema as it is committed."""
    return _json(json_schema())


def vscode_text() -> str:
    """The extension's settings as JSON."""
    return _json(vscode_properties())


def docs_text() -> str:
    """The documentation of all settings as Markdown, as it is committed."""
    parts = [_HEAD]
    for name, section in OWN_SECTIONS.items():
        parts += [f"## `[{name}]`", "", _first_paragraph(section), "", *_table(section, _editor_mark(section)), ""]
    for header, model in _fleet_sections():
        parts += [f"## `{header}`", "", _first_paragraph(model), "", *_table(model, _no_mark), ""]
        for name, field in model.model_fields.items():
            for inner in _models_in(field.annotation):
                parts += [f"### `{name}` of `{header}`", "", *_table(inner, _no_mark), ""]
    return "\n".join(parts).rstrip() + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _fleet_sections() -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in FleetConfig.model_fields.items():
        repeated = bool(get_args(field.annotation))
        for model in _models_in(field.annotation):
            yield (f"[[{name}]]" if repeated else f"[{name}]"), model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _table(model: type[BaseModel], mark: Mark) -> list[str]:
    schema = model.model_json_schema()
    rows = ["| key | values | default | |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        values = _values(schema["properties"][name], schema.get("$defs", {}))
        description = (field.description or "").rstrip(".")
        rows.append(f"| `{name}` | {values} | {_default(field)} | {description}.{mark(name)} |")
    return rows


def _editor_mark(section: type[Section]) -> Mark:
    def mark(key: str) -> str:
        return " *editor*" if is_editor_setting(section, key) else ""

    return mark


def _no_mark(_: str) -> str:
    return ""


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    return definitions[str(reference).rsplit("/", 1)[-1]] if reference else schema


def _values(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    schema = _resolved(schema, definitions)
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_values(part, definitions) for part in schema["anyOf"] if part.get("type") != "null")
    kind = str(schema.get("type", ""))
    if kind == "array":
        return "list of " + _values(schema.get("items", {}), definitions)
    if kind == "object":
        return "table"
    limits = [f"{sign} {schema[key]}" for key, sign in _LIMITS.items() if key in schema]
    return f"{_TYPES.get(kind, kind)} {' and '.join(limits)}".strip()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or isinstance(value, BaseModel):
        return ""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _first_paragraph(model: type[BaseModel]) -> str:
    text = " ".join((model.__doc__ or "").split("\n\n")[0].split())
    _, _, after = text.partition(": ")
    after = after or text
    return after[:1].upper() + after[1:]
