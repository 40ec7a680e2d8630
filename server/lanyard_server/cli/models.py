"""`lanyard models`: what this machine has, what it could get, and getting it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lanyard_server.cli.place import fail
from lanyard_server.terminal import say, say_aside

if TYPE_CHECKING:
    from lanyard_routing.download import Wanted
    from lanyard_routing.models import LocalModel

app = typer.Typer(no_args_is_help=True, add_completion=False, help="List, pull and remove models.")


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Models on this machine, and those that `pull` knows by name."""
    from lanyard_routing import models
    from lanyard_routing.paths import models_dir

    own = models.shipped()
    here = [*([own] if own else []), *models.in_folder()]
    names = {model.name for model in here}
    known = [each for each in models.curated() if each.id not in names]
    if as_json:
        _list_json(here, [each.model_dump(mode="json", exclude_none=True) for each in known])
        return
    say(f"On this machine ({models_dir()}):")
    for model in here:
        say(_row(model.name, _size(model.size), _can(model), model.licence or "-", _remark(model)))
    if not here:
        say("  nothing")
    say("\nCan be pulled from huggingface.co (sizes are rounded):")
    for each in known:
        check = "" if each.sha256 else "; checksum from the hub at the pull"
        say(_row(each.id, f"~{_size(each.size)}", each.purpose, each.licence, each.notes + check))
    say("\nlanyard models pull NAME, or a URL or a path of a GGUF file.")


@app.command()
def pull(
    source: Annotated[str, typer.Argument(metavar="NAME|URL|PATH", help="A name of the list, a URL, or a file.")],
    name: Annotated[str, typer.Option("--name", help="Keep it under this name.")] = "",
    sha256: Annotated[str, typer.Option("--sha256", help="The checksum that the file must have.")] = "",
    url: Annotated[str, typer.Option("--url", help="Fetch a listed model from here, for example a mirror.")] = "",
) -> None:
    """Fetch a model. The one command that leaves your network; it says which hosts it contacts.

    A broken pull goes on where it stopped when you run it again.
    """
    from lanyard_routing.download import PullFailed, pull
    from lanyard_routing.paths import models_dir

    wanted = _wanted(source, name=name, sha256=sha256, url=url)
    with _Bar(wanted.name) as bar:
        try:
            pulled = pull(wanted, models_dir(), bar)
        except PullFailed as error:
            bar.stop()
            raise _problem(str(error)) from None
        except KeyboardInterrupt:
            bar.stop()
            say_aside("Stopped. What came is kept; pull again to go on.")
            raise typer.Exit(130) from None
    resumed = f", resumed at {_size(pulled.resumed_from)}" if pulled.resumed_from else ""
    say(f"{pulled.path} ({_size(pulled.size)}{resumed})")
    say(f"{pulled.verified}; sha256 {pulled.sha256}")


@app.command()
def rm(
    name: Annotated[str, typer.Argument(help="A name that `lanyard models list` shows as on this machine.")],
) -> None:
    """Delete a model of the model folder, with what is left of broken pulls of it."""
    from lanyard_routing.models import remove

    gone, problem = remove(name)
    for path in gone:
        say(f"deleted {path}")
    if problem:
        raise _problem(problem)


def _wanted(source: str, *, name: str, sha256: str, url: str) -> Wanted:
    from lanyard_routing.download import PullFailed, Wanted, name_from
    from lanyard_routing.models import curated, find_curated

    known = find_curated(source)
    if known is None:
        if url:
            raise _problem(f"{source} is not in the list; pull the URL itself")
        if "://" not in source and not Path(source).expanduser().exists():
            near = difflib.get_close_matches(source.lower(), [each.id for each in curated()], n=1)
            hint = f"; did you mean {near[0]}?" if near else "; `lanyard models list` shows the known ones"
            raise _problem(f"{source} is neither a known model, a URL nor a file{hint}")
        try:
            return Wanted(source, name or name_from(source), sha256)
        except PullFailed as error:
            raise _problem(str(error)) from None
    if known.sha256 is None and not sha256:
        say(f"No checksum of {known.id} is known here; the one that the hub sends is checked and recorded.")
    return Wanted(
        source=url or known.url,
        name=name or known.id,
        sha256=sha256 or known.sha256 or "",
        size=known.size,
        licence=known.licence,
        purpose=known.purpose.value,
    )


def _problem(message: str) -> typer.Exit:
    fail(message)
    return typer.Exit(1)


class _Bar:
    """The progress of a pull: a bar on a terminal, lines elsewhere."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._name = name
        self._task = self._progress.add_task(name, total=None, visible=False)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Give the terminal back."""
        self._progress.stop()

    def contact(self, host: str) -> None:
        """See Reporter."""
        self._console.print(f"Contacting {host}", highlight=False, markup=False)

    def begin(self, done: int, total: int | None) -> None:
        """See Reporter."""
        self._progress.update(self._task, total=total, completed=done, visible=True)

    def advance(self, count: int) -> None:
        """See Reporter."""
        self._progress.update(self._task, advance=count)


def _list_json(here: list[LocalModel], known: list[dict[str, object]]) -> None:
    import json

    for model in here:
        row = {
            "name": model.name,
            "path": str(model.path),
            "origin": model.origin,
            "size": model.size,
            "context": model.context,
            "capabilities": sorted(model.capabilities),
            "licence": model.licence,
            "sha256": model.sha256,
            "verified": model.verified,
            "problem": model.problem,
        }
        say(json.dumps(row))
    for each in known:
        say(json.dumps({"name": each["id"], "origin": "curated", **each}))


def _row(name: str, size: str, can: str, licence: str, remark: str) -> str:
    return f"  {name:<28} {size:>9}  {can:<16} {licence:<28} {remark}".rstrip()


def _can(model: LocalModel) -> str:
    return ", ".join(sorted(model.capabilities)) or "-"


def _remark(model: LocalModel) -> str:
    return model.problem or model.verified


def _size(count: int) -> str:
    return (
        f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB" if count < 1e8 else f"{count / 1e6:.0f} MB"
    )
