"""Model replies: data from strangers, parsed strictly; everything here is total and quick for any string.

Owns extracting code and findings, anchoring them, re-parsing, and rebasing edits onto a text that has moved. Executes
nothing and takes no path from a reply. Each function gives `(value | None, problems)`.
"""

from __future__ import annotations

from lanyard_analyzers.replies.check import Checked, check_edit, documents_only
from lanyard_analyzers.replies.edits import code_edit
from lanyard_analyzers.replies.fences import extract_code
from lanyard_analyzers.replies.findings import FINDINGS_SCHEMA, Finding, Severity, parse_findings
from lanyard_analyzers.replies.hunks import hunks
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.prose import tidy_markdown
from lanyard_analyzers.replies.rebase import rebase
from lanyard_analyzers.replies.tests_reply import CheckedTests, check_tests

__all__ = [
    "FINDINGS_SCHEMA",
    "Checked",
    "CheckedTests",
    "Finding",
    "Problem",
    "Severity",
    "check_edit",
    "check_tests",
    "code_edit",
    "documents_only",
    "extract_code",
    "hunks",
    "parse_findings",
    "rebase",
    "tidy_markdown",
]
