"""What the demo prints: plain lines with the time, no more than a terminal needs."""

from __future__ import annotations

import time

from lanyard_server.terminal import say


class Teller:
    """Prints steps and lines; `seconds` since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._step = 0

    @property
    def seconds(self) -> float:
        """Seconds since the start of the demo."""
        return time.perf_counter() - self._began

    def step(self, title: str) -> None:
        """A new step."""
        self._step += 1
        self._write(f"\n{self._step}. {title}")

    def line(self, text: str) -> None:
        """One line within a step."""
        self._write(f"   [{self.seconds:6.2f} s] {text}")

    def block(self, text: str, most: int = 40) -> None:
        """A piece of text, indented; long ones are cut and say so."""
        lines = text.rstrip("\n").split("\n")
        for line in lines[:most]:
            self._write(f"      | {line}".rstrip())
        if len(lines) > most:
            self._write(f"      | … {len(lines) - most} more lines")

    def plain(self, text: str) -> None:
        """A line outside the steps."""
        self._write(text)

    @staticmethod
    def _write(text: str) -> None:
        say(text)


def milliseconds(seconds: float) -> str:
    """A duration as people read it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
