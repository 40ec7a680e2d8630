"""The one settings model: every setting with its doc string, default and who may set it.

Owns the models. `settings_sources.py` reads them from the user's file and the editor, `settings_docs.py` makes the
JSON schema and the documentation from them. The fleet's sections are `lanyard_routing.config`'s.

The editor's settings come from the workspace and are a stranger's: only fields made with `editor_setting` may be set
there. Whatever names an endpoint, a network, a program or a model may not.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lanyard_routing.config import FleetConfig
from lanyard_routing.task import Kind, Zone

LogLevel = Literal["debug", "info", "warning", "error"]


def editor_setting(default: Any, description: str, **limits: Any) -> Any:
    """A field that the editor's settings may set as well."""
    return Field(default=default, description=description, json_schema_extra={"editor": True}, **limits)


class Section(BaseModel):
    """One table of the file; `strict` numbers: "75" is a mistake to be told, not a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CompletionSettings(Section):
    """`[completion]`: what appears at the cursor."""

    enabled: bool = editor_setting(default=True, description="Offer completions", strict=True)
    debounce_ms: int = editor_setting(
        75, "Milliseconds without a keystroke before the model is asked", ge=0, le=5000, strict=True
    )
    max_tokens: int = editor_setting(96, "The most tokens of one completion", ge=1, le=1024, strict=True)
    timeout_s: float = editor_setting(5.0, "Seconds after which a completion comes too late", gt=0, le=60)


class ChatSettings(Section):
    """`[chat]`: chat with a model."""

    max_tokens: int = editor_setting(1024, "The most tokens of one answer", ge=16, le=32768, strict=True)
    temperature: float = editor_setting(0.4, "Sampling temperature of answers", ge=0, le=2)


DEFAULT_BUDGET = 4096


class SliceSettings(Section):
    """`[slices]`: how much code a task sends."""

    budget: int = editor_setting(
        DEFAULT_BUDGET, "The most tokens that the slice of a task may have", ge=256, le=200_000, strict=True
    )
    budgets: dict[Kind, int] = editor_setting(
        {}, "Other budgets for single kinds of task, for example `{ review = 8192 }`"
    )

    @field_validator("budgets")
    @classmethod
    def _within_limits(cls, budgets: dict[Kind, int]) -> dict[Kind, int]:
        if any(not 256 <= tokens <= 200_000 for tokens in budgets.values()):
            raise ValueError("has a budget that is not between 256 and 200000")
        return budgets

    def budget_for(self, kind: Kind) -> int:
        """The most tokens of a slice for a kind of task."""
        return self.budgets.get(kind, self.budget)


class LensSettings(Section):
    """`[lens]`: lines above functions, in editors that show code lenses."""

    enabled: bool = editor_setting(
        default=False,
        description="Show what can be run on a function, and the state of its tasks, above it",
        strict=True,
    )


class IndexSettings(Section):
    """`[index]`: what Lanyard knows of the workspace beyond the open files."""

    enabled: bool = editor_setting(
        default=True, description="Index each workspace folder in a process of its own", strict=True
    )


class PrivacySettings(Section):
    """`[privacy]`: what may leave, and how far."""

    ignore: tuple[str, ...] = editor_setting(
        (), "More patterns, as in .gitignore, of files to leave alone; the editor's are added to yours"
    )
    zones: tuple[Zone, ...] = Field(
        default=(Zone.LOCAL, Zone.LAN),
        min_length=1,
        description="Zones that tasks may be sent to; cloud counts only together with network.allow_cloud",
    )


class TestSettings(Section):
    """`[tests]`: running the tests that a model wrote."""

    command: str = Field(
        default="",
        description="Command that runs one test file, with {file} in it, for example `pytest -q {file}`; "
        "empty: written tests are not run",
    )
    timeout_s: float = Field(default=120.0, gt=0, le=3600, description="Seconds after which a test run is stopped")


class EngineSettings(Section):
    """`[engine]`: the embedded engine that runs a small model on this machine."""

    enabled: bool = Field(default=True, strict=True, description="Start it where no endpoint serves completion")
    idle_minutes: float = Field(default=15.0, gt=0, le=1440, description="Minutes without work before it stops")
    threads: int = Field(default=0, ge=0, le=512, strict=True, description="Threads; 0: as many as there are cores")
    model: str = Field(default="", description="Path of the GGUF to run; empty: the best one in the model folder")


class LogSettings(Section):
    """`[log]`: the server's own log."""

    level: LogLevel = editor_setting("warning", "Least severity that is logged; debug shows prompts and code")


class Settings(Section):
    """All settings."""

    fleet: FleetConfig = FleetConfig()
    completion: CompletionSettings = CompletionSettings()
    chat: ChatSettings = ChatSettings()
    slices: SliceSettings = SliceSettings()
    lens: LensSettings = LensSettings()
    index: IndexSettings = IndexSettings()
    privacy: PrivacySettings = PrivacySettings()
    tests: TestSettings = TestSettings()
    engine: EngineSettings = EngineSettings()
    log: LogSettings = LogSettings()

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones that tasks may be sent to, cloud only where the network allows it too."""
        allowed = self.fleet.network.allow_cloud
        return tuple(zone for zone in self.privacy.zones if zone is not Zone.CLOUD or allowed)


OWN_SECTIONS: dict[str, type[Section]] = {
    "completion": CompletionSettings,
    "chat": ChatSettings,
    "slices": SliceSettings,
    "lens": LensSettings,
    "index": IndexSettings,
    "privacy": PrivacySettings,
    "tests": TestSettings,
    "engine": EngineSettings,
    "log": LogSettings,
}
"""The sections besides the fleet's, by their name in the file."""


def is_editor_setting(section: type[Section], key: str) -> bool:
    """Whether the editor's settings may set a field."""
    extra = section.model_fields[key].json_schema_extra
    return isinstance(extra, dict) and "editor" in extra
