"""A workspace of very many small files: the index in one process, its memory, and slices warm and after an edit.

    python tests/bench/index/bench_many_files.py [FILES]        # 50,000 unless said otherwise

Each module imports the one before it, and defines a class and a function; every twentieth is a test. CPU time of this
process; the floor in the same run is reading every file. Nothing may grow with the number of files but the index.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from lanyard_analyzers.index import Index
from lanyard_analyzers.slices import SliceRequest, build_slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.workspace import DiskWorkspace

KINDS = ("review", "refactor", "test", "fix", "document", "explain", "complete")
SAMPLES = 40


def make(root: Path, files: int) -> None:
    """Write the workspace."""
    for number in range(files):
        folder = root / f"p{number // 200}"
        folder.mkdir(exist_ok=True)
        before = max(number - 1, 0)
        name = f"test_m{number}.py" if number % 20 == 19 else f"m{number}.py"
        source = f"from p{before // 200}.m{before} import f{before}\n\n\n"
        if number % 20 == 19:
            source += f"def test_f{before}():\n    assert f{before}(1) == 1\n"
        else:
            source += f"class C{number}:\n    size: int = {number}\n\n    def get(self) -> int:\n"
            source += f"        return f{before}(self.size)\n\n\ndef f{number}(a):\n"
            source += f'    """Give {number}."""\n    return C{number}().get() + a.get()\n'
        (folder / name).write_text(source)


def cpu(begun: float) -> float:
    """Milliseconds of this process since."""
    return 1000 * (time.process_time() - begun)


def resident() -> float:
    """Peak memory of this process in MB; 0 where the platform does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def main(files: int) -> None:
    """Make, index, ask, and print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        make(root, files)
        begun = time.process_time()
        size = sum(len(path.read_bytes()) for path in root.rglob("*.py"))
        floor = cpu(begun)
        before = resident()
        workspace = DiskWorkspace(root)
        begun = time.process_time()
        index = Index(workspace)
        listed = len(index.paths)
        listing = cpu(begun)
        begun = time.process_time()
        index.mentioning("nothing")
        print(f"{listed} files of {files}, {size / 1e6:.1f} MB; floor (read all) {floor:.0f} ms")
        print(f"list {listing:.0f} ms, index {cpu(begun):.0f} ms, memory {before:.0f} -> {resident():.0f} MB")
        for kind in KINDS:
            times = sorted(asked(index, workspace, kind, number) for number in range(SAMPLES))
            print(f"{kind:9} p50 {times[SAMPLES // 2]:6.1f} ms, p95 {times[-3]:6.1f} ms, max {times[-1]:6.1f} ms")
        (root / "p0" / "m7.py").write_text("def f7(a):\n    return a\n")
        begun = time.process_time()
        index.update("p0/m7.py")
        print(f"one file edited, then asked: {cpu(begun) + asked(index, workspace, 'refactor', 0):.1f} ms")
        (root / "p0" / "m9.py").unlink()
        begun = time.process_time()
        index.update("p0/m9.py")
        print(f"one file removed, then asked: {cpu(begun) + asked(index, workspace, 'refactor', 0):.1f} ms")


def asked(index: Index, workspace: DiskWorkspace, kind: str, number: int) -> float:
    """Milliseconds of one slice of a function that was not asked for before."""
    path = [one for one in index.in_directory(f"p{number % 8}") if "/m" in one][number]
    content = workspace.read(path) or ""
    at = content.rindex("def ")
    syntax = parse(Text.of(content), "python")
    target = targets_at(syntax, Span(at, at))[0]
    cursor = at if kind == "complete" else None
    begun = time.process_time()
    build_slice(SliceRequest(kind, syntax, path, target, workspace, 2000, index=index, cursor=cursor))
    spent = cpu(begun)
    index.drop(path)
    return spent


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
