"""The only module that starts git.

A repository's configuration, attributes and hooks are written by strangers. Git is started so that none of them can run
a program or reach the network, and is asked only for plumbing output with NUL-separated, unquoted names. Content comes
from `cat-file`, which knows neither filters nor textconv; never from a textual diff, which an attribute can blank.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import GitError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator, Sequence

_SAFE = (
    "--no-pager",
    "--literal-pathspecs",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    # A file of derived data that could tell of other parents and trees than the commits do.
    "-c", "core.commitGraph=false",
    # Larger blobs are streamed instead of being held in memory, of which git takes less than it would by itself.
    "-c", "core.bigFileThreshold=8m",
    "-c", "core.deltaBaseCacheLimit=24m",
    "-c", "core.packedGitWindowSize=1m",
    "-c", "core.packedGitLimit=32m",
)  # fmt: skip
_ENVIRONMENT = {
    # Unlike `protocol.allow`, no configuration wins over it.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_OF_THE_HOOK = (
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
"""What a hook's environment says of its own repository: where git keeps the index that `commit --all` will commit, and
the objects of a push that is not accepted yet."""

_ELSEWHERE = (
    *_OF_THE_HOOK,
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
"""What would have git read another repository than the one that is asked about, or another part of it."""

_RAW = (
    "--raw",
    "-r",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-relative",
    "--ignore-submodules=none",
    "--no-ext-diff",
)
_KINDS = {b"120000": "link", b"160000": "module", b"000000": "absent"}
NOTES = "refs/notes/"
_BLOCK = 64 * 1024
_COMMITS_AT_A_TIME = 10_000
_WORTH_DRAINING = 8 * 1024 * 1024
_MOST_FAILURES = 50


class WorkTree(NamedTuple):
    """What git says is in a working tree, as paths relative to the folder asked about.

    files: tracked files, also ignored ones, and untracked files that are not ignored.
    foreign: submodules and nested repositories, whose content is another repository's.
    """

    files: tuple[str, ...]
    foreign: tuple[str, ...]


class Item(NamedTuple):
    """A name and what it stands for, in a tree, the index or a commit's changes.

    kind: "file", "link" or "module"; in changes also "absent", for what they remove.
    """

    kind: str
    oid: str
    path: str


class Ref(NamedTuple):
    """A full name such as `refs/heads/main`. oid: what it names directly; type: "commit", "tag", "tree" or "blob"."""

    name: str
    oid: str
    type: str


def top_of(folder: Path) -> Path | None:
    """The nearest folder upward that holds a `.git`; None outside a repository. Starts no process."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return None


