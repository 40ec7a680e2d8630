"""`python -m lanyard_server`: the command line."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # `-m` puts the working directory first, and an editor starts us in the workspace: a stranger's `secrets.py`
        # there must not be imported in place of Python's own.
        del sys.path[0]

    from lanyard_server.cli import main

    main()
