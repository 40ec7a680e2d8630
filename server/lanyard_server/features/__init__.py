"""One LSP method or feature, one module; features never import each other."""
