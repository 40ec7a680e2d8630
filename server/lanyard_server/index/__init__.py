"""The workspace index in a process of its own: the process, its store on disk, its client in the server.

    features → service (documents, one client a folder) → client ── frames ── host → build, answers → Index
                                                                                └── pool of extraction processes

Indexing never runs in the server's own process. What the client side imports is light; everything that reads files
or parses is imported by the process alone.
"""
