"""How a completion flows, from the request to the suggestion.

    turns (the one before is answered) → cache → debounce → prompt → worker, streamed → early stop
    → post-processing against the buffer as it is now

Owns the flow; the LSP messages are the features', the words of prompts and replies the analyzers'.
"""