def repository_of(folder: Path) -> Path | None:
    """As `top_of`, but a bare repository is one too."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists() or _is_git_folder(each):
            return each
    return None


def work_tree(folder: Path, *, ignore: bool, exclude: Sequence[str]) -> WorkTree:
    """The files below `folder`, a folder of a repository with a working tree.

    ignore: whether `.gitignore` hides untracked files. exclude: patterns in .gitignore syntax that prune untracked
    folders; tracked files are not affected. GitError when git is missing, refuses or fails.
    """
    top = top_of(folder) or folder
    prefix = "" if folder == top else f"{folder.relative_to(top).as_posix()}/"
    below = ["--", prefix] if prefix else []
    tracked = _run(top, ["ls-files", "-z", "--stage", "--cached", *below])
    hidden = ["--exclude-standard"] if ignore else []
    pruned = [f"--exclude={pattern}" for pattern in exclude]
    untracked = _run(top, ["ls-files", "-z", "--others", *hidden, *pruned, *below])
    files: dict[str, None] = {}
    foreign: dict[str, None] = {}
    for item in _staged(tracked):
        (foreign if item.kind == "module" else files)[item.path.removeprefix(prefix)] = None
    for entry in _names(untracked):
        path = os.fsdecode(entry).removeprefix(prefix)
        # Git does not descend into another repository; it names the folder.
        (foreign if path.endswith("/") else files)[path.rstrip("/")] = None
    return WorkTree(tuple(files), tuple(foreign))


def index(top: Path, paths: Sequence[str] = ()) -> list[Item]:
    """What the index holds at these paths, files or folders relative to the top, or everywhere.

    An unmerged path is there once for each of its versions. GitError when git is missing, refuses or fails.
    """
    return list(_staged(_run(top, ["ls-files", "-z", "--stage", "--cached", "--", *paths])))


def staged(top: Path) -> list[Item]:
    """What the index holds that HEAD does not; all of it where there is no commit yet. GitError as for `index`."""
    try:
        changes = _run(top, ["diff-index", "--cached", *_RAW, "HEAD", "--"])
    except GitError:
        # A branch that is not born yet has nothing to compare with, and neither has one whose commit is lost.
        return index(top)
    items: list[Item] = []
    for item in _raw(_names(changes)):
        assert isinstance(item, Item), "diff-index names no commit"  # noqa: S101
        if item.kind == "unmerged":
            items += index(top, [item.path])
        elif item.kind != "absent":
            items.append(item)
    return items


def deleted(top: Path, paths: Sequence[str]) -> set[str]:
    """Which of these paths are not in the index, but in HEAD, or hold something that is. GitError as for `index`."""
    try:
        listed = _run(top, ["ls-tree", "-z", "--name-only", "--full-tree", "HEAD", "--", *paths])
    except GitError:
        return set()
    return set(map(os.fsdecode, _names(listed)))


def tree(folder: Path, oid: str) -> Iterator[Item]:
    """Everything in a tree or a commit's tree, in git's order. GitError when it, or a part of it, cannot be read."""
    for entry in _names(_run(folder, ["ls-tree", "-r", "-z", "--full-tree", oid])):
        meta, _, path = entry.partition(b"\t")
        mode, _, found = meta.split(b" ")
        yield _item(mode, found, path)


def revision(folder: Path, text: str, *, type_: str = "") -> str:
    """The id of what the user calls so: of a tag itself, not of its commit, unless a `type_` is asked for.

    GitError when there is no such thing.
    """
    oid, *more = _parsed(folder, f"{text}^{{{type_}}}" if type_ else text, text)
    if more or oid.startswith("^"):
        raise GitError(f"{text!r} is a range and no single revision", where=str(folder))
    return oid


def revisions(folder: Path, text: str) -> tuple[str, ...]:
    """What a revision or range in git's spelling (`A..B`, `A...B`, `B`, `B^!`) comes to: ids, and `^id` to leave out.

    GitError when a part of it is unknown.
    """
    return _parsed(folder, text, text)


def full_name(folder: Path, text: str) -> str:
    """The full name of the branch or tag that the user calls so; "" for what is none."""
    _check(folder, text)
    name, *_ = _lines(_run(folder, ["rev-parse", "--symbolic-full-name", text, "--"]))
    return name if name.startswith("refs/") else ""


def exists(folder: Path, oid: str) -> bool:
    """Whether the repository has the object with this id. GitError when git cannot be asked."""
    with Objects(folder) as objects:
        return objects.begin(oid) is not None


def refs(folder: Path, prefix: str = "refs/") -> tuple[Ref, ...]:
    """The refs whose name begins so, whole components only, in the order of their names. GitError for a broken one."""
    listed, said = _answer(
        folder, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", prefix.rstrip("/")]
    )
    if b"ignoring" in said:
        raise _failure(folder, ["for-each-ref"], 0, said)
    return tuple(Ref(name, oid, type_) for oid, type_, name in (line.split(" ", 2) for line in _lines(listed)))


def head(folder: Path) -> str:
    """The id of the commit that HEAD names, whether or not it is there; "" on a branch that is not born yet."""
    try:
        return os.fsdecode(_run(folder, ["rev-parse", "--verify", "--quiet", "HEAD"])).strip()
    except GitError:
        return ""


def drops_comments(folder: Path) -> bool:
    """Whether git drops lines that begin with `#` from a message that is being written in the hook it runs.

    It does where the message went through an editor and no configuration says otherwise (git-commit, --cleanup). For
    a hook of a commit without an editor git names `:` as the editor.
    """
    if os.environ.get("GIT_EDITOR") == ":":
        return False
    try:
        said = _run(folder, ["config", "-z", "--get-regexp", r"^(commit\.cleanup|core\.commentchar)$"])
    except GitError:
        return True  # neither is configured
    settings = [setting.partition(b"\n")[2] for setting in _names(said)]
    return all(value in (b"default", b"strip", b"#") for value in settings)


def hooks_folder(folder: Path) -> Path:
    """Where a repository and its linked work trees have their own hooks, whether or not the folder is there."""
    return Path(os.fsdecode(_run(folder, ["rev-parse", "--path-format=absolute", "--git-common-dir"])[:-1])) / "hooks"


def configured_hooks(folder: Path) -> str:
    """The folder that `core.hooksPath` sets in place of the repository's own; "" where it is not set."""
    listed = _run(folder, ["config", "--null", "--show-scope", "--get-all", "core.hooksPath"]).split(b"\0")
    # What is set on a command line is our own, which keeps hooks from running under us.
    values = [value for scope, value in zip(listed[::2], listed[1::2], strict=False) if scope != b"command"]
    return os.fsdecode(values[-1]) if values else ""


