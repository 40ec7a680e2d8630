"""Models that an endpoint would run on another host: named in its lists like any other, and refused like the cloud.

Owns the rule; the dialects say which models are remote.
"""

from __future__ import annotations

from lanyard_routing.adapters.base import AddressRefused
from lanyard_routing.adapters.http import Http
from lanyard_routing.paths import config_file
from lanyard_routing.task import Zone


def is_remote_name(name: str) -> bool:
    """Whether a name is one of Ollama's for models that its vendor runs (`qwen3-coder:480b-cloud`, `kimi:cloud`)."""
    return name.lower().endswith((":cloud", "-cloud"))


def refuse_remote(http: Http, model: str) -> None:
    """Raise AddressRefused unless the policy lets data leave the network."""
    if not http.policy.permits(Zone.CLOUD):
        raise AddressRefused(
            f'{http.origin.label} would send model "{model}" to another host; Lanyard sends nothing outside your '
            f"network unless you set network.allow_cloud = true in {config_file()}"
        )
