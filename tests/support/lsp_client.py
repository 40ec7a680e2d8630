"""The raw LSP client, which lives with the demo; tests use the same one."""

from __future__ import annotations

from lanyard_server.demo.client import FULL_CAPABILITIES, WAIT_S, Asked, LspClient, LspError, Message, NoAnswer

__all__ = ["FULL_CAPABILITIES", "WAIT_S", "Asked", "LspClient", "LspError", "Message", "NoAnswer"]