def is_shallow(folder: Path) -> bool:
    """Whether a part of the history was left out when the repository was cloned or fetched."""
    return _run(folder, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def shallow_commits(folder: Path) -> frozenset[str]:
    """The commits whose parents are not there because the clone is shallow. GitError when git does not say."""
    if not is_shallow(folder):
        return frozenset()
    file = Path(os.fsdecode(_run(folder, ["rev-parse", "--git-path", "shallow"]).rstrip(b"\n")))
    try:
        return frozenset((folder / file).read_text(encoding="ascii", errors="replace").split())
    except OSError as error:
        raise GitError(f"unreadable: {error.strerror}", where=str(folder / file)) from None


def commits(folder: Path, wanted: Iterable[str]) -> list[str]:
    """The ids of the commits that these revisions reach, parents first. `^id`: not those that this one reaches.

    GitError when any of them, or of those in between, cannot be read.
    """
    asked = "".join(f"{each}\n" for each in wanted).encode()
    return _lines(_run(folder, ["rev-list", "--topo-order", "--reverse", "--stdin"], asked)) if asked else []


def changes(folder: Path, wanted: Sequence[str]) -> Iterator[tuple[int, Item]]:
    """What each of these commits adds or changes: the commit's place among them, and what it brings in.

    Of a merge that is what differs from each of its parents. GitError when a commit or a tree cannot be read.
    """
    # Git keeps what it has read of commits, so one that answered for all would fill the memory.
    for start in range(0, len(wanted), _COMMITS_AT_A_TIME):
        for at, item in _changes(folder, wanted[start : start + _COMMITS_AT_A_TIME]):
            yield start + at, item


def _changes(folder: Path, wanted: Sequence[str]) -> Iterator[tuple[int, Item]]:
    from tempfile import TemporaryFile
    from threading import Thread

    command = ["diff-tree", "--stdin", "--root", "--always", "-c", *_RAW]
    at = -1
    # Complaints go to a file: in a pipe that nobody reads yet, enough of them would stop git.
    with TemporaryFile() as said, _start(folder, command, said) as process:
        assert process.stdin and process.stdout, "pipes"  # noqa: S101
        # Fed from the side, since git stops reading while nobody reads its answers.
        feeder = Thread(target=_feed, args=(process.stdin, wanted), daemon=True)
        feeder.start()
        try:
            for found in _raw(_fields(process.stdout)):
                if isinstance(found, Item):
                    yield at, found
                    continue
                at += 1
                if at == len(wanted) or found != wanted[at].encode():
                    raise GitError("git diff-tree gives answers to other questions", where=str(folder))
        except BaseException:
            process.kill()
            raise
        finally:
            feeder.join()
        if process.wait() or at + 1 < len(wanted):
            said.seek(0)
            raise _failure(folder, command, process.returncode, said.read(_BLOCK))


class Objects:
    """Reads objects by their id through one `git cat-file --batch`, which starts when the first is wanted.

    `begin` gives an object's type and size, `read` its bytes. It may be handed to another process, where it starts a
    git of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._ahead: deque[str] = deque()
        self._left = 0
        self._failures = 0

    def __reduce__(self) -> tuple[type[Objects], tuple[Path]]:
        return (Objects, (self._folder,))

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, oids: Iterable[str]) -> None:
        """Say which objects will be begun next, in this order, so that git works ahead. A few hundred at most."""
        more = list(oids)
        self._ahead += more
        if self._process:
            self._request(more)

    def begin(self, oid: str) -> tuple[str, int] | None:
        """The type and the size of an object, to be read from its start; None when the repository has it not.

        GitError when git breaks off over it. What is left of the object before is passed over.
        """
        self._pass_over()
        if self._ahead and self._ahead[0] != oid:
            self.close()
            self._ahead.clear()
        if not self._ahead:
            self.ask([oid])
        output = self._output()
        self._ahead.popleft()
        answer = output.readline()
        found, _, rest = answer.rstrip(b"\n").partition(b" ")
        if not answer.endswith(b"\n") or found != oid.encode():
            raise self._broken(oid)
        if rest == b"missing":
            return None
        type_, _, size = rest.partition(b" ")
        self._left = int(size) + 1  # a line feed follows
        return type_.decode(), int(size)

    def read(self, most: int) -> bytes:
        """At most so many bytes more of the object, fewer only at its end. GitError when git breaks off."""
        wanted = min(most, self._left - 1)
        if wanted <= 0:
            return b""
        data = self._output().read(wanted)
        self._left -= len(data)
        if len(data) < wanted:
            raise self._broken("an object")
        return data

    def close(self) -> None:
        """End git, if it runs. What was announced and not begun is asked for again if anything is read later."""
        process, self._process, self._left = self._process, None, 0
        if process and self._owner == os.getpid():
            with suppress(BrokenPipeError), process:
                process.kill()

    def _output(self) -> IO[bytes]:
        if self._process and self._owner != os.getpid():
            self.close()  # a fork's parent goes on reading there
            self._ahead.clear()
        if self._process is None:
            if self._failures >= _MOST_FAILURES:
                raise GitError("git failed too often", where=str(self._folder), hint="run: git fsck")
            self._process, self._owner = _start(self._folder, ["cat-file", "--batch"]), os.getpid()
            self._request(self._ahead)
        assert self._process.stdout, "a pipe"  # noqa: S101
        return self._process.stdout

    def _request(self, oids: Iterable[str]) -> None:
        assert self._process and self._process.stdin, "a pipe"  # noqa: S101
        # A git that is gone shows when its answer is read.
        with suppress(BrokenPipeError):
            self._process.stdin.write("".join(f"{oid}\n" for oid in oids).encode())
            self._process.stdin.flush()

    def _pass_over(self) -> None:
        if self._left > _WORTH_DRAINING:
            self.close()
        elif self._left:
            self._output().read(self._left)
            self._left = 0

    def _broken(self, what: str) -> GitError:
        self.close()
        self._failures += 1
        return GitError(f"git broke off while it read {what}", where=str(self._folder), hint="run: git fsck")


def _is_git_folder(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def _staged(output: bytes) -> Iterator[Item]:
    """The entries of `ls-files --stage`."""
    for entry in _names(output):
        meta, _, path = entry.partition(b"\t")
        mode, oid, _ = meta.split(b" ")
        yield _item(mode, oid, path)


def _raw(fields: Iterator[bytes]) -> Iterator[Item | bytes]:
    """What raw diff output says: a commit's id before its changes, and of each change what is there since.

    The format is git's, diff-format: a colon for each parent, their modes and the new one, ids likewise, the status.
    """
    for field in fields:
        parents = len(field) - len(field.lstrip(b":"))
        if not parents:
            yield field
            continue
        meta = field[parents:].split(b" ")
        path = next(fields, None)
        if path is None or len(meta) != 2 * parents + 3:
            raise GitError("git's answer ends too early or cannot be read")
        item = _item(meta[parents], meta[2 * parents + 1], path)
        yield item._replace(kind="unmerged") if meta[-1] == b"U" else item


def _item(mode: bytes, oid: bytes, path: bytes) -> Item:
    return Item(_KINDS.get(mode, "file"), oid.decode("ascii"), os.fsdecode(path))


def _names(output: bytes) -> Iterator[bytes]:
    return (name for name in output.split(b"\0") if name)


def _fields(stream: IO[bytes]) -> Iterator[bytes]:
    """What NUL bytes end in a stream. GitError when it breaks off between two of them."""
    rest = b""
    while block := stream.read(_BLOCK):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        raise GitError("git's answer breaks off")


def _lines(output: bytes) -> list[str]:
    return os.fsdecode(output).splitlines() if output.isascii() else os.fsdecode(output).removesuffix("\n").split("\n")


def _check(folder: Path, text: str) -> None:
    """GitError for what can be no revision, and could be taken for an option of git's."""
    if not text or text.startswith("-") or not text.isprintable():
        raise GitError(f"no revision: {text!r}", where=str(folder), hint="name a branch, a tag, a commit or A..B")


def _parsed(folder: Path, expression: str, text: str) -> tuple[str, ...]:
    """The ids that a revision comes to; `text` is what the user wrote."""
    _check(folder, text)
    try:
        *oids, _ = _lines(_run(folder, ["rev-parse", expression, "--"]))
    except GitError as error:
        shallow = is_shallow(folder)
        hint = "the clone is shallow: fetch what is missing" if shallow else "is it spelled right, and fetched?"
        said = "" if "bad revision" in error.what else f": {error.what}"
        raise GitError(f"unknown revision {text!r}{said}", where=str(folder), hint=hint) from None
    return tuple(oids)


def _feed(stream: IO[bytes], lines: Sequence[str]) -> None:
    with suppress(OSError), stream:
        for start in range(0, len(lines), 1000):
            stream.write("".join(f"{line}\n" for line in lines[start : start + 1000]).encode())


def _run(folder: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    """Git's standard output. GitError when it cannot be started or does not succeed."""
    return _answer(folder, arguments, given)[0]


def _answer(folder: Path, arguments: Sequence[str], given: bytes = b"") -> tuple[bytes, bytes]:
    """What git writes to its standard output and error. GitError when it cannot be started or does not succeed."""
    import subprocess

    with _start(folder, arguments, subprocess.PIPE) as process:
        output, said = process.communicate(given)
    if process.returncode:
        raise _failure(folder, arguments, process.returncode, said)
    return output, said


def _start(folder: Path, arguments: Sequence[str], said: int | IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Git with pipes in and out. said: where its complaints go, to nobody by default."""
    import subprocess  # a scan of single files starts no process

    try:
        return subprocess.Popen(  # noqa: S603 - the arguments are ours; nothing is split by a shell
            ["git", "-C", str(folder), *_SAFE, *arguments],  # noqa: S607 - git is where PATH says
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if said is None else said,
            env=_environment(folder),
        )
    except FileNotFoundError:
        raise GitError(
            "git is not installed", where=str(folder), hint="install git, or scan a folder outside git"
        ) from None
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}", where=str(folder)) from None


def _failure(folder: Path, arguments: Sequence[str], code: int, said: bytes) -> GitError:
    lines = said.decode(errors="replace").strip().splitlines()
    return GitError(f"git {arguments[0]} failed: {lines[0] if lines else code}", where=str(folder), hint=_advice(lines))


def _environment(repository: Path) -> dict[str, str]:
    """One in which git works on this repository, all of it, and on no other."""
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | _ENVIRONMENT
    # Against a `.git` that git does not take for one and passes over.
    environment["GIT_CEILING_DIRECTORIES"] = str(repository.parent)
    if (repository / ".git").exists():
        # Against a `core.worktree` that leads elsewhere.
        environment["GIT_WORK_TREE"] = str(repository)
    if repository == _of_the_hook():
        environment |= {name: os.environ[name] for name in _OF_THE_HOOK if name in os.environ}
        _check_index(repository)
    return environment


def _check_index(repository: Path) -> None:
    """GitError for an index that is named and not there, which git takes for one that is empty."""
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return
    # Relative to the top, where git runs its hooks.
    file = repository / named
    if not file.exists() and os.path.realpath(file) != os.path.realpath(git_folder(repository) / "index"):
        raise GitError("no such index", where=f"GIT_INDEX_FILE={named}", hint="unset it")


def _of_the_hook() -> Path | None:
    """The repository that the environment speaks of: git runs a hook in it, and may name its folder."""
    here = Path(os.path.realpath(Path.cwd()))
    top = repository_of(here)
    named = os.environ.get("GIT_DIR")
    if top is None or named is None or os.path.realpath(named) == os.path.realpath(git_folder(top)):
        return top
    return None


def git_folder(repository: Path) -> Path:
    """Where a repository, found by `repository_of`, keeps what git knows of it; a linked work tree has its own."""
    inside = repository / ".git"
    if inside.is_file():
        with suppress(OSError, ValueError):
            return repository / inside.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
    return inside if inside.exists() else repository


def _advice(said: Sequence[str]) -> str:
    """What to do about git's complaint: its own suggestion where it makes one."""
    commands = [line.strip() for line in said if line.strip().startswith("git config")]
    if commands:
        return f"run: {commands[0]}"
    if any("promisor" in line or "transport '" in line for line in said):
        return "the clone is partial: run git fetch --refetch --no-filter"
    return "see git's message"
