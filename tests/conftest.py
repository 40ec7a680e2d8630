"""What all tests share: tools that a machine may lack are named, and nothing is skipped in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from lanyard_routing.testing.network import forbid_network
from support import vscode
from support.neovim import modern

# How long an example takes is the machine's affair.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# tool -> the command that installs it
TOOLS = {
    "bwrap": "apt-get install bubblewrap",
    "nvim": "apt-get install neovim",
    "nvim-modern": "bash .ci/get-nvim .tools/nvim",
    "code-server": "apt-get install chromium && bash .ci/get-code-server .tools/code-server && make extension",
    "git": "apt-get install git",
}

# tools that are not on the PATH
FOUND_BY = {"nvim-modern": modern, "code-server": vscode.tools}


@pytest.fixture(autouse=True)
def network_stays_inside() -> Generator[None]:
    """No test reaches outside loopback, whatever it tests; a module about the policy itself overrides this one."""
    with forbid_network():
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        tool = marker.args[0]
        if FOUND_BY.get(tool, lambda t=tool: shutil.which(t))() is None:
            pytest.skip(f"{tool} is not installed; install it with: {TOOLS[tool]}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long the editors' tests took; and each second try (tests/e2e/conftest.py), with what ended the first."""
    reports = [one for many in terminalreporter.stats.values() for one in many if isinstance(one, pytest.TestReport)]
    tier = [report for report in reports if report.nodeid.startswith("tests/e2e/")]
    if tier:
        wall = max(report.stop for report in tier) - min(report.start for report in tier)
        spent, count = sum(report.duration for report in tier), len({report.nodeid for report in tier})
        terminalreporter.write_line(
            f"editor tier: {count} tests, {wall:.0f} s from first to last, {spent:.0f} s in sum"
        )
    for report in reports:
        for name, why in report.user_properties if report.when == "call" else ():
            if name == "second try":
                terminalreporter.write_line(f"second try: {report.nodeid}\n{why}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if reporter and os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(skipped)} skipped: in CI nothing may be skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
