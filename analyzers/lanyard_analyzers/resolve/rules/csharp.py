"""Where names of C# may be defined.

A namespace is said in files, and its files may be anywhere; parts of a partial class are in one namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules.packages import binds, defines, defining_in, split, starred

_GLOBAL = ("GlobalUsings.cs", "Usings.cs", "GlobalUsing.cs", "Imports.cs")
_MOST_GLOBAL = 20
_LANGUAGES = ("csharp",)


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset[str]()
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        if binding.name == "*":
            package, name = split(binding.source)
            return defining_in(index, name, (package,), _LANGUAGES)
        return defining_in(index, binding.name, (binding.source,), _LANGUAGES)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        record = index.record(path)
        if record is None or binds(record, name):
            return ()
        if defines(record, name):
            return defining_in(index, name, (record.package,), _LANGUAGES)
        packages = [*_within(record.package), *starred(record), *_global_usings(index)]
        found = list(defining_in(index, name, list(dict.fromkeys(packages)), _LANGUAGES))
        return found or _in_product(index, record.package, name)


RULES = _Rules()


def _in_product(index: Index, package: str, name: str) -> Iterator[str]:
    """Where one namespace alone of the same product has the name: the build may import it for all files."""
    product = package.partition(".")[0]
    found: dict[str, str] = {}
    for path, symbol in index.defining(name):
        record = index.record(path)
        if (
            record is not None
            and record.language == "csharp"
            and not symbol.owner
            and symbol.shape in {"class", "type"}
        ):
            found[path] = record.package
    packages = set(found.values())
    if product and len(packages) == 1 and next(iter(packages)).partition(".")[0] == product:
        yield from found


def _within(package: str) -> Iterator[str]:
    """A namespace and those around it, the global one last."""
    while package:
        yield package
        package = package.rpartition(".")[0]
    yield ""


def _global_usings(index: Index) -> Iterator[str]:
    for base in _GLOBAL:
        for path in index.named(base)[:_MOST_GLOBAL]:
            record = index.record(path)
            for one in record.imports if record is not None else ():
                if one.exported:
                    yield from (binding.source for binding in one.bindings if binding.name == "*")
