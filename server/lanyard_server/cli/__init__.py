"""The `lanyard` command: thin commands over the packages, imported lazily."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
