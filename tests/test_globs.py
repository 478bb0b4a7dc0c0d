"""Globs in .gitignore syntax, as rules and allows use them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cavra_boundary.cache import Cache
from cavra_boundary.detect.prefilter import NamePrefilter
from cavra_boundary.globs import translate


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.lic", ["a.lic", "b/c.lic", "a.lic/b"], ["a.lics", "lic"]),
        ("/ee/", ["ee/a", "ee/b/c"], ["ee", "a/ee/b"]),
        ("ee/", ["ee/a", "a/ee/b"], ["ee", "eee/a"]),
        ("docs/*.md", ["docs/a.md"], ["a/docs/a.md", "docs/b/a.md"]),
        ("**/secret/**", ["secret/a", "a/secret/b/c"], ["secret", "secrets/a"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "b"]),
        ("[ab].txt", ["a.txt", "x/b.txt"], ["c.txt"]),
        ("a\\*", ["a*"], ["ab"]),
        ("*/", ["a/b", "a/b/c"], ["a"]),
        ("a*b*c*d", ["abcd", "x/aXbXcXd", "abbccdd", "abcd/x"], ["abdc", "ab/cd", "abcdx"]),
        ("**/a/**/b/**/c", ["a/b/c", "a/x/b/x/c", "x/a/a/b/b/c/d"], ["b/a/c", "a/b", "a/c/b"]),
        ("*[!b]*c", ["ac", "x/abc"], ["bc", "a/bc"]),
        ("*.demokey", ["new\nline.demokey", "folder\n/a.demokey", "\udcff.demokey"], ["a.demokey\n", "a.demokey\nx"]),
    ],
)
def test_what_a_pattern_means(pattern: str, yes: list[str], no: list[str]) -> None:
    globs = translate([pattern])
    assert [path for path in yes if not globs.match(path)] == []
    assert [path for path in no if globs.match(path)] == []


@pytest.mark.parametrize(
    "pattern", ["*a" * 12 + "*b", "*?" * 30 + "b", "**/a/" * 12 + "b", "*a*/" * 12 + "b", "*a*a*/**/" * 9]
)
@pytest.mark.parametrize("path", ["a" * 4000, "a/" * 2000 + "a"])
def test_many_stars_do_not_backtrack(pattern: str, path: str) -> None:
    """It takes years if they do."""
    assert not translate([f"{pattern}/x"]).match(path)


def test_any_of_several() -> None:
    globs = translate(["*.a", "/b"])
    assert [globs.match(path) for path in ("x.a", "b", "c")] == [True, True, False]


def test_no_patterns_match_nothing() -> None:
    assert not translate([]).match("a")


@pytest.mark.parametrize("pattern", ["!a", "", "# a comment", "!", "/"])
def test_what_includes_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        translate([pattern])


_PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a.x", "b.x"]), min_size=1, max_size=3).map("/".join)
_PATTERNS = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "/", "**/"]),
        st.sampled_from(["", "a/", "*/", "a/**/"]),
        st.sampled_from(["a", "*.x", "a*", "?", "[ab]", "ab", "*a*b*", "*[!a]*b", "a*.*x", "*?*?"]),
        st.sampled_from(["", "/", "/**"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25)
@given(patterns=_PATTERNS, paths=st.sets(_PATHS, min_size=1, max_size=6))
def test_git_would_ignore_the_same(patterns: list[str], paths: set[str]) -> None:
    globs = translate(patterns)
    with TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        (Path(folder) / ".gitignore").write_text("\n".join(patterns))
        done = subprocess.run(
            ["git", "-C", folder, "check-ignore", "--no-index", "--stdin", "-z"],
            input="\0".join(sorted(paths)).encode(),
            capture_output=True,
            check=False,
        )
    ignored = {path.decode() for path in done.stdout.split(b"\0") if path}
    assert {path for path in paths if globs.match(path)} == ignored


@settings(max_examples=15)
@example(patterns=[["a"]], paths=["\n/a"])
@given(
    patterns=st.lists(_PATTERNS, min_size=1, max_size=3),
    paths=st.lists(st.one_of(_PATHS, st.text("ab./\n\udcff", min_size=1, max_size=8)), min_size=1, max_size=5),
)
def test_the_prefilter_names_every_glob_that_matches(patterns: list[list[str]], paths: list[str]) -> None:
    globs = [translate(each) for each in patterns]
    candidates = NamePrefilter(globs, repr(patterns), Cache(None)).candidates(paths)
    for index, path in enumerate(paths):
        wanted = {number for number, each in enumerate(globs) if each.match(path)}
        assert wanted <= candidates.get(index, set())
