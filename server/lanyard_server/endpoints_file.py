"""Adding an endpoint to the user's own configuration file, at the user's word.

Owns the one place where Lanyard writes that file: it appends a table and leaves every other byte alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from pydantic import ValidationError

from lanyard_routing.config import EndpointConfig, parse
from lanyard_routing.paths import state_dir

_LOCK_S = 5.0


class NotAdded(Exception):
    """Why an endpoint was not added: one line for the user."""


def add_endpoint(file: Path, url: str, name: str = "") -> EndpointConfig:
    """Append `[[endpoints]]` for a URL to a TOML file, which is made where it is missing.

    Without a name the host and port give one. Raises NotAdded with one line; the file is then as it was.
    """
    try:
        state_dir().mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(state_dir() / "config.lock", timeout=_LOCK_S):  # other editors, and this one twice
            return _added(file, url, name)
    except Timeout:
        raise NotAdded(f"{file} is being written by another editor; try again.") from None
    except OSError as error:
        raise NotAdded(f"{state_dir()} cannot be used ({error.strerror or error}); give access.") from None


def _added(file: Path, url: str, name: str) -> EndpointConfig:
    text = _read(file)
    try:
        known = parse(tomllib.loads(text))[0].endpoints
    except tomllib.TOMLDecodeError as error:
        raise NotAdded(f"{file} has a mistake ({error}); mend it first, then add the endpoint.") from None
    endpoint = _endpoint(url, name)
    for other in known:
        if other.url == endpoint.url:
            raise NotAdded(f"{endpoint.url} is in {file} already, as {other.name}.")
        if other.name == endpoint.name:
            raise NotAdded(f"{file} has an endpoint named {other.name} already; give this one another name.")
    table = f"[[endpoints]]\nname = {json.dumps(endpoint.name)}\nurl = {json.dumps(endpoint.url)}\n"
    separator = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    _replace(file, text + separator + table)
    return endpoint


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise NotAdded(f"{file} cannot be read ({type(error).__name__}); mend it first.") from None


def _endpoint(url: str, name: str) -> EndpointConfig:
    address = url.strip() if "://" in url else f"http://{url.strip()}"
    try:
        parts = urlsplit(address)
        named = name.strip() or f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}".strip("[]")
        return EndpointConfig(name=named, url=address)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise NotAdded(f"{'.'.join(map(str, first['loc']))} {first['msg'].removeprefix('Value error, ')}") from None
    except ValueError as error:
        raise NotAdded(f"{url} is no address: {error}") from None


def _replace(file: Path, text: str) -> None:
    """Whole or not at all, with the permissions that the file has; a new one is its user's alone."""
    target = Path(os.path.realpath(file))  # a link to a file in a dotfiles folder stays one
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise NotAdded(f"{file} cannot be written ({error.strerror or error}); make room or give access.") from None
