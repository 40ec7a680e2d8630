"""The open documents on their way to an index process: little, late, and never wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanyard_server.index import feed as feed_module
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.feed import Feed
from lanyard_server.index.messages import Changed, Closed, Opened
from lanyard_server.session import Root
from support.immediate import change, make_session

ROOT = Path("/w")
URI = "file:///w/a.py"


class Client:
    """Takes what it is told, as an index process would."""

    def __init__(self):
        self.process_id = 1
        self.told = []
        self.buffers = Buffers()
        self.misfits = 0

    def tell(self, message):
        self.told.append(message)
        if isinstance(message, Opened):
            self.buffers.open(message)
        elif isinstance(message, Changed):
            self.misfits += not self.buffers.change(message)
        elif isinstance(message, Closed):
            self.buffers.close(message.path)
        return True


@pytest.fixture
async def fed():
    session, client, settled = make_session(None), Client(), []
    session.roots = (Root("file:///w", ROOT, "w"),)
    feed = Feed(
        session,
        lambda path: (client, path.relative_to(ROOT).as_posix()) if path.is_relative_to(ROOT) else None,
        lambda uri, at: settled.append((uri, at)),
    )
    session.documents.follow(feed.edited)
    yield session, client, feed, settled
    feed.close()


def kinds(client):
    return [type(message).__name__ for message in client.told]


def type_text(session, text, at):
    document = session.documents.get(URI)
    line = document.text.line_of(at)
    column = at - document.text.starts[line]

    class Place:
        def __init__(self, character):
            self.line, self.character = line, character

    class Covered:
        start = end = Place(column)

    class Key:
        range = Covered()

        def __init__(self, new):
            self.text = new

    session.documents.change(URI, document.version + 1, [Key(text)])


def text_there(client):
    syntax = client.buffers.syntax("a.py")
    return None if syntax is None else syntax.text.content


async def test_keys_are_sent_together_and_only_when_asked(fed):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.opened(URI)
    feed.flush(URI)
    for number, letter in enumerate("y = 2"):
        type_text(session, letter, 6 + number)
    assert kinds(client) == ["Opened"]
    assert feed.flush(URI) == (client, "a.py", 6)
    assert kinds(client) == ["Opened", "Changed"]
    assert text_there(client) == session.documents.get(URI).text.content == "x = 1\ny = 2"
    feed.flush(URI)
    assert len(client.told) == 2
    assert not client.misfits


async def test_a_quiet_moment_sends_them_too_and_says_where_the_last_key_was(fed, monkeypatch):
    import asyncio

    monkeypatch.setattr(feed_module, "QUIET_S", 0.0)
    session, client, feed, settled = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.opened(URI)
    type_text(session, "yz", 6)
    async with asyncio.timeout(50):
        while not settled:
            await asyncio.sleep(0)
    assert settled == [(URI, 8)]
    assert text_there(client) == "x = 1\nyz"
    assert feed.recent(client) == (("a.py", 1),)


async def test_a_whole_new_text_is_sent_whole(fed):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.flush(URI)
    change(session, "y = 'ü😀'\n", URI)
    feed.flush(URI)
    assert kinds(client) == ["Opened", "Opened"]
    type_text(session, "z", 7)
    feed.flush(URI)
    assert text_there(client) == session.documents.get(URI).text.content
    assert not client.misfits


async def test_a_new_process_gets_the_whole_text(fed):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.flush(URI)
    client.process_id = 2
    type_text(session, "y", 6)
    feed.flush(URI)
    assert kinds(client) == ["Opened", "Opened"]
    client.process_id = None
    assert feed.flush(URI) is None


async def test_a_document_that_got_lost_is_sent_again(fed):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.flush(URI)
    feed.lost(client, "a.py")
    feed.flush(URI)
    assert kinds(client) == ["Opened", "Opened"]


async def test_a_closed_document_is_told_of_once(fed):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.flush(URI)
    session.documents.close(URI)
    feed.closed(URI)
    feed.closed(URI)
    assert kinds(client) == ["Opened", "Closed"]
    assert feed.flush(URI) is None


@pytest.mark.parametrize("before", ["a whole new text", "many edits", "word of a loss"])
async def test_a_document_that_is_closed_before_its_text_is_sent_whole_is_told_of(fed, before):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = 1\n")
    feed.flush(URI)
    match before:
        case "a whole new text":
            change(session, "y = 2\n", URI)
        case "many edits":
            for at in range(6, 300):
                type_text(session, "z", at)
        case _:
            feed.lost(client, "a.py")
    session.documents.close(URI)
    feed.closed(URI)
    assert client.buffers.paths() == (), "what is on disk counts now"


async def test_half_a_character_is_no_reason_to_lose_a_document(fed):
    session, client, feed, _ = fed
    session.documents.open(URI, "python", 1, "x = '\ud800'\n")
    feed.flush(URI)
    assert text_there(client) == "x = '?'\n"
    type_text(session, "y", 8)
    feed.flush(URI)
    assert text_there(client) == "x = '?'\ny"


@pytest.mark.parametrize("uri", ["untitled:1", "file:///elsewhere/a.py", "file:///w/a.unknown"])
async def test_what_belongs_to_no_workspace_or_language_is_not_sent(fed, uri):
    session, client, feed, _ = fed
    session.documents.open(uri, "", 1, "x = 1\n")
    feed.opened(uri)
    feed.flush_all()
    assert client.told == []
