"""`lanyard serve` on standard input and output, without the command line's own imports."""

from __future__ import annotations

import gc


def serve(log_level: str | None) -> int:
    """Serve the editor that started this process; the exit code."""
    gc.disable()  # a tenth of the start is collection that finds nothing; on again when `initialize` is answered
    from lanyard_server.listen import run_stdio
    from lanyard_server.logs import log_to_stderr

    log_to_stderr(log_level)
    return run_stdio()
