"""Test doubles that are shipped: a scripted endpoint, a replaying one, an adapter in memory, a network guard."""
