"""A scenario of VS Code that fails gets a second try in a fresh folder; the run's summary names each, with its reason.

A browser or a code-server may die by itself. A name in the summary is a find to be looked into, not noise.
"""

from __future__ import annotations

import pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not item.path.name.startswith("test_vscode"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    failed = [report for report in reports if report.failed]
    if failed:
        item._initrequest()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        # Told to the run's own process, which prints the summary.
        report.user_properties.extend(("second try", _why(first)) for first in failed)
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _why(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longreprtext)[:1500]
