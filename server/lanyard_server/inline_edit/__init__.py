"""Inline edit: an instruction at a selection, the new text streamed, checked, and given as edits.

Owns the prompt and the reading of the answer while it streams; nothing is changed before the user's yes.
"""
