"""llama.cpp's own server in a process of its own: `python llama_server.py MODEL`; ends when stdin closes."""

from __future__ import annotations

import sys

import xllamacpp

if __name__ == "__main__":
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    params.n_parallel = 2
    params.n_batch = 64
    params.n_gpu_layers = 0
    params.endpoint_slots = True
    params.warmup = False
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.read()
