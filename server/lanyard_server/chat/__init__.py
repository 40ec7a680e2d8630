"""Chat: what is sent with a question, the streamed answer, and the Markdown chat document.

Owns the conversation's prompt and the document's form; the client keeps the conversation itself.
"""
