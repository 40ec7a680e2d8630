"""Which workspace files Lanyard may look at: `.gitignore`, `.lanyardignore` and what is never read.

Owns the precedence of the rules and their reading. It decides by names alone: symlinks, sizes and contents
belong to `workspace.py`. It must not read anything but rule files.

Precedence, strongest first:

1. what is never read (`.git`, `node_modules`, virtual environments, key material): nothing re-includes it;
2. `.lanyardignore`, deepest directory first, the last matching line of a file decides. `!pattern` re-includes what a
   `.gitignore` excludes, because the one who writes it names Lanyard in the file's name;
3. `.gitignore` by git's own rules (deepest first, from the top of the repository, even if that lies above the root);
4. `.git/info/exclude`, then the user's own `git/ignore`; a workspace file cannot re-include against these two
   except where git itself lets a `.gitignore` do so.

As in git, a file below an excluded directory is excluded whatever else is said about it.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

GIT_IGNORE = ".gitignore"
LANYARD_IGNORE = ".lanyardignore"
RULE_FILE_LIMIT = 1 << 20
"""Bytes of a rule file that are read; git itself has no limit."""

_DIRECTORY_NAMES = """
.git .hg .svn .bzr .jj .sl node_modules bower_components jspm_packages .venv .virtualenv .tox .nox
__pycache__ .mypy_cache .pytest_cache .ruff_cache .hypothesis .eggs .gradle .terraform .ssh .gnupg .aws .azure .kube
.docker .gcloud .password-store
"""
_FILE_NAMES = """
.env* *.env *.pem *.key *.p12 *.pfx *.pkcs12 *.jks *.keystore *.bks *.kdb *.kdbx *.ppk *.p8 *.agekey
id_rsa* id_dsa* id_ecdsa* id_ed25519* id_xmss* *_rsa *_dsa *_ecdsa *_ed25519 ssh_host_*_key *.gpg *.pgp secring.*
.netrc _netrc .npmrc .yarnrc .yarnrc.yml .pypirc .git-credentials .htpasswd .pgpass .my.cnf .mylogin.cnf .s3cfg .boto
.dockercfg .dockerconfigjson .vault-token .terraformrc terraform.rc *.tfstate *.tfstate.* *.tfvars *.tfvars.json
*.ovpn kubeconfig kubeconfig.* *.kubeconfig rclone.conf master.key wallet.dat local.settings.json
credentials credentials.json credentials.y*ml credentials.toml credentials.ini credentials.xml credentials.csv
credentials.properties credentials.db *.credentials client_secret*.json *service[-_]account*.json
*serviceaccount*.json application_default_credentials.json google-services.json googleservice-info.plist
.secrets .secret secrets.json secrets.y*ml secrets.toml secrets.ini secrets.properties secrets.xml secret.json
secret.y*ml secret.toml
"""
NEVER_DIRECTORIES = frozenset(_DIRECTORY_NAMES.split())
NEVER_FILES = tuple(_FILE_NAMES.split())
"""Shell patterns of key material, compared with the lower-cased name."""
_ENVIRONMENT = "pyvenv.cfg"
_WILD = frozenset("*?[")
_NEVER_NAMES = frozenset(name for name in NEVER_FILES if _WILD.isdisjoint(name))
_NEVER_ENDS = tuple(name[1:] for name in NEVER_FILES if name[0] == "*" and _WILD.isdisjoint(name[1:]))
_NEVER_STARTS = tuple(name[:-1] for name in NEVER_FILES if name[-1] == "*" and _WILD.isdisjoint(name[:-1]))
_NEVER_OTHERS = tuple(
    name for name in NEVER_FILES if not _WILD.isdisjoint(name[1:-1]) or (name[0] == "*" and name[-1] == "*")
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a path is excluded: the rule file (or a word for the built-in rules) and the line that decided."""

    source: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.source} ({self.pattern})"


@dataclass(frozen=True, slots=True)
class _Rule:
    raw: str
    regex: re.Pattern[str]
    includes: bool
    directories_only: bool


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The compiled patterns of one rule file, relative to the directory that it governs."""

    rules: tuple[_Rule, ...] = ()
    any_rule: re.Pattern[str] | None = None

    @classmethod
    def of(cls, content: str, case: str = "sensitive") -> RuleFile:
        """Compile gitignore lines; a line that git would discard is discarded. `case` is `sensitive` or `folded`."""
        rules: list[_Rule] = []
        for line in content.removeprefix("\ufeff").split("\n"):
            rule = _rule(line.removesuffix("\r"), case)
            if rule is not None:
                rules.append(rule)
        if not rules:
            return _NO_RULES
        sources = dict.fromkeys(rule.regex.pattern.replace("(?P<ps_d>", "(?:") for rule in rules)
        return cls(tuple(rules), re.compile("|".join(f"(?:{source})" for source in sources), re.DOTALL))

    def decision(self, path: str, *, directory: bool) -> tuple[bool, str] | None:
        """(excluded, pattern) by the last line that matches this very entry, or None if no line does.

        `path` is relative to the rule file's directory. A match of a parent directory is not counted: parents are
        decided before their children.
        """
        if self.any_rule is None or not self.any_rule.search(path):
            return None
        for rule in reversed(self.rules):
            if rule.directories_only and not directory:
                continue
            match = rule.regex.search(path)
            # pathspec marks by this group a match of a parent directory
            if match is not None and not match.groupdict().get("ps_d"):
                return rule.includes, rule.raw
        return None


_NO_RULES = RuleFile()


def _as_git_compares(text: str, case: str) -> str:
    """One character for each UTF-8 byte, because git's `?` and `[!a]` match one byte."""
    if case == "folded":
        text = text.lower()
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


