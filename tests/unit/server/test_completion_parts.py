"""Parts of completion by themselves: the cache, the ignore rules' age, and the redactor."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_analyzers.complete import Excerpt, FillPrompt, build_prompt
from lanyard_analyzers.redact import find_secrets
from lanyard_analyzers.text import Text
from lanyard_server.completion.cache import Cache
from lanyard_server.completion.privacy import RULES_KEPT_S, Privacy
from lanyard_server.completion.redaction import Redactor
from lanyard_server.settings import PrivacySettings, Settings
from support.immediate import make_session, open_at_cursor

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def test_a_suggestion_serves_its_own_document_and_place_only() -> None:
    cache = Cache()
    cache.store("a", prefix="x = ", suffix="\nend", text="one")
    assert cache.find("a", prefix="x = ", suffix="\nend") == "one"
    assert cache.find("b", prefix="x = ", suffix="\nend") is None
    assert cache.find("a", prefix="y = ", suffix="\nend") is None
    assert cache.find("a", prefix="x = ", suffix="\nother") is None
    assert cache.find("a", prefix="x = on", suffix="\nend") == "e"
    assert cache.find("a", prefix="x = one", suffix="\nend") is None, "typed out: ask for more"
    assert cache.find("a", prefix="x = two", suffix="\nend") is None
    assert cache.find("a", prefix="x = o", suffix=")\nend") == "ne"
    assert cache.find("a", prefix="x = o", suffix="x\nend") is None


def test_an_edit_far_below_changes_nothing_and_the_oldest_is_dropped() -> None:
    cache = Cache()
    cache.store("a", prefix="x", suffix="s" * 400 + "far", text="one")
    assert cache.find("a", prefix="x", suffix="s" * 400 + "other") == "one"
    for number in range(64):
        cache.store("a", prefix=f"p{number}", suffix="", text="t")
    assert cache.find("a", prefix="x", suffix="s" * 400) is None


def test_ignore_rules_are_read_again_after_a_while(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    now = [0.0]
    privacy = Privacy(lambda: now[0])
    session = make_session(None, root=root)
    uri = (root / "plan.py").as_uri()
    open_at_cursor(session, "$0", uri)
    document = session.documents.get(uri)
    assert document is not None
    assert privacy.excluded(session, document) is None
    (root / ".lanyardignore").write_text("plan.py\n")
    assert privacy.excluded(session, document) is None
    now[0] += RULES_KEPT_S + 1
    assert privacy.excluded(session, document) == "excluded by .lanyardignore (plan.py)"


def test_patterns_of_the_settings_count_from_the_moment_that_they_are_set(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    privacy = Privacy(lambda: 0.0)
    session = make_session(None, root=root)
    open_at_cursor(session, "$0", (root / "plan.py").as_uri())
    document = session.documents.get((root / "plan.py").as_uri())
    assert document is not None
    assert privacy.excluded(session, document) is None
    session.settings = Settings(privacy=PrivacySettings(ignore=("plan.*",)))
    assert privacy.excluded(session, document) == "excluded by privacy.ignore (plan.*)"


@pytest.mark.parametrize("name", ["größe.py", "日本/plan.py", "\ud800.py"])
def test_a_name_that_is_not_ascii_is_excluded_by_its_name(tmp_path: Path, name: str) -> None:
    root = tmp_path.resolve()
    session = make_session(None, root=root, privacy={"ignore": ["größe.py", "日本/"]})
    assert (Privacy(lambda: 0.0).refused(session, root / name) is None) is (name == "\ud800.py")
    session = make_session(None, root=root, privacy={"ignore": ["*.py"]})
    assert Privacy(lambda: 0.0).refused(session, root / name) == "excluded by privacy.ignore (*.py)"


def test_a_document_that_is_no_file_is_judged_by_its_names_and_the_users_patterns() -> None:
    session = make_session(None, privacy={"ignore": ["plans/"]})
    verdicts: dict[str, str | None] = {}
    for name in ("shop/orders.py", "shop/.env", "node_modules/x.js", "plans/a.py"):
        uri = f"memfs://host/{name}"
        open_at_cursor(session, "$0", uri)
        document = session.documents.get(uri)
        assert document is not None
        verdicts[name] = Privacy().excluded(session, document)
    assert verdicts == {
        "shop/orders.py": None,
        "shop/.env": "excluded by never read (key material)",
        "node_modules/x.js": "excluded by never read (node_modules/)",
        "plans/a.py": "excluded by privacy.ignore (plans/)",
    }


LINES = st.sampled_from(
    ["x = 1", f'token = "{SECRET}"', f"# {SECRET} {SECRET[:-4]}wxyz", f'f("{SECRET}", a', "", "password = hunter"]
)


@given(st.lists(LINES, max_size=6).map("\n".join), st.integers(0, 300), st.lists(LINES, max_size=2).map("\n".join))
def test_no_secret_of_the_document_is_in_the_prompt(document: str, offset: int, other: str) -> None:
    prompt = build_prompt(Text.of(document), offset)
    clean = Redactor().clean(prompt, [Excerpt("other.py", other)])
    at = min(offset, len(document))
    inside = any(secret.span.start < at < secret.span.end for secret in find_secrets(document))
    assert (clean is None) == inside
    if clean is not None:
        sent = (clean.prefix, clean.suffix, clean.excerpts[0].text)
        assert all("ghp_" not in part for part in sent)
        assert [clean.restore(part) for part in sent] == [prompt.prefix, prompt.suffix, other]


def test_what_is_remembered_changes_no_result() -> None:
    redactor = Redactor()
    for typed in ("", "a", "ab", f'"{SECRET}"', f'"{SECRET}" + '):
        prompt = FillPrompt(f'one = "{SECRET}"\ntwo = {typed}', "\nthree = 3\n")
        assert redactor.clean(prompt) == Redactor().clean(prompt)
