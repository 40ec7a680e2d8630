"""A test in a real browser gets a second try in a fresh folder: a machine under load loses clicks. No third.

What the first try said stands in the report of the second.
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
    first = [report for report in reports if report.failed]
    if first:
        print(f"{item.nodeid}: once more, the first try failed")
        item._initrequest()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        report.sections.extend(("the first try", failed.longreprtext) for failed in first)
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
