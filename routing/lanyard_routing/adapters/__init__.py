"""One adapter for each dialect of model server."""
