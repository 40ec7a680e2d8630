"""Makes further cases of ctxbench's form from other Python packages, with jedi as the oracle.

    python tests/bench/context/cases.py --agree                       # against the shipped cases, at the same places
    python tests/bench/context/cases.py --wheels WHEELS --out FOLDER  # a folder like ctxbench's own

CTXBENCH names ctxbench's folder: its scripts are copied beside the new cases. WHEELS holds wheels, or unpacked
projects as folders. Half of the packages, by a hash of their names, are for fitting (`split` dev), half are held out
(`split` test); ctxbench's `--split` tells them apart. TypeScript packages are laid into FOLDER/corpus/ts, and their
cases made by `cases_ts.mjs make FOLDER/corpus/ts FOLDER/cases/typescript.jsonl`, before this runs. Needs jedi. Owns
making cases; what is right is said by jedi.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jedi

Case = dict[str, Any]
Target = dict[str, Any]
Position = tuple[int, int]

LINES, BODIES, SLICES = 18, 14, 14
"""Cases of each track that a package gives at most."""
CALLERS = 12
SECONDS = 20
"""Seconds of processor time that a package may take; what has been found by then is kept."""
ENOUGH = 12
"""Cases of a package with which it is not looked at again when more are asked for."""
SCRIPTS = ("ctxbench.py", "worker.py", "score.py", "tok.py")


class Oracle:
    """What jedi says of one repository. A repository is a folder; packages stand in it or in its `src`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        added = [str(self.root / "src")] if (self.root / "src").is_dir() else []
        self.project = jedi.Project(str(self.root), added_sys_path=added)
        self.sources = {path: _read(path) for path in sorted(self.root.rglob("*.py"))}
        self._trees: dict[Path, ast.Module | None] = {}
        self._scripts: dict[Path, jedi.Script] = {}

    def tree(self, path: Path) -> ast.Module | None:
        """The syntax of a file, or None where Python cannot read it."""
        if path not in self._trees:
            try:
                self._trees[path] = ast.parse(self.sources.get(path, ""))
            except (SyntaxError, ValueError):
                self._trees[path] = None
        return self._trees[path]

    def definitions(self, path: Path, at: Position) -> list[tuple[Path, Any]]:
        """(path, jedi's name) of what a name at a line (1-based) and column means; imports are followed."""
        script = self._scripts.get(path)
        if script is None:
            script = self._scripts[path] = jedi.Script(self.sources[path], path=str(path), project=self.project)
        try:
            found = script.goto(*at, follow_imports=True, follow_builtin_imports=False)
        except _TimeUpError:
            raise
        except Exception:  # noqa: BLE001 (jedi raises many things for odd code)
            return []
        return [(Path(one.module_path), one) for one in found if one.module_path is not None]

    def alternative(self, path: Path, found: Any) -> Target | None:
        """One definition as a case tells it; None for what no case asks for: modules, parameters, locals."""
        path = path.resolve()
        if path not in self.sources or found.line is None:
            return None
        tree = self.tree(path)
        place = _node_at(tree, found.name, found.line) if tree is not None else None
        if place is None:
            return None
        node, owner = place
        lines = self.sources[path].split("\n")
        made: Target = {"kind": "", "name": found.name, "owner": owner, "file": path.relative_to(self.root).as_posix()}
        made |= {"line": found.line, "params": []}
        if isinstance(node, ast.ClassDef):
            head = " ".join(lines[node.lineno - 1].split())
            made |= {"kind": "class", "owner": None, "sig": head}
            use = _use(node)
            if use is not None:
                made["use"] = use
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            head = "\n".join(lines[node.lineno - 1 : max(node.lineno, node.body[0].lineno - 1)])
            made |= {"kind": "func", "params": _params(node), "sig": head[:400]}
        elif owner is None:
            made |= {"kind": "var", "sig": lines[found.line - 1].rstrip()[:200]}
        else:
            return None
        return made

    def targets(self, path: Path, names: list[tuple[str, Position]], within: tuple[int, int]) -> list[Target]:
        """The definitions of the repository that names mean, first use first; those within the lines are left out."""
        targets: dict[tuple[str, int, str], Target] = {}
        here = path.relative_to(self.root).as_posix()
        for name, at in names:
            alternatives: list[Target] = []
            for where, found in self.definitions(path, at):
                made = self.alternative(where, found)
                inside = made is not None and made["file"] == here and within[0] <= made["line"] <= within[1]
                if made is not None and not inside and made not in alternatives:
                    alternatives.append(made)
            if alternatives:
                first = alternatives[0]
                key = (first["file"], first["line"], first["name"])
                cross = all(one["file"] != here for one in alternatives)
                targets.setdefault(key, {"name": name, "alts": alternatives, "cross": cross})
        return list(targets.values())

    def callers(self, path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Case]:
        """Where a function is called, as far as jedi can tell; at most `CALLERS`."""
        found: list[Case] = []
        for where, source in self.sources.items():
            tree = self.tree(where) if function.name + "(" in source else None
            if tree is None:
                continue
            lines = source.split("\n")
            for around, call in _calls(tree, function.name):
                at = _end_of(call.func, lines)
                meant = self.definitions(where, (at[0], at[1] - 1))
                if any(one.resolve() == path and name.line == function.lineno for one, name in meant):
                    relative = where.relative_to(self.root).as_posix()
                    test = "test" in relative
                    text = " ".join(lines[call.func.end_lineno - 1].split())  # type: ignore[operator]
                    line = call.func.end_lineno
                    found.append({"file": relative, "line": line, "text": text, "caller": around, "test": test})
                    if len(found) >= CALLERS:
                        return found
        return found


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            source = file.read()
    except (OSError, UnicodeDecodeError):
        return ""
    # Lines are counted alike by ast, jedi and us only where "\n" alone ends them
    return source if not set(source) & set("\r\f\v\x1c\x1d\x1e\x85\u2028\u2029") else ""


