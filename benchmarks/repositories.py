"""Makes the repositories for the git benchmarks, with the same objects on every machine.

    python -m benchmarks.repositories [--into DIR]

Three are histories of real code: the releases of a PyPI package in order, a commit for every file that a release
changes, and a tag for the release. `pip download` fetches the wheels, without running any of their code, and `git
fast-import` imports them. Two more are made-up extremes: one file of 500 MB, and 100,000 commits.

    DIR/releases/NAME/     the wheels as fetched
    DIR/histories/NAME/    one repository each, with the last state checked out
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import zipfile
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks.corpus import COMPILED, DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RELEASES = {
    "pip": (
        "10.0.1 18.0 18.1 19.0 19.1 19.2 19.3 19.3.1 20.0.2 20.1 20.2 20.3 20.3.4 21.0 21.1 21.2 21.3 22.0 "
        "22.1 22.2 22.3 23.0 23.1 23.2 23.3 24.0 24.1 24.2 24.3 25.0 25.1 25.2 25.3 26.0 26.1 26.2 26.3"
    ),
    "sphinx": (
        "1.2 1.3 1.4 1.5 1.6.1 1.7.0 1.8.0 2.0.0 2.1.0 2.2.0 2.3.0 2.4.0 3.0.0 3.1.0 3.2.0 3.3.0 3.4.0 3.5.0 "
        "4.0.0 4.1.0 4.2.0 4.3.0 4.4.0 4.5.0 5.0.0 5.1.0 5.2.0 5.3.0 6.0.0 6.1.0 6.2.0 7.0.0 7.1.0 7.2.0 "
        "7.3.0 7.4.0 8.0.0 8.1.0 8.2.0 9.0.0 9.0.4"
    ),
    "stripe": (
        "2.60.0 3.0.0 4.0.0 5.0.0 6.0.0 7.0.0 7.7.0 8.0.0 8.6.0 9.0.0 9.8.0 10.0.0 10.6.0 10.12.0 11.0.0 "
        "11.4.0 11.6.0 12.0.0 12.2.0 12.5.0 13.0.1 13.2.0 14.0.0 14.3.0 15.0.0 15.3.0 16.0.0 16.1.0"
    ),
}

LARGE, LARGE_BYTES = "large-blob", 500_000_000
MANY, MANY_COMMITS = "many-commits", 100_000
NAMES = (*RELEASES, LARGE, MANY)

_START = 1_500_000_000
"""The first commit's time, in seconds since 1970; each later one is an hour after its predecessor."""


class Importer:
    """Writes commits to one branch of a new repository, through `git fast-import`."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.commits = 0

    def commit(self, message: str, changes: Mapping[str, bytes | None]) -> None:
        """Add a commit that sets these files; None removes one."""
        self.begin(message)
        for path, content in changes.items():
            if content is None:
                self._line(f"D {_quoted(path)}")
            else:
                self.file(path, len(content), [content])

    def begin(self, message: str) -> None:
        """Begin a commit; its files follow."""
        when = f"bench <bench@example.invalid> {_START + 3600 * self.commits} +0000"
        self.commits += 1
        for line in ("commit refs/heads/main", f"mark :{self.commits}", f"author {when}", f"committer {when}"):
            self._line(line)
        self._data(message.encode())
        if self.commits > 1:
            self._line(f"from :{self.commits - 1}")

    def file(self, path: str, size: int, chunks: Iterable[bytes]) -> None:
        """Add a file of `size` bytes to the commit begun."""
        self._line(f"M 100644 inline {_quoted(path)}")
        self._line(f"data {size}")
        for chunk in chunks:
            self._stream.write(chunk)
        self._line("")

    def tag(self, name: str) -> None:
        """Add an annotated tag at the last commit."""
        self._line(f"tag {name}")
        self._line(f"from :{self.commits}")
        self._line(f"tagger bench <bench@example.invalid> {_START + 3600 * self.commits} +0000")
        self._data(f"release {name}\n".encode())

    def _data(self, content: bytes) -> None:
        self._line(f"data {len(content)}")
        self._stream.write(content + b"\n")

    def _line(self, text: str) -> None:
        self._stream.write(text.encode() + b"\n")


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@contextmanager
def repository(folder: Path) -> Iterator[Importer]:
    """A new repository to import into; it is packed like a clone, and its last state is checked out."""
    shutil.rmtree(folder, ignore_errors=True)
    git = ["git", "-C", str(folder), "-c", "core.autocrlf=false"]
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    with subprocess.Popen([*git, "fast-import", "--quiet"], stdin=subprocess.PIPE) as process:
        assert process.stdin
        yield Importer(process.stdin)
        process.stdin.close()
    if process.returncode:
        raise SystemExit(f"git fast-import failed for {folder}")
    subprocess.run([*git, "repack", "--quiet", "-a", "-d"], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)


def releases(name: str, into: Path) -> list[Path]:
    """The wheels of a package's releases, oldest first, fetched if missing."""
    into.mkdir(parents=True, exist_ok=True)
    pip = ["pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps", "--only-binary=:all:"]
    found = []
    for version in RELEASES[name].split():
        pattern = f"[{name[0]}{name[0].upper()}]{name[1:]}-{version}-*.whl"
        if not any(into.glob(pattern)):
            subprocess.run([*pip, "--ignore-requires-python", f"--dest={into}", f"{name}=={version}"], check=True)
        found.append(next(into.glob(pattern)))
    return found


