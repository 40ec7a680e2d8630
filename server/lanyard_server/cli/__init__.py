"""The `lanyard` command: thin commands over the packages, each imported when it is called.

Owns the list of commands and the words for what goes wrong. A command is a module beside this one that exports either
`app` (a Typer with commands of its own) or `command` (a function).
"""

from __future__ import annotations

import os
import sys

from lanyard_server.terminal import say, say_aside
from lanyard_server.version import VERSION

COMMANDS = {
    "serve": "Run the language server; your editor starts this.",
    "demo": "Show everything once on a sample project.",
    "doctor": "What was found, what is missing, and the next step for each.",
    "config": "The configuration: path, values and their sources, schema, check.",
    "models": "List, pull and remove models.",
    "slice": "Print what a task would send.",
    "review": "Review the code at FILE:LINE.",
    "refactor": "Refactor the code at FILE:LINE.",
    "tests": "Write tests for the code at FILE:LINE.",
    "tasks": "List, show, cancel and retry tasks.",
}


def main() -> None:
    """Run the command line; the process's exit code is 2 for a mistake in what was typed."""
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; its exit code. Failures are one line on standard error, tracebacks only with LANYARD_DEBUG."""
    if not arguments or arguments[0] in {"--help", "-h", "help"}:
        _print(_help())
        return 0
    name = arguments[0]
    if name in {"--version", "-V"}:
        _print(f"lanyard {VERSION}")
        return 0
    if name not in COMMANDS:
        return _fail(f"no command `{name}`{_near(name)}")
    try:
        if arguments in (["serve"], ["serve", "--stdio"]):  # how editors start it: 50 ms sooner without typer
            from lanyard_server.cli.stdio import serve

            return serve(None)
        return _dispatch(name, arguments[1:])
    except Exception as error:
        said = getattr(error, "format_message", None)  # click's own errors; typer has its own copy of click
        if said is not None:
            return _fail(said())
        if os.environ.get("LANYARD_DEBUG"):
            raise
        return _fail(f"{str(error) or type(error).__name__} (LANYARD_DEBUG=1 shows where)")


def _dispatch(name: str, arguments: list[str]) -> int:
    from importlib import import_module

    import typer

    try:
        module = import_module(f"lanyard_server.cli.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"lanyard_server.cli.{name}":
            raise
        return _fail(f"`lanyard {name}` is not part of this version yet")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name, help=module.command.__doc__)(module.command)
    try:
        code = typer.main.get_command(app).main(arguments, prog_name=f"lanyard {name}", standalone_mode=False)
    except typer.Abort:
        return 130
    return code if isinstance(code, int) else 0


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    return "\n".join(
        [
            "Usage: lanyard COMMAND …",
            "",
            "Puts the models on your own network into your editor.",
            "",
            *(f"  {name:{width}}{what}" for name, what in COMMANDS.items()),
            "",
            "`lanyard COMMAND --help` says more; `lanyard --version` prints the version.",
        ]
    )


def _near(word: str) -> str:
    import difflib

    near = difflib.get_close_matches(word.lower(), COMMANDS, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else "; `lanyard --help` lists them"


def _fail(message: str) -> int:
    from lanyard_server.plain import one_line

    say_aside(f"lanyard: {one_line(message)}")
    return 2


def _print(text: str) -> None:
    say(text)
