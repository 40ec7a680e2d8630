"""The real engine in a child process of its own, so that its memory is its own: ``with Engine(path) as engine``.

Owns the child and the HTTP calls to it; knows nothing of cases or figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

CONTEXT = 1024  # tokens
BATCH = 768  # /infill keeps at most 3/4 of this of the prefix and 1/4 of the suffix


def serve(model: str, threads: int) -> None:
    """Run llama.cpp's server until standard input closes; its address is the only line on standard output."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx, params.n_batch, params.n_ubatch, params.n_parallel = CONTEXT, BATCH, 512, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.port, params.warmup, params.verbosity = 0, False, 0
    params.cache_ram_mib = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


class Engine:
    """One child; every call raises ``urllib.error.HTTPError`` on a refusal."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        self._command = [sys.executable, __file__, str(model), str(threads)]

    def __enter__(self) -> Self:
        began = time.perf_counter()
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        self._address = next((s for s in self._child.stdout if s.startswith("http")), "").strip()
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.communicate()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        data = json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def health(self) -> None:
        with urllib.request.urlopen(self._address + "/health", timeout=10) as reply:
            reply.read()

    def resident(self) -> float:
        """Memory of the child, in MB (10^6 bytes)."""
        return psutil.Process(self._child.pid).memory_info().rss / 1e6


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