def replay(importer: Importer, wheels: Iterable[Path]) -> None:
    """Commit release after release, file after file."""
    before: dict[str, str] = {}
    for wheel in wheels:
        version = wheel.name.split("-")[1]
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/") and not COMPILED.search(name)]
            # The metadata folder has the version in its name; dropping that makes its files change, not move.
            paths = {_path(name): name for name in sorted(names)}
            now = {path: sha256(archive.read(name)).hexdigest() for path, name in paths.items()}
            for path in sorted(before.keys() - now.keys()):
                importer.commit(f"remove {path}\n", {path: None})
            for path in sorted(path for path, digest in now.items() if before.get(path) != digest):
                importer.commit(f"{version}: {path}\n", {path: archive.read(paths[path])})
        importer.tag(version)
        before = now


def _path(name: str) -> str:
    top, _, rest = name.partition("/")
    return f"metadata/{rest}" if top.endswith(".dist-info") else name


def large_blob(importer: Importer, size: int = LARGE_BYTES) -> None:
    """A table of measurements in one file of `size` bytes, and a second, small commit."""
    importer.begin("add measurements\n")
    importer.file("measurements.csv", size, _rows(size))
    importer.commit("say what it is\n", {"README.md": b"Measurements.\n"})


def _rows(size: int) -> Iterator[bytes]:
    left, row = size, 0
    while left:
        lines = (b"%d,%d,%d.%02d\n" % (n, n * 7919 % 100_003, n * n % 97, n % 89) for n in range(row, row + 10_000))
        chunk = b"".join(lines)[:left]
        yield chunk
        left -= len(chunk)
        row += 10_000


def many_commits(importer: Importer, count: int = MANY_COMMITS) -> None:
    """Add `count` commits; each rewrites one of a thousand files."""
    for number in range(count):
        path = f"folder{number % 37}/module{number % 1000}.py"
        content = "".join(f"def step_{number}_{line}(x):\n    return x * {number} + {line}\n\n\n" for line in range(8))
        importer.commit(f"change {number}\n", {path: content.encode()})


def make(into: Path, names: Iterable[str] = NAMES) -> dict[str, Path]:
    """These repositories, by name; made if missing."""
    found = {name: into / "histories" / name for name in names}
    for name, folder in found.items():
        done = folder / ".git" / "made-by-benchmarks"
        if done.exists():
            continue
        with repository(folder) as importer:
            if name == LARGE:
                large_blob(importer)
            elif name == MANY:
                many_commits(importer)
            else:
                replay(importer, releases(name, into / "releases" / name))
        done.write_text(f"{importer.commits}\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the repositories for the git benchmarks.")
    parser.add_argument("--into", type=Path, default=DEFAULT, help="folder to make them in (default: %(default)s)")
    for name, folder in make(parser.parse_args().into.resolve()).items():
        git = ["git", "-C", str(folder)]
        commits = subprocess.run([*git, "rev-list", "--all", "--count"], check=True, capture_output=True, text=True)
        tip = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], check=True, capture_output=True, text=True)
        print(f"{name}: {int(commits.stdout):,} commits, tip {tip.stdout.strip()}")


if __name__ == "__main__":
    main()
