"""The engine as Lanyard starts it, in a child process of its own: ``with Engine(path) as engine``.

Owns the child and the raw HTTP calls to it; knows nothing of cases or figures.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from lanyard_routing.adapters.healing import Filling
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.llamacpp import LlamaCppAdapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.engine.child import start_server
from lanyard_routing.engine.gguf import read_gguf
from lanyard_routing.engine.options import ChildSpec, EngineOptions, options_for
from lanyard_routing.netpolicy import Policy

SHIPPED = Path(__file__).parents[3] / "routing/lanyard_routing/data/lanyard-fim.gguf"
KEY = "measured"


def options_of(model: Path) -> EngineOptions:
    """The options under which Lanyard runs a model that only completes."""
    header, problem = read_gguf(model)
    if header is None:
        raise SystemExit(problem)
    return options_for(model, trained_context=header.context)


def serve(model: Path, threads: int) -> None:
    """Run until standard input closes; the server's address is the only line on standard output."""
    options = options_of(model)
    spec = ChildSpec(
        folder="", key="", model=str(model), name=options.label, context=options.context, slots=options.slots,
        batch=options.batch, threads=threads, idle_s=1e9, held_idle_s=1e9, log="",
    )  # fmt: skip
    server = start_server(spec, KEY)
    print(server.listening_address, flush=True)
    sys.stdin.read()


class Engine:
    """One child; every call raises ``urllib.error.HTTPError`` on a refusal."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        self.options = options_of(model)
        self._command = [sys.executable, __file__, str(model), str(threads)]

    def __enter__(self) -> Self:
        began = time.perf_counter()
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        self.address = next((s for s in self._child.stdout if s.startswith("http")), "").strip()
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.communicate()

    def adapter(self, filling: Filling | None = None) -> LlamaCppAdapter:
        """Lanyard's own adapter for this engine; it asks for log-probabilities once it was probed."""
        origin = parse_origin(self.address, name="measured", api_key=KEY)
        return LlamaCppAdapter(Http(origin, Policy()), filling)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.load(reply)

    def health(self) -> None:
        with urllib.request.urlopen(self.address + "/health", timeout=10) as reply:
            reply.read()

    def tokens(self, text: str) -> list[int]:
        return self.post("/tokenize", {"content": text, "add_special": False})["tokens"]

    def surprise(self, tokens: Sequence[int]) -> float:
        """Bits for all tokens but the first. A grammar that allows nothing else makes the engine generate them one by
        one, and it tells of each how probable it was among all tokens (`n_probs` is of the unchanged logits)."""
        grammar = "root ::= " + " ".join(f"<[{token}]>" for token in tokens[1:])
        body = {"prompt": list(tokens[:1]), "n_predict": len(tokens) - 1, "n_probs": 1, "temperature": 0}
        reply = self.post("/completion", {**body, "grammar": grammar, "cache_prompt": False, "return_tokens": True})
        if reply["tokens"] != list(tokens[1:]):
            raise RuntimeError("the engine did not keep to the tokens it was given")
        return -sum(each["logprob"] for each in reply["completion_probabilities"]) / math.log(2)

    def busy(self) -> float:
        """Seconds of processor time that the child has used."""
        times = psutil.Process(self._child.pid).cpu_times()
        return times.user + times.system

    def resident(self) -> float:
        """Memory of the child, in MB (10^6 bytes)."""
        return psutil.Process(self._child.pid).memory_info().rss / 1e6


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