_STAR = "[^/]*"  # as pathspec writes a `*`


def _without_backtracking(source: str) -> str:
    """The same regex, in time linear in the path: a pattern with many stars is a stranger's way to hang us.

    What stands between two stars has a fixed length, so the leftmost place for it is as good as any other; an atomic
    group holds on to that place.
    """
    first, *middle = source.split(_STAR)
    if len(middle) < 2:
        return source
    parts = [f"{_STAR}{part}" if "(" in part else f"(?>{_STAR}?{part})" for part in middle[:-1]]
    return "".join([first, *parts, _STAR, middle[-1]])


def _rule(line: str, case: str) -> _Rule | None:
    # Loaded where there are rules: it is a tenth of an index process's start
    from pathspec.patterns.gitignore import GitIgnorePatternError  # noqa: PLC0415
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415

    # Compiled without its last slash, which says only "directories": pathspec takes `a/**/` to match `a`, git does not.
    stripped = line if line.endswith("\\ ") else line.rstrip(" ")
    directories_only = stripped.endswith("/")
    try:
        source, includes = GitIgnoreSpecPattern.pattern_to_regex(_as_git_compares(stripped.removesuffix("/"), case))
        if source is None or includes is None:
            return None
        regex = re.compile(_without_backtracking(source), re.DOTALL)
    except (GitIgnorePatternError, ValueError, re.error):
        return None
    return _Rule(stripped, regex, includes, directories_only)


_Layers = tuple[tuple[str, RuleFile], ...]


