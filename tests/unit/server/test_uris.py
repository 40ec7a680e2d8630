"""URIs and paths, on both kinds of system."""

from __future__ import annotations

import pytest

from lanyard_server.uris import canonical, named_path, path_text, uri_of


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/x/a.py", "/home/x/a.py"),
        ("file:///a%20b/%C3%A9%23.py", "/a b/é#.py"),
        ("file:///a#b", "/a"),
        ("FILE:///a", "/a"),
        ("file://localhost/a", "/a"),
        ("file:/a", "/a"),
        ("file:///100%/x", "/100%/x"),
        ("file:///%FF", "/\udcff"),
        ("file:///c%3A/x", "/c:/x"),
        ("file:///back%5Cslash", "/back\\slash"),
        ("file://server/share", None),
        ("file:///nul%00", None),
        ("file:", None),
        ("untitled:Untitled-1", None),
        ("untitled:/home/x/new.py", None),
        ("vscode-remote://wsl%2Bubuntu/home/x", None),
        ("vscode-notebook-cell:///a.ipynb#W0", None),
        ("git:/a.py?ref", None),
        ("/home/x", None),
        ("", None),
    ],
)
def test_paths_on_posix(uri, path):
    assert path_text(uri, "posix") == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/Users/x.py", "c:\\Users\\x.py"),
        ("file:///C:/Users/x.py", "c:\\Users\\x.py"),
        ("file:///C:/a%20b", "c:\\a b"),
        ("file:///C:", "c:\\"),
        ("file:///C:/", "c:\\"),
        ("file://server/share/x", "\\\\server\\share\\x"),
        ("file:///home/x", "\\home\\x"),
        ("untitled:C:/x", None),
    ],
)
def test_paths_on_windows(uri, path):
    assert path_text(uri, "windows") == path


@pytest.mark.parametrize(
    ("path", "flavour", "uri"),
    [
        ("/a b/é#?%.py", "posix", "file:///a%20b/%C3%A9%23%3F%25.py"),
        ("/\udcff", "posix", "file:///%FF"),
        ("C:\\Users\\x.py", "windows", "file:///c%3A/Users/x.py"),
        ("\\\\server\\share\\x y", "windows", "file://server/share/x%20y"),
    ],
)
def test_uris_of_paths(path, flavour, uri):
    assert uri_of(path, flavour) == uri
    assert uri_of(path_text(uri, flavour), flavour) == uri


@pytest.mark.parametrize(
    ("path", "flavour"), [("a/b", "posix"), ("", "posix"), ("a\\b", "windows"), ("\\a", "windows")]
)
def test_a_relative_path_has_no_uri(path, flavour):
    with pytest.raises(ValueError, match="absolute"):
        uri_of(path, flavour)


def test_spellings_of_one_document():
    assert canonical("file:///c%3A/x.py", "windows") == canonical("file:///C:/x.py", "windows")
    assert canonical("file:///a(b).py", "posix") == canonical("file:///a%28b%29.py", "posix")
    assert canonical("file:///a%2Fb", "posix") == canonical("file:///a/b", "posix")
    assert canonical("untitled:A", "posix") == "untitled:A"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("memfs:/shop/a%20b.py", "shop/a b.py"),
        ("vscode-vfs://github/owner/name/src/a.py?ref#L1", "owner/name/src/a.py"),
        ("untitled:Untitled-1", "Untitled-1"),
        ("file:///home/x/a.py", "home/x/a.py"),
        ("git:/%FF", "\ufffd"),
        ("/home/x", ""),
        ("", ""),
    ],
)
def test_the_path_that_a_uri_of_any_scheme_names(uri, path):
    assert named_path(uri) == path
