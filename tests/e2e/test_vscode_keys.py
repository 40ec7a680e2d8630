"""VS Code by the keyboard alone: hunks of a proposal, and tasks with cancel and why. The model is scripted.

And what the extension's keys take from VS Code's own: nothing that is not said here with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from e2e.test_vscode import REVIEW, SHIPPING, desk, line_of
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from support.shop import ORDERS
from support.vscode import EXTENSION
from support.vscode_keys import defaults, own, taken

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

# What VS Code does by the same key where our clause holds too, and why it is ours there.
OURS = {
    "lanyard.edit": {
        # Ctrl+Space asks for the same list; VS Code's inline chat takes Ctrl+I from it too.
        "editor.action.triggerSuggest",
    },
    "lanyard.edit.accept": {
        # While an edit waits for a yes in this very editor; VS Code's inline chat has the same key for the same thing.
        "editor.action.insertLineAfter",
    },
    "lanyard.edit.discard": {
        # Escape twice leaves zen mode: each of VS Code's own Escapes comes before it in the same way.
        "workbench.action.exitZenMode",
    },
    "lanyard.proposal.applyHunk": set[str](),
    "runCommands": {
        # Its clause asks for a notebook with several cursors, wherever the keyboard is; ours is in the fleet's tree.
        "noteMultiCursor.deleteRight",
    },
    "editor.action.inlineSuggest.trigger": set[str](),
    "editor.action.inlineSuggest.acceptNextLine": {
        # Alt+End twice, once a REPL has been open; ours only while a suggestion is shown.
        "repl.focusLastItemExecuted",
    },
}
# Terms that say that the keyboard is neither in the text of an editor nor in the fleet's tree.
_ELSEWHERE = """
accessibleViewInCodeBlock agentSessionsViewerFocused bannerFocused breadcrumbsActive breakpointsFocused
chatAttachmentResource codeActionMenuVisible commentEditorFocused commentFocused commentsFilterFocus
fileMatchOrMatchFocus filesExplorerFocus inChat inChatInput inKeybindings inModelsEditor inQuickInput inQuickOpen
inSettingsEditor inWelcome markdownEditorFocus notebookCellListFocused notebookEditorFocused notificationFocus
outputFilterFocus problemFocus problemsFilterFocus renameInputVisible replaceInputBoxFocus replaceInputFocussed
scmRepository searchViewletFocus statusBarFocused stickyScrollFocused terminalChatFocus
terminalChatResponseContainsCodeBlock terminalChatResponseContainsMultipleCodeBlocks terminalFocus terminalFocusInAny
terminalTabsFocus tunnelViewFocus watchExpressionsFocused
"""
ELSEWHERE = _ELSEWHERE.split()
# What cannot hold together with a term of ours.
APART = {
    "editorTextFocus": [*ELSEWHERE, "listFocus", "focusedView == refactorPreview"],
    "focusedView == lanyard.fleet": ELSEWHERE,
    # Inline edits are made in files and drafts, and shown in no editor that is a part of another one.
    "lanyard.editHere": [
        *("inSearchEditor", "inInlineEditsPreviewEditor", "isCompositeNotebook", "isNotebookMultiSelect"),
        "resourceScheme == lanyard-proposal",
    ],
    # A document that is made from a proposal, in a diff editor.
    "resourceScheme == lanyard-proposal": ["isCompositeNotebook", "isMergeEditor", "inlineChatVisible"],
}


def taken_from_vs_code(listed: Mapping[str, str]) -> dict[str, set[str]]:
    """By command of ours, what VS Code does by the same key where it is ours; from its own lists."""
    contributed = json.loads((EXTENSION / "package.json").read_text())["contributes"]["keybindings"]
    found: dict[str, set[str]] = {}
    for system in ("linux", "mac"):
        keys = defaults(listed[system])
        for binding in contributed:
            mine = own(keys, binding)
            assert mine.key == binding.get(system, binding["key"])
            found.setdefault(mine.command, set()).update(taken(keys, mine, APART))
    return found


async def test_hunks_are_chosen_without_code_lenses_and_no_key_is_one_of_vs_codes_own(tmp_path):
    changed = "\n".join(ORDERS[SHIPPING]).replace("Money(1990)", "Money(2000)").replace("Money(490)", "Money(500)")
    script = Script(rules=(Rule(match="Refactor", say=Say(text=f"```python\n{changed}\n```")),))
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("hunkKeys", {"LINE": line_of("def shipping")})
    assert seen["lenses"] == 0  # VS Code's own default
    assert len(seen["listed"]) == 2
    assert "Money(2000)" in seen["listed"][0]
    assert seen["applied"]
    found = taken_from_vs_code(seen)
    # VS Code registers some of its own only when their view is first opened: not all of OURS need be there.
    assert {mine: keys - OURS[mine] for mine, keys in found.items() if keys - OURS[mine]} == {}
    assert found["lanyard.edit"] == OURS["lanyard.edit"]
    assert found.keys() == OURS.keys()


async def test_tasks_are_listed_explained_and_cancelled_by_keys_and_named_for_screen_readers(tmp_path):
    script = Script(rules=(Rule(match="Review", say=Say(text=REVIEW, fault=Fault.HANG_BEFORE)),), slots=1)
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("taskKeys", {"LINE": line_of("def shipping")})
    assert any("gpu-1" in line for line in seen["why"])
    assert "Review shipping at gpu-1, 1 waiting" in seen["queue"]
    assert seen["cancelled"]
    assert seen["deleted"]
