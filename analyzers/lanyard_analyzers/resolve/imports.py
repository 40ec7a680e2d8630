"""What imports bring into a file, and what a file gives under a name.

Owns the files that an import may lead to, re-exports, and the names at the top of a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.resolve.facts import Facts
from lanyard_analyzers.resolve.rules import Rules, rules_of
from lanyard_analyzers.resolve.steps import Steps, definitions, preferred, via_import
from lanyard_analyzers.resolve.values import Definition, Module, Place, Value

_STAR = 0.95
_AGAIN = 0.3
_PASS_ON = ("/__init__.py", "/index.ts", "/index.js", "/mod.rs")
_STATIC_IMPORTS = frozenset({"csharp", "java", "kotlin", "rust"})
_MEMBERS_IMPORTED = frozenset({"java", "rust"})


class Imports(Steps):
    """Names from other files, and names at the top of one."""

    def __init__(self, index: Index) -> None:
        super().__init__(index)
        self._found: dict[tuple[str, Binding], tuple[str, ...]] = {}

    def forget(self) -> None:
        """Forget everything."""
        super().forget()
        self._found.clear()

    def _at_top(self, path: str, facts: Facts, name: str) -> Iterator[Value]:
        own = facts.tops.get(name, ())
        yield from definitions(path, own, "scope")
        bindings = facts.bound.get(-1, {}).get(name, ())
        for binding in bindings:
            yield from self._bound(path, binding)
        if not own and not bindings:
            yield from self._starred(path, facts, name)

    def declared(self, path: str, name: str) -> Iterator[Value]:
        """What a name stands for at the top of a file, in what the file includes, and in the files around it."""
        facts = self.facts(path)
        if facts is not None:
            yield from definitions(path, facts.tops.get(name, ()), "scope")
            yield from self._starred(path, facts, name)
            yield from self._visible(path, rules_of(facts.record.language), name)

    def _starred(self, path: str, facts: Facts, name: str) -> Iterator[Value]:
        for binding in facts.stars.get(-1, ()):
            found = False
            for source in self.sources(path, binding):
                other = self.facts(source)
                if other is None or (other.record.exports and name not in other.record.exports):
                    continue
                values = self.exported(source, name) or self._of_class(source, other, binding, name)
                for value in values:
                    found = True
                    yield via_import(value, _STAR)
            if found:
                return

    def _of_class(self, path: str, facts: Facts, binding: Binding, name: str) -> tuple[Value, ...]:
        """What a class gives of which everything is imported (`using static`, Java's `import static`, an enum)."""
        last = binding.source.rpartition("::" if facts.record.language == "rust" else ".")[2]
        symbol = facts.qualified.get(last) if facts.record.language in _STATIC_IMPORTS else None
        return self.member(Place(path, symbol), name) if symbol is not None and symbol.shape == "class" else ()

    def _visible(self, path: str, rules: Rules, name: str) -> Iterator[Value]:
        seen, found = {path}, False
        for other in rules.around(self.index, path, name):
            if other not in seen:
                seen.add(other)
                facts = self.facts(other)
                if facts is not None:
                    for one in definitions(other, facts.tops.get(name, ()), "package"):
                        again = found and other.endswith(".rb")  # a module that is opened again
                        found = True
                        yield replace(one, certainty=one.certainty * _AGAIN) if again else one

    def sources(self, path: str, binding: Binding) -> tuple[str, ...]:
        """The files of the workspace that the source of a binding may be, likeliest first."""
        key = (path, binding)
        known = self._found.get(key)
        if known is None:
            facts = self.facts(path)
            found: dict[str, None] = {}
            if facts is not None:
                for raw in rules_of(facts.record.language).sources(self.index, path, binding):
                    one = normal(raw)
                    if one and one != path and one not in found and self.index.exists(one):
                        found[one] = None
                        if len(found) >= 80:
                            break
            known = self._found[key] = tuple(found)
        return known

    def _module(self, path: str, source: str) -> tuple[Value, ...]:
        return (Module(path, source, self.sources(path, Binding("", source, "")), 1.0),)

    def _bound(self, path: str, binding: Binding) -> Iterator[Value]:
        if not binding.name:
            yield from self._module(path, binding.source)
            return
        found = False
        for source in self.sources(path, binding):
            for value in self.exported(source, binding.name):
                found = True
                yield via_import(value, 1.0)
            if found:
                return
        for value in self._submodule(path, binding.source, binding.name):
            found = True
            yield value
        if not found:
            yield from self._of_source(path, binding)

    def _of_source(self, path: str, binding: Binding) -> Iterator[Value]:
        """A member that is imported from a class (`import static a.B.c`, `use Kind::A`)."""
        facts = self.facts(path)
        if facts is None or facts.record.language not in _MEMBERS_IMPORTED:
            return
        separator = LANGUAGES[facts.record.language].separator
        source, _, last = binding.source.rpartition(separator)
        values = tuple(self._bound(path, Binding(last, source, last))) if source else self.name(path, -1, last)
        for value in values:
            if isinstance(value, Definition) and value.place.symbol.shape == "class":
                yield from self.member_of(value, binding.name)

    def _submodule(self, path: str, source: str, name: str) -> Iterator[Value]:
        facts = self.facts(path)
        if facts is not None and name:
            separator = LANGUAGES[facts.record.language].separator
            joined = source + name if source.endswith(separator) else f"{source}{separator}{name}"
            paths = self.sources(path, Binding("", joined, ""))
            if paths:
                yield Module(path, joined, paths, 1.0)

    def exported(self, path: str, name: str) -> tuple[Value, ...]:
        """What a file gives under a name: its own definition, or what it passes on."""
        return self.remember(("exported", path, name), lambda: self._exported(path, name))

    def _exported(self, path: str, name: str) -> Iterator[Value]:
        facts = self.facts(path)
        if facts is None:
            return
        if name == "default" and facts.record.default:
            name = facts.record.default
        found = False
        for value in self._at_top(path, facts, name):
            found = True
            yield value
        if not found:
            symbol = facts.qualified.get(name)
            if symbol is not None and LANGUAGES[facts.record.language].separator in name:
                yield Definition(Place(path, symbol), "scope", 1.0)
            elif facts.record.language == "lua" and facts.record.default and name != facts.record.default:
                for value in self.exported(path, facts.record.default):
                    yield from self.member_of(value, name)

    def exports(self, path: str) -> tuple[Place, ...]:
        """What a file gives by name: its own definitions, then what it passes on."""
        return self.remember(("exports", path), lambda: self._exports(path))

    def _exports(self, path: str) -> Iterator[Place]:
        facts = self.facts(path)
        if facts is None:
            return
        names = facts.record.exports
        for name, symbols in facts.tops.items():
            if not name.startswith("__") or name in names:
                yield Place(path, preferred([Place(path, symbol) for symbol in symbols])[0].symbol)
        passes_on = path.endswith(_PASS_ON)
        for name in facts.bound.get(-1, {}):
            if (name in names if names else passes_on) and not name.startswith("_"):
                yield from (one.place for one in self.exported(path, name) if isinstance(one, Definition))
        for binding in facts.stars.get(-1, ()):
            for source in self.sources(path, binding)[:1]:
                yield from self.exports(source)


def normal(path: str) -> str:
    if "//" not in path and "./" not in path and not path.startswith(("/", ".")) and not path.endswith("/"):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "" if path.startswith("/") else "/".join(parts)
