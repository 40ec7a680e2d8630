"""A small file host on the loopback address: ranges, cuts, redirects and lies, as a test says."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """What the host does. `cut` closes the connection after so many bytes of a body, once."""

    content: bytes
    port: int = 0
    tag: str = '"v1"'
    ranges: bool = True
    cut: int | None = None
    status: int = 200
    redirect: str = ""
    linked: str = ""
    length: bool = True
    requests: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/models/tiny.gguf"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            hub.requests.append({"path": self.path, **{key.lower(): value for key, value in self.headers.items()}})
            if hub.redirect and self.path.startswith("/models/"):
                self.send_response(302)
                self.send_header("Location", hub.redirect)
                if hub.linked:
                    self.send_header("X-Linked-ETag", f'"{hub.linked}"')
                    self.send_header("X-Linked-Size", str(len(hub.content)))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if hub.status != 200:
                self.send_response(hub.status)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"nope")
                return
            self._send_file()

        def _send_file(self) -> None:
            start = 0
            wanted = self.headers.get("Range")
            if wanted and hub.ranges and self.headers.get("If-Range", hub.tag) == hub.tag:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                if start >= len(hub.content):
                    self.send_response(416)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
            body = hub.content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(hub.content) - 1}/{len(hub.content)}")
            if hub.tag:
                self.send_header("ETag", hub.tag)
            if hub.length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            if hub.cut is not None:
                body, hub.cut = body[: hub.cut], None
                self.close_connection = True
            if not hub.length:
                self.close_connection = True
            self.wfile.write(body)

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what the tests are about."""


@contextmanager
def serve(hub: Hub) -> Generator[Hub]:
    server = _Server(("127.0.0.1", 0), _handler(hub))
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
