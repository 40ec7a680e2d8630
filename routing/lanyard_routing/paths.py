"""Where Lanyard keeps its files on this machine.

Owns the folder names only. `LANYARD_HOME` puts everything under one folder (tests, portable installs); otherwise
the platform's own places are used.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs


def _home() -> Path | None:
    home = os.environ.get("LANYARD_HOME")
    return Path(home) if home else None


def config_file() -> Path:
    """The user's configuration; `LANYARD_CONFIG` names another file."""
    named = os.environ.get("LANYARD_CONFIG")
    if named:
        return Path(named)
    home = _home()
    return (home / "config" if home else platformdirs.user_config_path("lanyard", appauthor=False)) / "config.toml"


def state_dir() -> Path:
    """What must survive: the queue, proposals."""
    home = _home()
    return home / "state" if home else platformdirs.user_state_path("lanyard", appauthor=False)


def cache_dir() -> Path:
    """What can be made again: indexes of workspaces."""
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path("lanyard", appauthor=False)


def models_dir() -> Path:
    """GGUF files that the user pulled or put there."""
    home = _home()
    return home / "models" if home else platformdirs.user_data_path("lanyard", appauthor=False) / "models"


def runtime_dir() -> Path:
    """Lock and port files of running processes; may vanish at a restart of the machine.

    Never a guessable folder in a shared place such as /tmp, where another user could have made it first.
    """
    home = _home()
    if home:
        return home / "run"
    if sys.platform.startswith("linux") and not os.environ.get("XDG_RUNTIME_DIR"):
        return state_dir() / "run"
    return platformdirs.user_runtime_path("lanyard", appauthor=False)


def log_dir() -> Path:
    """Log files."""
    home = _home()
    return home / "log" if home else platformdirs.user_log_path("lanyard", appauthor=False)
