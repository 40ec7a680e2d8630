"""`python -m lanyard_server`: the command line."""

from __future__ import annotations

from lanyard_server.cli import main

if __name__ == "__main__":
    main()
