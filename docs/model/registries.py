"""Download the archives that sources.toml names, through the registries' ordinary clients, by exact version.

Owns how pip and npm are asked. Nothing of a package runs: wheels and npm packages are only fetched, and where pip wants
the metadata of an sdist, it is answered by a stand-in for the package's build backend, from the PKG-INFO in the sdist.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import archives

BACKENDS = ("maturin", "setuptools.build_meta", "scikit_build_core.build", "hatchling.build", "mesonpy")
STAND_IN = """
import email, pathlib, re

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    info = email.message_from_string(pathlib.Path("PKG-INFO").read_text("utf-8"))
    name = re.sub(r"[-_.]+", "_", info["Name"]).lower() + "-" + info["Version"] + ".dist-info"
    folder = pathlib.Path(metadata_directory, name)
    folder.mkdir()
    text = "Metadata-Version: 2.1\\nName: " + info["Name"] + "\\nVersion: " + info["Version"] + "\\n"
    (folder / "METADATA").write_text(text, "utf-8")
    return name

class __legacy__:
    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)
"""


def download(build: Path, packages: list[dict[str, Any]]) -> None:
    """Fetch what BUILD lacks; raises CalledProcessError when one cannot be had."""
    missing: dict[str, list[dict[str, Any]]] = {kind: [] for kind in archives.FOLDERS}
    for package in packages:
        try:
            archives.find(build, package)
        except FileNotFoundError:
            missing[package.get("from", "wheel")].append(package)
    for kind, folder in archives.FOLDERS.items():
        (build / folder).mkdir(parents=True, exist_ok=True)
        if missing[kind]:
            {"wheel": _wheels, "sdist": _sdists, "npm": _packs}[kind](build / folder, missing[kind])


def _pip(folder: Path, packages: list[dict[str, Any]], *options: str, environment: dict[str, str]) -> None:
    wanted = [f"{package['name']}=={package['version']}" for package in packages]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *options, "-d", str(folder), *wanted]
    subprocess.run(command, check=True, env=environment)


def _wheels(folder: Path, packages: list[dict[str, Any]]) -> None:
    _pip(folder, packages, "--only-binary", ":all:", environment={**os.environ})


def _sdists(folder: Path, packages: list[dict[str, Any]]) -> None:
    """Without build isolation pip imports the backend from its path, where the stand-ins are."""
    with tempfile.TemporaryDirectory() as root:
        for backend in BACKENDS:
            path = Path(root, *backend.split(".")).with_suffix(".py")
            path.parent.mkdir(exist_ok=True)
            if path.parent != Path(root):
                (path.parent / "__init__.py").touch()  # without it an installed package of that name is preferred
            path.write_text(STAND_IN, "utf-8")
        options = ("--no-binary", ":all:", "--no-build-isolation", "--use-pep517")
        _pip(folder, packages, *options, environment={**os.environ, "PYTHONPATH": root})


def _packs(folder: Path, packages: list[dict[str, Any]]) -> None:
    wanted = [f"{package['name']}@{package['version']}" for package in packages]
    for at in range(0, len(wanted), 20):
        subprocess.run(["npm", "pack", "--silent", "--ignore-scripts", *wanted[at : at + 20]], cwd=folder, check=True)
