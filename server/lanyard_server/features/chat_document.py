"""The commands of Markdown chat documents, for editors without a plugin.

Owns `lanyard.chat.send` (answer the question at the document's end) and `lanyard.chat.new` (make a document).
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp

from lanyard_routing.paths import state_dir
from lanyard_server.chat.actions import SEND
from lanyard_server.chat.markdown import NEW, SUFFIX
from lanyard_server.chat.send import send
from lanyard_server.feature import Command, RequestFailed
from lanyard_server.private_files import write_private
from lanyard_server.uris import path_of, uri_of

if TYPE_CHECKING:
    from lanyard_server.session import Session

NEW_CHAT = "lanyard.chat.new"


async def chat_send(session: Session, arguments: list[Any]) -> None:
    """Arguments: the document's URI."""
    if not arguments or not isinstance(arguments[0], str):
        raise RequestFailed("which chat document? its URI is missing", -32602)
    await send(session, arguments[0])


async def chat_new(session: Session, arguments: list[Any]) -> dict[str, str]:
    """Make an empty chat document and show it; the result has its URI.

    An argument `{"uri": …, "range": …}` begins the question with a mention of that file and those lines.
    """
    content = NEW + _mention(session, arguments)
    try:
        path = await asyncio.to_thread(_make, state_dir() / "chats", content)
    except OSError as error:
        raise RequestFailed(f"no chat document could be made: {error.strerror or error}") from None
    uri = uri_of(path)
    # Some editors have no line behind the last newline, and refuse a place there: Neovim.
    last = content.removesuffix("\n")
    end = lsp.Position(last.count("\n"), len(last) - last.rfind("\n") - 1)
    if not await _show(session, uri, end):
        session.out.show(f"Open {path} and run the code action “Send to Lanyard” there")
    return {"uri": uri}


async def _show(session: Session, uri: str, at: lsp.Position) -> bool:
    window = getattr(session.capabilities, "window", None)
    if getattr(window, "show_document", None) is None:
        return False
    try:
        answer = await session.out.request(
            "window/showDocument", {"uri": uri, "takeFocus": True, "selection": lsp.Range(at, at)}
        )
    except RequestFailed:
        return False
    return bool(isinstance(answer, dict) and answer.get("success"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _make(folder: Path, content: str) -> Path:
    stem = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    for number in range(1, 1000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{SUFFIX}"
        try:
            write_private(path, content, "new")
        except FileExistsError:
            continue
        return path
    raise OSError("too many chat documents in one second")


def _mention(session: Session, arguments: list[Any]) -> str:
    """`@path:3-10 ` for what an editor passes; nothing for anything else."""
    given = cast("dict[str, Any]", arguments[0]) if arguments and isinstance(arguments[0], dict) else {}
    path = path_of(given["uri"]) if isinstance(given.get("uri"), str) else None
    root = session.root_of(path)
    if path is None or root is None:
        return ""
    lines = ""
    try:
        first, last = (int(given["range"][end]["line"]) + 1 for end in ("start", "end"))
        lines = f":{first}-{last}"
    except (KeyError, TypeError, ValueError):
        pass
    return f"@{path.relative_to(root.path).as_posix()}{lines} "


FEATURES = (Command(SEND, chat_send), Command(NEW_CHAT, chat_new))
