"""A scenario whose browser or code-server died gets a second try in a fresh folder; the run's summary names it.

Nothing else is tried again: a scenario that fails with its editor alive has found something.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from support.vscode import EditorDied

_DIED = "the editor died"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[Any]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.excinfo is not None and call.excinfo.errisinstance(EditorDied):
        report.sections.append((_DIED, ""))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not item.path.name.startswith("test_vscode"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    died = [report for report in reports if (_DIED, "") in report.sections]
    if died:
        item._initrequest()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        # Told to the run's own process, which prints the summary.
        report.user_properties.extend(("second try", first.longreprtext[-2000:]) for first in died)
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
