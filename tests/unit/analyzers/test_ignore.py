"""The ignore rules against git itself, and Lanyard's own additions to them."""

from __future__ import annotations

import os
import random
import re
import subprocess
from pathlib import Path

import pytest

from lanyard_analyzers import ignore
from lanyard_analyzers.ignore import IgnoreRules

NAMES = ["a", "b", "foo", "bar", "x.py", "y.py", "build", "a b", "foo.txt", "[z]", "é", "!n", "#h", "ab", "aab"]
TRICKY = r"""
*.py !x.py /foo !/foo foo/ !foo/ build/ a/b a/** !a/** **/foo a/**/b * !*/ /* !/a [ab] [!ab] ? f* !f* b*/ foo/* !foo/bar
\#h \!n #comment ** **/ !**/ a*b *a* a/*/b /a/ !/a/b/ [a-c]* a[ \ ! / foo/**/ **/b/**
"""
PATTERNS = [*NAMES, *TRICKY.split(), "", "  ", "a\\ b", "foo.txt "]
KEY_MATERIAL = """
.env .env.local prod.env .envrc server.pem a/b/tls.key id_rsa id_rsa.pub deploy/id_ed25519 x.p12 app.keystore a.jks
.netrc .npmrc .pypirc credentials credentials.json .aws/config .ssh/config .kube/config my-service-account.json
terraform.tfstate prod.tfvars ID_RSA Server.PEM .cargo/credentials.toml .git-credentials kubeconfig secrets.yaml .hg/x
.venv/a.py
"""


@pytest.fixture(autouse=True)
def no_personal_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def make(root: Path, files: dict[str, str]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8", newline="")
    return root


def random_tree(root: Path, seed: int) -> list[str]:
    """A tree with rule files on some levels; gives the paths of its plain files."""
    dice = random.Random(seed)
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    paths: list[str] = []

    def fill(directory: str, depth: int) -> None:
        for name in dice.sample(NAMES, 5):
            path = directory + name
            if depth < 3 and dice.random() < 0.55:
                (root / path).mkdir()
                fill(path + "/", depth + 1)
            else:
                (root / path).write_text("")
                paths.append(path)
        if depth == 0 or dice.random() < 0.3:
            end = dice.choice(["\n", "\r\n"])
            (root / directory / ".gitignore").write_bytes(end.join(dice.choices(PATTERNS, k=5)).encode())

    fill("", 0)
    (root / ".git/info/exclude").write_text("\n".join(dice.choices(PATTERNS, k=2)))
    return paths


@pytest.mark.needs("git")
def test_same_verdict_as_git_on_random_trees(tmp_path: Path) -> None:
    wrong: list[str] = []
    total = excluded = 0
    for seed in range(60):
        root = tmp_path / str(seed)
        paths = random_tree(root, seed)
        command = ["git", "-C", str(root), "check-ignore", "-z", "--stdin", "--no-index"]
        answer = subprocess.run(command, input="\0".join(paths).encode(), capture_output=True, check=False)
        ignored = set(answer.stdout.decode().split("\0"))
        rules = IgnoreRules(root)
        total += len(paths)
        excluded += len(ignored) - 1
        wrong += [
            f"{seed}: {path} git={path in ignored}"
            for path in paths
            if (rules.why(path) is not None) != (path in ignored)
        ]
    assert wrong == []
    assert total > 1000
    assert excluded > total / 10


def test_lanyardignore_excludes_what_git_keeps(tmp_path: Path) -> None:
    root = make(tmp_path, {".lanyardignore": "secret/\n*.sql\n", "sub/.lanyardignore": "here.py\n"})
    rules = IgnoreRules(root)
    assert str(rules.why("secret/a.py")) == ".lanyardignore (secret/)"
    assert str(rules.why("sub/here.py")) == "sub/.lanyardignore (here.py)"
    assert rules.why("sub/deep/x.sql")
    assert rules.why("here.py") is None


def test_lanyardignore_brings_back_what_a_gitignore_excludes(tmp_path: Path) -> None:
    root = make(tmp_path, {".gitignore": "gen/\n*.log\n", ".lanyardignore": "!gen/\ngen/private.py\n"})
    rules = IgnoreRules(root)
    assert rules.why("gen/api.py") is None
    assert str(rules.why("gen/private.py")) == ".lanyardignore (gen/private.py)"
    assert str(rules.why("gen/x.log")) == ".gitignore (*.log)"


def test_a_workspace_file_overrules_neither_the_users_own_rules_nor_key_material(tmp_path: Path) -> None:
    root = make(
        tmp_path,
        {
            ".git/info/exclude": "mine.py\n",
            "config/git/ignore": "notes/\n",
            ".lanyardignore": "!mine.py\n!notes/\n!.env\n!node_modules/\n!.git/\n",
        },
    )
    rules = IgnoreRules(root)
    assert str(rules.why("mine.py")) == ".git/info/exclude (mine.py)"
    assert str(rules.why("notes/x")) == "your git/ignore (notes/)"
    assert str(rules.why(".env")) == "never read (key material)"
    assert rules.why("node_modules/x/index.js")
    assert rules.why(".git/config")


@pytest.mark.parametrize(
    "path",
    KEY_MATERIAL.split(),
)
def test_key_material_is_never_read(tmp_path: Path, path: str) -> None:
    assert IgnoreRules(tmp_path).why(path)


@pytest.mark.parametrize(
    "path", ["credentials.py", "src/env.py", "key.go", "pem.ts", "monkey.rs", "rsa.c", "tokens.json", "env/a.py"]
)
def test_source_files_with_such_words_are_read(tmp_path: Path, path: str) -> None:
    assert IgnoreRules(tmp_path).why(path) is None


def test_a_virtual_environment_of_any_name(tmp_path: Path) -> None:
    make(tmp_path, {"py312/pyvenv.cfg": "home = /usr\n", "py312/lib/a.py": ""})
    assert str(IgnoreRules(tmp_path).why("py312/lib/a.py")) == "never read (virtual environment)"


def test_rules_above_the_root_count_when_they_are_of_the_same_repository(tmp_path: Path) -> None:
    make(
        tmp_path,
        {"repo/.git/HEAD": "", "repo/.gitignore": "/pkg/private.py\n", "repo/pkg/a.py": "", ".gitignore": "a.py\n"},
    )
    rules = IgnoreRules(tmp_path / "repo" / "pkg")
    assert rules.why("private.py")
    assert rules.why("a.py") is None


def test_info_exclude_of_a_linked_worktree(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            "main/.git/info/exclude": "x.py\n",
            "main/.git/worktrees/w/commondir": "../..\n",
            "w/.git": f"gitdir: {tmp_path}/main/.git/worktrees/w\n",
        },
    )
    assert IgnoreRules(tmp_path / "w").why("x.py")