def _params(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    asked = node.args
    found = [*asked.posonlyargs, *asked.args]
    found += [asked.vararg] if asked.vararg else []
    found += asked.kwonlyargs
    found += [asked.kwarg] if asked.kwarg else []
    return [one.arg for one in found]


def _use(node: ast.ClassDef) -> Target | None:
    """What calling a class needs beside its head: its own constructor's parameters, or its fields."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            names = _params(one)[1:]
            return {"how": "init", "names": names} if names else None
    marks = " ".join(ast.unparse(one) for one in [*node.decorator_list, *node.bases])
    if not any(word in marks for word in ("dataclass", "NamedTuple", "TypedDict", "attr.s", "define", "frozen")):
        return None
    names = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
    return {"how": "fields", "names": names} if names else None


def _node_at(tree: ast.AST, name: str, line: int) -> tuple[ast.AST, str | None] | None:
    """(definition, its class) of a name that is defined at a line, outside functions."""
    pending: list[tuple[ast.AST, str | None]] = [(tree, None)]
    while pending:
        parent, owner = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if node.name == name and node.lineno == line:
                    return node, owner
                if isinstance(node, ast.ClassDef):
                    pending.append((node, node.name))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                if node.id == name and node.lineno == line:
                    return node, owner
            elif not isinstance(node, ast.Lambda):
                pending.append((node, owner))
    return None


def _names(node: ast.AST, lines: list[str]) -> list[tuple[str, Position]]:
    """(name, place) of the names that a piece of code reads, in the order of the text."""
    found: list[tuple[Position, str]] = []
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
            found.append(((one.lineno, _column(lines, one.lineno, one.col_offset)), one.id))
        elif isinstance(one, ast.Attribute):
            line, end = _end_of(one, lines)
            found.append(((line, end - len(one.attr)), one.attr))
    return [(name, at) for at, name in sorted(found)]


def _end_of(node: ast.expr, lines: list[str]) -> Position:
    line = node.end_lineno or node.lineno
    return line, _column(lines, line, node.end_col_offset or 0)


def _column(lines: list[str], line: int, offset: int) -> int:
    """Python's columns are UTF-8 bytes; ctxbench's and jedi's are code points."""
    text = lines[line - 1]
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def _calls(tree: ast.AST, name: str) -> Iterator[tuple[str, ast.Call]]:
    """(name of the function around, call) of the calls of a name in a file."""
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        parent, around = pending.pop()
        for node in ast.iter_child_nodes(parent):
            inside = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else around
            pending.append((node, inside))
            if isinstance(node, ast.Call) and around:
                called = node.func
                if name == (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")):
                    yield around, node


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{one.name}", one


def _statements(function: ast.AST) -> Iterator[ast.stmt]:
    simple = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return | ast.Raise
    for node in ast.walk(function):
        if isinstance(node, simple) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield node


def _seen(targets: list[Target], lines: list[str], first: Position, last: Position) -> list[Target]:
    rest = "\n".join([*lines[: first[0] - 1], lines[first[0] - 1][: first[1]], *lines[last[0] :]])
    words = set(rest.replace(".", " ").translate(_NOT_WORDS).split())
    return [{**target, "seen": target["name"] in words} for target in targets]


_NOT_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


def _cut(lines: list[str], first: Position, last: Position) -> tuple[list[int], str]:
    """(mask, text) of what is cut out between two places (lines 1-based)."""
    mask = [first[0] - 1, first[1], last[0] - 1, last[1]]
    part = lines[first[0] - 1 : last[0]]
    part[-1] = part[-1][: last[1]]
    part[0] = part[0][first[1] :]
    return mask, "\n".join(part)


def line_case(oracle: Oracle, repo: str, path: Path, statement: ast.stmt, dice: random.Random) -> Case | None:
    """One statement cut, from its start or from the first name that another file defines."""
    lines = oracle.sources[path].split("\n")
    names = _names(statement, lines)
    asked: list[Target] = []
    starts: list[Position] = []
    for name, at in names[:30]:
        found = [one for one in oracle.targets(path, [(name, at)], (-1, -1)) if one["cross"]]
        asked += [one for one in found if one not in asked]
        starts += [at] if found else []
    if not asked:
        return None
    begin = (statement.lineno, _column(lines, statement.lineno, statement.col_offset))
    end = (statement.end_lineno or 0, _column(lines, statement.end_lineno or 1, statement.end_col_offset or 0))
    if dice.random() < 0.5:
        begin = starts[0]
    mask, truth = _cut(lines, begin, end)
    here = path.relative_to(oracle.root).as_posix()
    case: Case = {"id": f"line/{repo}/{here}:{begin[0]}", "track": "line", "lang": "python", "repo": repo, "file": here}
    case |= {"line": begin[0] - 1, "col": begin[1], "mask": mask, "groundtruth": truth}
    return case | {"targets": _seen(asked, lines, begin, end)}


def body_case(oracle: Oracle, repo: str, path: Path, name: str, function: ast.FunctionDef) -> Case | None:
    """A body cut behind its docstring; asked for is what other files define."""
    lines = oracle.sources[path].split("\n")
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if not body or not 1 <= (body[-1].end_lineno or 0) - body[0].lineno <= 78:
        return None
    names = [one for statement in body for one in _names(statement, lines)]
    within = (function.lineno, function.end_lineno or 0)
    asked = [one for one in oracle.targets(path, names[:150], within) if one["cross"]]
    if not asked:
        return None
    begin = (body[0].lineno, _column(lines, body[0].lineno, body[0].col_offset))
    end = (body[-1].end_lineno or 0, _column(lines, body[-1].end_lineno or 1, body[-1].end_col_offset or 0))
    mask, truth = _cut(lines, begin, end)
    here = path.relative_to(oracle.root).as_posix()
    case: Case = {"id": f"body/{repo}/{here}:{name}", "track": "body", "lang": "python", "repo": repo, "file": here}
    case |= {"line": mask[0], "col": mask[1], "mask": mask, "groundtruth": truth}
    return case | {"targets": _seen(asked, lines, begin, end), "unresolved": 0}


def slice_case(oracle: Oracle, repo: str, path: Path, name: str, function: ast.FunctionDef) -> Case | None:
    """Nothing cut; asked for is every definition of the repository that a name in the function means."""
    lines = oracle.sources[path].split("\n")
    if not 4 <= (function.end_lineno or 0) - function.lineno <= 95:
        return None
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    last = function.end_lineno or function.lineno
    asked = oracle.targets(path, _names(function, lines)[:200], (first, last))
    if not 3 <= len(asked) <= 9 or not any(one["cross"] for one in asked):
        return None
    here = path.relative_to(oracle.root).as_posix()
    files = sorted({here, *(one["file"] for target in asked for one in target["alts"])})
    case: Case = {"id": f"slice/{repo}/{here}:{name}:{function.lineno}", "track": "slice", "lang": "python"}
    column = _column(lines, function.lineno, function.col_offset)
    case |= {"repo": repo, "file": here, "line": function.lineno - 1, "col": column, "func": name}
    case |= {"func_range": [first, last], "mask": None, "targets": asked, "def_files": files}
    return case | {"callers": oracle.callers(path, function)}


class _TimeUpError(Exception):
    pass


@contextmanager
def _seconds(limit: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TimeUpError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def cases_of(root: Path) -> list[Case]:
    """The cases of one repository: the same for the same content, as far as time allows."""
    made: list[Case] = []
    try:
        with _seconds(SECONDS):
            _collect(Oracle(root), root.name, made)
    except (_TimeUpError, RecursionError):
        pass
    return made


def _collect(oracle: Oracle, repo: str, made: list[Case]) -> None:
    dice = random.Random(repo)
    places = [
        (path, name, function)
        for path in oracle.sources
        for tree in [oracle.tree(path)]
        if tree is not None and path.name != "__main__.py"
        for name, function in _functions(tree)
    ]
    dice.shuffle(places)
    left = {"line": LINES, "body": BODIES, "slice": SLICES}
    for path, name, function in places:
        if not any(left.values()):
            return
        track = dice.choice([track for track, count in left.items() for _ in range(count)])
        case = None
        if track == "line":
            statements = list(_statements(function))
            dice.shuffle(statements)
            tries = (line_case(oracle, repo, path, one, dice) for one in statements[:4])
            case = next((one for one in tries if one is not None), None)
        elif track == "body":
            case = body_case(oracle, repo, path, name, function)  # type: ignore[arg-type]
        else:
            case = slice_case(oracle, repo, path, name, function)  # type: ignore[arg-type]
        if case is not None:
            made.append(case)
            left[track] -= 1


def unpacked(wheels: Path, out: Path, names: list[str]) -> list[Path]:
    """The repositories of a folder of wheels or projects, unpacked below `out`; Python sources alone."""
    roots: list[Path] = []
    for place in sorted(wheels.iterdir()):
        name = "-".join(place.name.split("-")[:2])
        if names and place.name.split("-")[0].lower() not in names:
            continue
        root = out / name
        if place.suffix == ".whl" and not root.exists():
            with zipfile.ZipFile(place) as archive:
                for one in archive.namelist():
                    if one.endswith(".py") and ".dist-info/" not in one and ".data/" not in one:
                        archive.extract(one, root)
        elif place.is_dir() and not root.exists():
            shutil.copytree(place, root)
        if root.is_dir():
            roots.append(root)
    return roots


def _known(path: Path) -> dict[str, list[Case]]:
    """The cases that were made before, by repository."""
    found: dict[str, list[Case]] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        case = json.loads(line)
        found.setdefault(case["repo"], []).append(case)
    return found


def write_split(out: Path) -> None:
    """Tell ctxbench's own script which repositories, of either language, are for fitting: half, by their names."""
    names = sorted(root.name for root in (out / "corpus").glob("*/*"))
    fitted = {name for name in names if hashlib.sha256(name.rsplit("-", 1)[0].encode()).digest()[0] % 2}
    script = (out / "ctxbench.py").read_text("utf-8")
    start = script.index("DEV = {")
    end = script.index("}", start) + 1
    (out / "ctxbench.py").write_text(f"{script[:start]}DEV = {{*{sorted(fitted)!r}}}{script[end:]}", "utf-8")


def agree(bench: Path) -> None:
    """Print how far our targets are those of the shipped cases at the same places."""
    shipped = [json.loads(line) for line in (bench / "cases" / "python.jsonl").read_text("utf-8").splitlines()]
    both = only_ours = only_theirs = fields = 0
    for repo in sorted({case["repo"] for case in shipped}):
        oracle = Oracle(bench / "corpus" / "py" / repo)
        for case in (one for one in shipped if one["repo"] == repo and one["track"] != "body"):
            ours = {one["name"]: one for one in _again(oracle, case)}
            theirs = {one["name"]: one for one in case["targets"]}
            both += len(ours.keys() & theirs.keys())
            only_ours += len(ours.keys() - theirs.keys())
            only_theirs += len(theirs.keys() - ours.keys())
            for name in ours.keys() & theirs.keys():
                told = [
                    [one.get(key) for key in ("kind", "owner", "file", "params", "use")] for one in ours[name]["alts"]
                ]
                fields += theirs[name]["alts"][0] is not None and all(
                    [one.get(key) for key in ("kind", "owner", "file", "params", "use")] in told
                    for one in theirs[name]["alts"]
                )
            for name in sorted(ours.keys() ^ theirs.keys()):
                whose = "ours  " if name in ours else "theirs"
                print(whose, case["id"], name, [one["sig"] for one in (ours.get(name) or theirs[name])["alts"]][:1])
    print(f"both {both} ({fields} alike in every field), only ours {only_ours}, only theirs {only_theirs}")


def _again(oracle: Oracle, case: Case) -> list[Target]:
    path = oracle.root / case["file"]
    tree, lines = oracle.tree(path), oracle.sources[path].split("\n")
    if tree is None:
        return []
    if case["track"] == "slice":
        first, last = case["func_range"]
        found = [one for one in ast.walk(tree) if getattr(one, "end_lineno", None) == last and hasattr(one, "body")]
        function = next((one for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)), None)
        return [] if function is None else oracle.targets(path, _names(function, lines), (first, last))
    mask = case["mask"]
    names = [(name, at) for name, at in _names(tree, lines) if (mask[0] + 1, mask[1]) <= at <= (mask[2] + 1, mask[3])]
    return [one for one in oracle.targets(path, names, (-1, -1)) if one["cross"]]


def main() -> int:
    """Make the cases, or compare; 0 where there is nothing to do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agree", action="store_true")
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--names", default="", help="packages, by a comma; all of the folder else")
    parser.add_argument("--minutes", type=float, default=15)
    asked = parser.parse_args()
    if "CTXBENCH" not in os.environ or not (asked.agree or (asked.wheels and asked.out)):
        print("CTXBENCH names no folder, or no --wheels and --out are given: see README.md beside this file")
        return 0
    bench = Path(os.environ["CTXBENCH"]).resolve()
    if asked.agree:
        agree(bench)
        return 0
    begin = time.monotonic()
    out: Path = asked.out.resolve()
    (out / "cases").mkdir(parents=True, exist_ok=True)
    for script in SCRIPTS:
        shutil.copy2(bench / script, out / script)
    shutil.copytree(bench / "tiktoken", out / "tiktoken", dirs_exist_ok=True)
    (out / "corpus" / "ts").mkdir(parents=True, exist_ok=True)
    names = [one.lower() for one in asked.names.split(",") if one]
    roots = unpacked(asked.wheels.resolve(), out / "corpus" / "py", names)
    (out / "cases" / "typescript.jsonl").touch()
    known = _known(out / "cases" / "python.jsonl")
    with (out / "cases" / "python.jsonl").open("w", encoding="utf-8") as file:
        for root in roots:
            late = time.monotonic() - begin > asked.minutes * 60
            made = known.get(root.name, [])
            if len(made) < ENOUGH and not late:
                # jedi does not always recover from being stopped
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                    made = pool.submit(cases_of, root).result()
            file.writelines(json.dumps(case) + "\n" for case in made)
            file.flush()
            print(f"{root.name}: {len(made)} cases, {time.monotonic() - begin:.0f} s", flush=True)
    write_split(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
