"""The embedded llama.cpp engine, shared by all editors of a machine."""
