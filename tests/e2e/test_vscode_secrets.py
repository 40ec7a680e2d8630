"""The key of a model server in VS Code: said where it is missing, kept in the secret storage, sent to that server."""

from __future__ import annotations

import pytest

from e2e.test_vscode import desk
from e2e.test_vscode_failures import drive
from lanyard_routing.testing.script import Script

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

KEY = "s3cret-of-the-cellar"


async def test_a_missing_key_is_set_by_a_click_and_kept_in_no_file(tmp_path):
    options = 'api_key_env = "CELLAR_KEY"\n[engine]\nenabled = false\n'
    async with desk(tmp_path, Script(api_key=KEY), options=options) as (code, endpoint, _root):
        kept: list[str] = []

        async def look() -> None:
            assert {asked.headers.get("authorization") for asked in endpoint.asked} == {f"Bearer {KEY}"}
            files = [one for one in tmp_path.rglob("*") if one.is_file()]
            kept.extend(str(one) for one in files if KEY.encode() in one.read_bytes())

        seen = await drive(code, "secrets", {"kept": look}, {"KEY": KEY})
    assert "environment variable CELLAR_KEY is not set" in seen["missing"]
    assert seen["hidden"] == "password"
    assert "kept here" in seen["listed"]
    assert seen["forgotten"]
    assert kept == []
