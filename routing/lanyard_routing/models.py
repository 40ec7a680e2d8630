"""The models that this machine has, and those that it could get.

Owns the curated list (`data/curated.toml`), the model that comes with Lanyard, and the user's model folder. Downloads
nothing (`download.py`) and runs nothing (`engine/`).
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lanyard_routing.adapters.base import Model
from lanyard_routing.adapters.healing import Filling
from lanyard_routing.adapters.sizes import parameters_of
from lanyard_routing.adapters.sure import Measure
from lanyard_routing.engine.gguf import read_gguf
from lanyard_routing.paths import models_dir
from lanyard_routing.task import Capability

_DATA = Path(__file__).parent / "data"
SUGGESTED = {Capability.COMPLETION: "qwen2.5-coder-1.5b", Capability.CHAT: "qwen2.5-coder-1.5b-instruct"}
"""What a user who lacks a capability is told to pull."""

_LATER_PART = re.compile(r"-(?!00001-of)\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


class CuratedModel(BaseModel):
    """One model that can be pulled by its id. `size` is in bytes, rounded; `licence` is an SPDX expression."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    purpose: Capability
    parameters: int = Field(gt=0)
    size: int = Field(gt=0)
    licence: str
    url: str = Field(pattern=r"^https://")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    sha256_source: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A GGUF file on this machine. `problem` is one line where it cannot be used; `added` seconds since the epoch."""

    name: str
    path: Path
    origin: Literal["shipped", "folder"]
    size: int
    context: int = 0
    parameters: int = 0
    capabilities: frozenset[Capability] = frozenset()
    licence: str = ""
    sha256: str = ""
    verified: str = ""
    added: float = 0.0
    problem: str = ""
    filling: Filling = field(default_factory=Filling)

    def as_model(self) -> Model:
        """The same as an endpoint would describe it."""
        return Model(self.name, self.parameters, self.context, self.capabilities)


class _Card(BaseModel):
    """`lanyard-fim.json`; what else stands there is documentation. `fill` and the two after it: see Filling."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    size: int
    sha256: str
    context: int = Field(default=2048, alias="context_length", gt=0)
    parameters: int = 0
    capabilities: tuple[Capability, ...] = (Capability.COMPLETION,)
    licence: str = ""
    fill: Literal["infill", "suffix_first"] = "infill"
    least_logprob: float | None = Field(default=None, le=0)
    least_logprob_of: Measure = "mean"


@cache
def curated() -> tuple[CuratedModel, ...]:
    """The models that `pull` knows by name."""
    data = tomllib.loads((_DATA / "curated.toml").read_text("utf-8"))
    return tuple(CuratedModel.model_validate(each) for each in data["model"])


def find_curated(name: str) -> CuratedModel | None:
    """The curated model of this id."""
    return next((each for each in curated() if each.id == name.lower()), None)


def shipped(data: Path = _DATA) -> LocalModel | None:
    """The model that comes with Lanyard; None where this installation has none."""
    path = data / "lanyard-fim.gguf"
    try:
        size = path.stat().st_size
        card = _Card.model_validate_json((data / "lanyard-fim.json").read_text("utf-8"))
    except (OSError, ValidationError, ValueError):
        return None
    return LocalModel(
        name=card.name,
        path=path,
        origin="shipped",
        size=size,
        context=card.context,
        parameters=card.parameters,
        capabilities=frozenset(card.capabilities),
        licence=card.licence,
        sha256=card.sha256,
        verified="comes with Lanyard",
        filling=Filling(card.fill, card.least_logprob, card.least_logprob_of),
        problem="" if size == card.size else f"{path} is damaged: install Lanyard again",
    )


def in_folder(folder: Path | None = None) -> tuple[LocalModel, ...]:
    """The GGUF files of the user's model folder and the folders in it, the newest first. Never raises."""
    folder = folder or models_dir()
    found: list[LocalModel] = []
    for path in [*_files(folder, "*.gguf"), *_files(folder, "*/*.gguf")]:
        if _LATER_PART.search(path.name) or path.name.lower().startswith("mmproj"):
            continue
        found.append(inspect(path))
    return tuple(sorted(found, key=lambda each: (-each.added, each.name)))


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def inspect(path: Path) -> LocalModel:
    """What a GGUF file is and can do; whatever is wrong with it stands in `problem`."""
    try:
        seen = path.stat()
    except OSError as error:
        problem = f"cannot read {path}: {error.strerror or error}; correct its path"
        return LocalModel(path.stem, path, "folder", 0, problem=problem)
    size, added = seen.st_size, seen.st_mtime
    record = read_record(path)
    header, problem = read_gguf(path)
    name = path.stem
    if header is None:
        return LocalModel(name, path, "folder", size, added=added, problem=f"{problem}: pull or copy it again")
    known = find_curated(name)
    can: set[Capability] = {known.purpose} if known else set()
    if header.fim:
        can.add(Capability.COMPLETION)
    if header.chat:
        can.add(Capability.CHAT)
    return LocalModel(
        name=name,
        path=path,
        origin="folder",
        size=size,
        context=header.context,
        parameters=known.parameters if known else parameters_of(f"{name} {header.name}"),
        capabilities=frozenset(can),
        licence=record.get("licence", ""),
        sha256=record.get("sha256", ""),
        verified=record.get("verified", ""),
        added=added,
    )


def record_path(model: Path) -> Path:
    """Where it is noted from where a pulled file came and what its checksum is."""
    return model.with_name(model.name + ".json")


def read_record(model: Path) -> dict[str, str]:
    """What `pull` noted about a file; empty for one that the user put there."""
    try:
        data: Any = json.loads(record_path(model).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(key): str(value) for key, value in cast("dict[Any, Any]", data).items()}


def remove(name: str, folder: Path | None = None) -> tuple[tuple[Path, ...], str]:
    """Delete a model of the user's folder, its record and what is left of a broken pull.

    Returns what was deleted and one line where nothing could be.
    """
    folder = folder or models_dir()
    wanted = name.removesuffix(".gguf")
    if not SAFE_NAME.fullmatch(wanted):
        return (), f"{name} is no name of a model; `lanyard models list` shows them"
    own = shipped()
    found = [each.path for each in in_folder(folder) if each.name == wanted]
    targets = [*found, *(record_path(path) for path in found)]
    targets += [folder / f"{wanted}.gguf{end}" for end in (".part", ".part.json")]
    targets.append(folder / f".{wanted}.lock")
    gone: list[Path] = []
    for path in targets:
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            return tuple(gone), f"cannot delete {path}: {error.strerror}"
        if path.suffix != ".lock":
            gone.append(path)
    if gone:
        return tuple(gone), ""
    if own is not None and own.name == wanted:
        return (), f"{wanted} comes with Lanyard and stays; a model in {folder} takes its place"
    return (), f"no model {wanted} in {folder}; `lanyard models list` shows what is there"
