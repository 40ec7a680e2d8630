"""Settings: sources, precedence, what a stranger may not set, and one line for each mistake."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from lanyard_routing import config
from lanyard_routing.task import Kind, Zone
from lanyard_server import settings_docs
from lanyard_server.exclusions import BETWEEN, Exclusions
from lanyard_server.settings import OWN_SECTIONS, Settings, is_editor_setting
from lanyard_server.settings_sources import editor_section, load

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def read(tmp_path):
    """Load settings from a file's text and the editor's settings."""

    def do(text="", **editor):
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        loaded = load(editor, file)
        return loaded, [line.replace(f"{file}", "config.toml") for line in loaded.problems]

    return do


def test_without_anything_there_are_defaults(tmp_path):
    loaded = load(file=tmp_path / "missing.toml")
    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert loaded.source_of("completion.enabled") == "default"


def test_the_file_overrides_the_defaults_and_the_editor_the_file(read):
    text = "[completion]\nenabled = false\ndebounce_ms = 10\n"
    loaded, problems = read(text, completion={"debounce_ms": 20, "max_tokens": None})
    assert problems == []
    assert loaded.settings.completion.enabled is False
    assert loaded.settings.completion.debounce_ms == 20
    assert loaded.settings.completion.max_tokens == 96
    assert loaded.source_of("completion.enabled").endswith("config.toml:2")
    assert loaded.source_of("completion.debounce_ms") == "editor"
    assert loaded.source_of("completion.max_tokens") == "default"


def test_the_fleet_is_the_files(read):
    loaded, problems = read('[[endpoints]]\nname = "gpu"\nurl = "http://10.0.0.2:11434"\n')
    assert problems == []
    assert loaded.settings.fleet.endpoints[0].name == "gpu"
    assert loaded.source_of("endpoints").endswith("config.toml")


FORBIDDEN = {
    "network": {"allow_cloud": True},
    "endpoints": [{"name": "x", "url": "http://evil.example"}],
    "routes": [{"worker": "x"}],
    "tests": {"command": "curl evil"},
    "engine": {"model": "/tmp/evil.gguf", "enabled": False, "threads": 1, "idle_minutes": 1},
    "privacy": {"zones": ["cloud"]},
}


@pytest.mark.parametrize("section", FORBIDDEN)
def test_an_editor_never_sets_what_reaches_out_or_runs(read, section):
    loaded, problems = read("", **{section: FORBIDDEN[section]})
    assert loaded.settings == Settings()
    assert problems
    assert all("not taken from the editor" in line for line in problems)


def test_what_the_editor_may_set_is_this_and_no_more():
    allowed = {
        f"{name}.{key}"
        for name, section in OWN_SECTIONS.items()
        for key in section.model_fields
        if is_editor_setting(section, key)
    }
    assert not {key for key in allowed if key.split(".")[0] in {"tests", "engine"}}
    assert "privacy.zones" not in allowed
    assert "completion.enabled" in allowed


def test_the_editor_adds_to_what_is_ignored_and_takes_nothing_away(read):
    loaded, problems = read('[privacy]\nignore = ["secret/"]\n', privacy={"ignore": ["more/"]})
    assert problems == []
    assert loaded.settings.privacy.ignore == ("secret/", "more/")
    assert loaded.source_of("privacy.ignore").endswith("config.toml:2, editor")
    loaded, _ = read('[privacy]\nignore = ["secret/"]\n', privacy={"ignore": []})
    assert loaded.settings.privacy.ignore == ("secret/",)
    loaded, _ = read('[privacy]\nignore = ["secret/"]\n', privacy={"ignore": ["*.sql", "!secret/", "!schema.sql"]})
    excluded = Exclusions.of(loaded.settings.privacy.ignore)
    asked = ("secret/a.py", "a.sql", "schema.sql", "secret/schema.sql")
    assert [path for path in asked if excluded.why(path)] == ["secret/a.py", "a.sql", "secret/schema.sql"]
    loaded, _ = read('[privacy]\nignore = ["*.sql", "", "!schema.sql"]\n', privacy={"ignore": ["", "*.pem"]})
    excluded = Exclusions.of(loaded.settings.privacy.ignore)
    asked = ("a.sql", "schema.sql", "a.pem")
    assert [path for path in asked if excluded.why(path)] == ["a.sql", "a.pem"], "an empty line says nothing"


def test_of_several_lists_that_vs_code_sends_none_takes_back_what_another_excludes(read):
    source = (Path(__file__).parents[3] / "extension/vscode/src/server/settings.ts").read_text("utf-8")
    assert f'const BETWEEN = "{BETWEEN}";' in source
    loaded, problems = read("", privacy={"ignore": ["*.sql", BETWEEN, "*.pem", "!schema.sql", "!own.pem"]})
    assert problems == []
    excluded = Exclusions.of(loaded.settings.privacy.ignore)
    asked = ("schema.sql", "a.pem", "own.pem")
    assert [path for path in asked if excluded.why(path)] == ["schema.sql", "a.pem"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[complection]\nenabled = true\n", "config.toml:1: unknown section [complection]; did you mean `completion`?"),
        (
            "\n[completion]\nenabeld = true\n",
            "config.toml:3: [completion]: `enabeld` is no setting; did you mean",
        ),
        (
            "[completion]\nenabled = 'yes'\n",
            "config.toml:2: [completion]: `enabled` should be a valid boolean",
        ),
        (
            "[completion]\nmax_tokens = 9999\n",
            "config.toml:2: [completion]: `max_tokens` should be less than",
        ),
        ("completion = 3\n", "config.toml:1: [completion] is no table; write [completion] and its keys below it"),
        ("[slices]\nbudgets = {reveiw = 1000}\n", "config.toml:2: [slices]: `budgets` should be"),
        ("[slices]\nbudgets = {review = 1}\n", "config.toml:2: [slices]: `budgets` has a budget that is not between"),
        ("[privacy]\nzones = ['moon']\n", "config.toml:2: [privacy]: `zones` should be 'local', 'lan' or 'cloud'"),
        ("[completion\n", "config.toml:1: expected ']' at the end of a table declaration; the file is ignored"),
        ("a = 1\nb =\n", "config.toml:2: invalid value; the file is ignored"),
        ("x = '''\n\n", "config.toml:3: "),
    ],
)
def test_a_mistake_is_one_line_with_its_place(read, text, line):
    loaded, problems = read(text)
    assert len(problems) == 1
    assert problems[0].startswith(line)
    assert "\n" not in problems[0]
    assert loaded.settings == Settings()


def test_a_mistake_costs_its_own_key_only(read):
    text = "[completion]\nenabled = false\nmax_tokens = 'many'\n[chat]\ntemprature = 1\nmax_tokens = 99\n[oops]\n"
    loaded, problems = read(
        text + '[[endpoints]]\nname = "a b"\n[[endpoints]]\nname = "gpu"\nurl = "http://10.0.0.2"\n'
    )
    assert loaded.settings.completion.enabled is False
    assert loaded.settings.chat.max_tokens == 99
    assert [endpoint.name for endpoint in loaded.settings.fleet.endpoints] == ["gpu"]
    assert len([p for p in problems if "config.toml" in p]) == len(problems) >= 4


def test_a_value_is_never_repeated(read):
    _, problems = read("[completion]\nenabled = 'sk-secret'\n")
    assert "sk-secret" not in problems[0]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00", b"\xef\xbb\xbf[completion]\nenabled = false\n"])
def test_odd_bytes(tmp_path, content):
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    loaded = load(file=file)
    assert loaded.settings.completion.enabled is (len(loaded.problems) == 1)


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, f"[completion]\nmax_tokens = {'9' * 5000}\n"])
def test_what_the_toml_parser_cannot_take_is_one_line(read, text):
    loaded, problems = read(text)
    assert loaded.settings == Settings()
    assert len(problems) == 1
    assert "the file is ignored until that is put right" in problems[0]
    assert len(problems[0]) < 300


def test_a_folder_in_the_files_place(tmp_path):
    loaded = load(file=tmp_path)
    assert len(loaded.problems) == 1


def test_mistakes_of_the_editor(read):
    _, problems = read("", complection={}, completion={"enabeld": True, "max_tokens": "x"}, trace={"server": "off"})
    assert problems == [
        "lanyard.complection: unknown setting; did you mean `completion`?",
        "lanyard.completion.enabeld: is no setting; did you mean `enabled`?",
        "lanyard.completion.max_tokens: should be a valid integer; the default is used",
    ]


@pytest.mark.parametrize("raw", [{"lanyard": {"chat": {}}}, {"chat": {}}])
def test_an_editors_section_with_and_without_its_name(raw):
    assert editor_section(raw) == {"chat": {}}


@pytest.mark.parametrize("raw", [None, 3, [1], "x"])
def test_an_editors_section_that_is_none(raw):
    assert editor_section(raw) == {}


def test_budgets_by_kind():
    slices = Settings.model_validate({"slices": {"budget": 1000, "budgets": {"review": 2000}}}).slices
    assert slices.budget_for(Kind.REVIEW) == 2000
    assert slices.budget_for(Kind.FIX) == 1000


def test_cloud_needs_both_switches():
    cloud = {"privacy": {"zones": ["local", "cloud"]}}
    assert Settings.model_validate(cloud).zones == (Zone.LOCAL,)
    both = {**cloud, "fleet": {"network": {"allow_cloud": True}}}
    assert Settings.model_validate(both).zones == (Zone.LOCAL, Zone.CLOUD)


def test_every_setting_is_described():
    for section in OWN_SECTIONS.values():
        for key, field in section.model_fields.items():
            assert field.description, (section, key)
            assert not field.is_required(), (section, key)


# --- what is made from the model ---


@pytest.mark.parametrize(
    ("file", "make"), [("settings.md", settings_docs.docs_text), ("settings.schema.json", settings_docs.schema_text)]
)
def test_the_committed_file_is_what_the_model_makes(file, make):
    form = "docs" if file.endswith(".md") else "json-schema"
    hint = f"run: lanyard config schema --form {form} > docs/{file}"
    assert (DOCS / file).read_text(encoding="utf-8") == make(), hint


GOOD = """
[network]
allow_cloud = false
[[endpoints]]
name = "gpu"
url = "http://10.0.0.2:11434"
[[routes]]
kind = ["review"]
timeout = { connect = 1.0 }
[completion]
debounce_ms = 10
[slices]
budgets = { review = 8192 }
"""


def test_the_schema_accepts_what_is_right_and_refuses_typos(read):
    validator = jsonschema.Draft202012Validator(settings_docs.json_schema())
    assert read(GOOD)[1] == []
    assert validator.is_valid(tomllib.loads(GOOD))
    for wrong in ("[complection]", "[completion]\nenabeld = 1", "[completion]\ndebounce_ms = -1", "[[endpoints]]\n"):
        assert not validator.is_valid(tomllib.loads(wrong)), wrong


def test_the_extensions_settings_are_the_editors():
    made = settings_docs.vscode_properties()
    assert all(entry["default"] is None for entry in made.values())
    assert made["lanyard.completion.debounce_ms"]["maximum"] == 5000
    assert not any(key.startswith(("lanyard.engine", "lanyard.tests", "lanyard.endpoints")) for key in made)
    assert json.loads(settings_docs.vscode_text()) == made
    sections = {key.split(".")[1] for key in made}
    assert sections.isdisjoint(config.SECTIONS)
