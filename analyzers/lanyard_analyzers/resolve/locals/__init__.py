"""The local variables of a function, read from its text: one module a language family, each with `read`.

`read` gives (name, type, value) of each variable in the order of the text; type and value are texts, "" where nothing
is written. Linear, total, without a tree: it is asked for few functions, and the index reads all.
"""
