"""`python -m lanyard_server.index ROLE`: an index process (`serve`) or one of its helpers (`extract`).

Started by `client.py` and `pool.py`, not by people.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the role that the command line names."""
    if sys.argv[1:] == ["serve"]:
        from lanyard_server.index.host import run  # noqa: PLC0415 - a helper needs none of it

        run()
    elif sys.argv[1:] == ["extract"]:
        from lanyard_server.index.extraction import run  # noqa: PLC0415 - as above

        run()
    else:
        sys.exit(2)


if __name__ == "__main__":
    main()
