"""`python -m lanyard_routing.engine SPEC`: one engine process. Started by `starter.py`, not by people."""

from __future__ import annotations

from lanyard_routing.engine.child import run

if __name__ == "__main__":
    run()
