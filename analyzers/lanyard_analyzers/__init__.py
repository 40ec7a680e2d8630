"""Pure code analysis: text in, values out; no network, no LSP types, no asyncio."""