def test_odd_rule_files(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfbom.py\r\n\xff\xfe\x00bad\r\nlast.py")
    (tmp_path / "dir" / ".gitignore").mkdir(parents=True)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / ".gitignore").symlink_to("/dev/zero")
    rules = IgnoreRules(tmp_path)
    assert rules.why("bom.py")
    assert rules.why("last.py")
    assert rules.why("dir/x.py") is None
    assert rules.why("link/x.py") is None


def test_a_changed_rule_file_is_seen_by_the_next_task(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "a.py\n"})
    assert IgnoreRules(tmp_path).why("b.py") is None
    make(tmp_path, {".gitignore": "a.py\nb.py\n"})
    assert IgnoreRules(tmp_path).why("b.py")


@pytest.mark.parametrize("pattern", ["a*" * 14 + "b", "*a" * 14 + "*b", "*" * 40 + "b", "**/" + "a*" * 12 + "/b"])
def test_a_pattern_of_many_stars_cannot_hang_us(tmp_path, pattern):
    (tmp_path / ".gitignore").write_text(pattern + "\n")
    rules = IgnoreRules(tmp_path)
    assert rules.why("a" * 120 + "/" + "a" * 120 + "c") is None


def test_patterns_of_many_stars_mean_what_git_means(tmp_path):
    """Against a matcher that tries every way."""
    chance = random.Random(7)
    for _ in range(3000):
        pattern = "".join(chance.choice("ab*?") for _ in range(chance.randrange(1, 9)))
        name = "".join(chance.choice("ab") for _ in range(chance.randrange(1, 9)))
        rule = ignore._rule(pattern, "sensitive")
        wanted = re.fullmatch(re.sub(r"\*+", ".*", pattern).replace("?", "."), name) is not None
        assert (rule is not None and rule.regex.search(name) is not None) == wanted, (pattern, name)
