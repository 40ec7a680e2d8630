"""`lanyard serve`: the language server on standard input and output, TCP or WebSocket."""

from __future__ import annotations

from typing import Annotated

import typer

_Tcp = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Listen on TCP; one session a connection, no password.")
]
_Ws = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Listen on WebSocket; as --tcp.")]
_Stdio = Annotated[bool, typer.Option("--stdio", help="Standard input and output (the default).")]
_Remote = Annotated[
    bool, typer.Option("--allow-remote", help="Listen where other machines can connect, without a password.")
]
_Level = Annotated[str | None, typer.Option(metavar="LEVEL", help="debug, info, warning or error, on standard error.")]
_Parent = Annotated[int | None, typer.Option("--clientProcessId", hidden=True)]


def command(  # noqa: PLR0917 - typer wants them so
    tcp: _Tcp = None,
    ws: _Ws = None,
    stdio: _Stdio = False,
    allow_remote: _Remote = False,
    log_level: _Level = None,
    client_process_id: _Parent = None,
) -> None:
    """Run the language server; your editor starts this.

    With --tcp and --ws every user of this machine can connect and look at your files. On a shared one, let your
    editor run `lanyard serve` through ssh instead.
    """
    if sum((tcp is not None, ws is not None, stdio)) > 1:
        raise typer.BadParameter("give one of --stdio, --tcp and --ws")
    if log_level is not None and log_level.lower() not in {"debug", "info", "warning", "error"}:
        raise typer.BadParameter(f"--log-level {log_level}: choose debug, info, warning or error")

    if tcp is None and ws is None:
        from lanyard_server.cli.stdio import serve

        raise typer.Exit(serve(log_level))

    from lanyard_server import listen
    from lanyard_server.logs import log_to_stderr

    log_to_stderr(log_level)
    reach = "any" if allow_remote else "loopback"
    try:
        code = listen.run_tcp(tcp, reach) if tcp is not None else listen.run_ws(str(ws), reach)
    except listen.AddressRefused as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(code)