class IgnoreRules:
    """The rules below one root, as they stand when first asked; make a new one for each task."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._top = _repository_top(self.root) or self.root
        prefix = self.root.relative_to(self._top).as_posix()
        self._prefix = "" if prefix == "." else prefix + "/"
        self._case = "folded" if _folds_case(self.root) else "sensitive"
        self._files: dict[tuple[str, str], RuleFile] = {}
        self._above: dict[tuple[str, str], _Layers] = {}
        self._directories: dict[str, Exclusion | None] = {"": None}
        self._ruled: dict[str, bool] = {}
        personal = [(".git/info/exclude", _info_exclude(self._top)), ("your git/ignore", _user_ignore())]
        loaded = [(name, _load(path, self._case)) for name, path in personal if path is not None]
        self._personal = [(name, rules) for name, rules in loaded if rules.rules]

    def why(self, path: str) -> Exclusion | None:
        """Why the file `path` (posix, relative to the root) is excluded, or None if it is not."""
        parent, _, name = path.rpartition("/")
        excluded = self.why_directory(parent) or _never_file(path, name)
        return excluded or (self._decide(path, directory=False) if self._is_ruled(parent) else None)

    def why_directory(self, path: str) -> Exclusion | None:
        """Why the directory `path` is excluded, or None; `""` is the root and never excluded."""
        known = self._directories.get(path, _UNKNOWN)
        if not isinstance(known, _Unknown):
            return known
        parent, _, name = path.rpartition("/")
        result = self.why_directory(parent) or self._never_directory(path, name) or self._decide(path, directory=True)
        self._directories[path] = result
        return result

    def enter(self, path: str, names: Collection[str]) -> Exclusion | None:
        """Like `why_directory`, for a walk that has seen the names of the directory's entries: nothing is looked for in
        vain."""
        base = _as_git_compares(f"{self._prefix}{path}/" if path else self._prefix, self._case)
        for kind in (GIT_IGNORE, LANYARD_IGNORE):
            if kind not in names:
                self._files.setdefault((base, kind), _NO_RULES)
        if path not in self._directories and _ENVIRONMENT not in names:
            parent, _, name = path.rpartition("/")
            named = Exclusion("never read", name + "/") if name.lower() in NEVER_DIRECTORIES else None
            self._directories[path] = self.why_directory(parent) or named or self._decide(path, directory=True)
        return self.why_directory(path)

    def _never_directory(self, path: str, name: str) -> Exclusion | None:
        if name.lower() in NEVER_DIRECTORIES:
            return Exclusion("never read", name + "/")
        if (self.root / path / _ENVIRONMENT).is_file():
            return Exclusion("never read", "virtual environment")
        return None

    def _is_ruled(self, parent: str) -> bool:
        """Whether any rule file speaks of what lies in a directory."""
        known = self._ruled.get(parent)
        if known is None:
            base = _as_git_compares(f"{self._prefix}{parent}/" if parent else self._prefix, self._case)
            layers = (self._rules_above(base, kind) for kind in (GIT_IGNORE, LANYARD_IGNORE))
            known = self._ruled[parent] = bool(self._personal) or any(layers)
        return known

    def _decide(self, path: str, *, directory: bool) -> Exclusion | None:
        full = _as_git_compares(self._prefix + path, self._case)
        own = self._layered(LANYARD_IGNORE, full, directory=directory)
        if own is not None and own[0]:
            return Exclusion(own[2], own[1])
        git = self._layered(GIT_IGNORE, full, directory=directory)
        if git is not None and not git[0]:
            return None
        if git is not None and own is None:
            return Exclusion(git[2], git[1])
        for name, rules in self._personal:
            personal = rules.decision(full, directory=directory)
            if personal is not None:
                return Exclusion(name, personal[1]) if personal[0] else None
        return None

    def _layered(self, kind: str, full: str, *, directory: bool) -> tuple[bool, str, str] | None:
        """The decision of the deepest rule file of a kind that has one: (excluded, pattern, rule file)."""
        for base, rules in self._rules_above(full[: full.rfind("/") + 1], kind):
            decided = rules.decision(full[len(base) :], directory=directory)
            if decided is not None:
                return (*decided, base + kind)
        return None

    def _rules_above(self, base: str, kind: str) -> _Layers:
        """The rule files of a kind that speak of what lies in `base`, deepest first, each with its directory."""
        missing: list[str] = []
        above = self._above.get((base, kind))
        while above is None:
            missing.append(base)
            if not base:
                above = ()
                break
            base = base[: base.rfind("/", 0, -1) + 1]
            above = self._above.get((base, kind))
        for below in reversed(missing):
            rules = self._rules_in(below, kind)
            above = self._above[below, kind] = ((below, rules), *above) if rules.rules else above
        return above

    def _rules_in(self, base: str, kind: str) -> RuleFile:
        key = (base, kind)
        rules = self._files.get(key)
        if rules is None:
            directory = base if base.isascii() else base.encode("latin-1").decode("utf-8", "surrogateescape")
            rules = self._files[key] = _load(self._top / directory / kind, self._case)
        return rules


def never_read(path: str) -> Exclusion | None:
    """Why a file is excluded by its names alone, or None. `path` is posix; nothing on the disk is looked at."""
    *directories, name = path.split("/")
    for directory in directories:
        if directory.lower() in NEVER_DIRECTORIES:
            return Exclusion("never read", directory + "/")
    return _never_file(path, name)


class _Unknown:
    pass


_UNKNOWN = _Unknown()


def _never_file(path: str, name: str) -> Exclusion | None:
    lower = name.lower()
    if (
        lower in _NEVER_NAMES
        or lower.endswith(_NEVER_ENDS)
        or lower.startswith(_NEVER_STARTS)
        or _never_others().match(lower)
    ):
        return Exclusion("never read", "key material")
    if lower in _NEVER_LAST and tuple(path.lower().split("/")[-2:]) in _NEVER_TAILS:
        return Exclusion("never read", "key material")
    return None


@cache
def _never_others() -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(name) for name in _NEVER_OTHERS))


_NEVER_TAILS = frozenset({(".cargo", "credentials.toml"), (".gem", "credentials"), ("gh", "hosts.yml")})
_NEVER_LAST = frozenset(tail[-1] for tail in _NEVER_TAILS)


def _load(path: Path, case: str) -> RuleFile:
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return _NO_RULES
    return _compiled(str(path), found.st_mtime_ns, found.st_size, case)


@lru_cache(maxsize=512)
def _compiled(path: str, mtime_ns: int, size: int, case: str) -> RuleFile:
    del mtime_ns, size  # they are part of the key: a rule file that changed is read again
    try:
        # git does not follow a symlink here either: it could point anywhere
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            return RuleFile.of(file.read(RULE_FILE_LIMIT).decode("utf-8", "surrogateescape"), case)
    except OSError:
        return _NO_RULES


def _repository_top(root: Path) -> Path | None:
    return next((place for place in (root, *root.parents) if (place / ".git").exists()), None)


def _info_exclude(top: Path) -> Path | None:
    """`info/exclude` of a repository, also of a linked worktree or submodule, whose `.git` is a file."""
    git = top / ".git"
    try:
        if git.is_file():
            line = git.read_text("utf-8", "replace").strip()
            git = (top / line.removeprefix("gitdir:").strip()).resolve()
            common = git / "commondir"
            if common.is_file():
                git = (git / common.read_text("utf-8", "replace").strip()).resolve()
        return git / "info" / "exclude"
    except (OSError, ValueError):
        return None


def _user_ignore() -> Path | None:
    """git's default for `core.excludesFile`; another value of that setting is not read."""
    base = os.environ.get("XDG_CONFIG_HOME") or (os.path.expanduser("~") + "/.config")
    return Path(base) / "git" / "ignore"


def _folds_case(root: Path) -> bool:
    """Whether the file system takes `A` and `a` for the same name; there, as in git, so do the rules."""
    other = Path(str(root).swapcase())
    try:
        return str(other) != str(root) and other.exists() and other.samefile(root)
    except (OSError, ValueError):
        return False
