"""The language server: speaks LSP, holds no model and no routing logic."""
