"""The self-test of packs reports what is wrong with a rule, for every kind of rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import PACK

from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.policy.pack_check import attack, check
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import CLAUSES, pack_files, shipped_folder
from cavra_boundary.rules.read import parse_pack, read_pack


def problems(text: str) -> list[tuple[str, str]]:
    mine = parse_pack(Path("mine.toml"), text.encode(), DEFAULT_MARKERS)
    clauses = read_pack(shipped_folder() / CLAUSES, DEFAULT_MARKERS)
    return [(problem.rule, problem.message) for problem in check([mine], combine([clauses, mine], "check"))]


def test_a_pack_that_holds_what_it_promises() -> None:
    assert problems(PACK) == []


@pytest.mark.parametrize(
    ("written", "instead", "rule", "message"),
    [
        ('"b demotok_«base62:24»"', '"nothing"', "demo.token", "example 2 is not found"),
        ('"demotok_short"', '"x demotok_«base62:24» y"', "demo.token", "counterexample 2 is found"),
        ('"demo_room": "«uuid»"}', '"demo_room": ""}', "demo.guest", "example 1 is not found"),
        (
            '{ path = "b/c.demokey", text = "x" }',
            '{ path = "b/c.demo", text = "x" }',
            "demo.key-file",
            "example 2 is not found",
        ),
        ('"demohint a", "demohint"', '"demohint a"', "demo.hint", "has 1 counterexample"),
    ],
)
def test_what_is_not_held(written: str, instead: str, rule: str, message: str) -> None:
    assert written in PACK
    ((found, said),) = problems(PACK.replace(written, instead))
    assert found == rule
    assert said.startswith(message)


def test_a_lowered_example_has_to_say_so() -> None:
    guest = '{"demo_guest": "Ada Byron", "demo_email": "ada@example.com", "demo_room": "R-1"}'
    lowered = f"{{ text = '{guest}', severity = \"note\" }}"
    text = PACK.replace("""'{"demo_guest": "«name»", "demo_email": "«email»", "demo_room": "«uuid»"}'""", lowered)
    assert text != PACK
    assert problems(text) == []
    ((rule, said),) = problems(text.replace('severity = "note" }', 'severity = "error" }'))
    assert (rule, said) == ("demo.guest", "example 1 is found as note, not as error")


def test_a_problem_names_its_rules_line() -> None:
    mine = parse_pack(Path("mine.toml"), PACK.replace('"a demotok_«base62:24»"', '"no"').encode(), DEFAULT_MARKERS)
    clauses = read_pack(shipped_folder() / CLAUSES, DEFAULT_MARKERS)
    (problem,) = check([mine], combine([clauses, mine], "check"))
    line = PACK[: PACK.index("[[rule]]")].count("\n") + 1
    assert problem.where == f"mine.toml:{line}"


def slow(text: str) -> list[tuple[str, str]]:
    mine = parse_pack(Path("mine.toml"), text.encode(), DEFAULT_MARKERS)
    return [(problem.rule, problem.message) for problem in attack([mine])]


def test_good_patterns_withstand_attacks() -> None:
    assert slow(PACK) == []


@pytest.mark.parametrize(
    ("written", "instead", "rule", "what"),
    [
        ("(?P<secret>[0-9]{9})", "(?P<secret>(?:a|aa)+!)", "demo.pin", "pattern"),
        ("demopin (?P<secret>[0-9]{9})", "demopin[^!]*?(?P<secret>[0-9]{9})", "demo.pin", "pattern"),
        ("(?P<secret>[0-9]{9})", "(?P<secret>[0-9 ]{4,40000}[0-9:]{4,40000};)", "demo.pin", "pattern"),
        ("[0-9]{9})'", "[0-9]{9})'\nallow = ['(?:[0-9]+)+x']", "demo.pin", "allow"),
        ("[0-9]{9})'", "[0-9]{9})'\nnear = { pattern = '[a-z]+[a-z ]+;', lines = 1 }", "demo.pin", "near"),
        ('value = "id" }', "pattern = '(?:R|RR)+[0-9]' }", "demo.guest", "field demo_room"),
    ],
)
def test_a_pattern_that_backtracks_is_refused_with_what_it_is_slow_for(
    written: str, instead: str, rule: str, what: str
) -> None:
    assert written in PACK
    (found, said), *_ = slow(PACK.replace(written, instead))
    assert found == rule
    assert said.startswith(f"{what} takes too long for b'")


@pytest.mark.slow
@pytest.mark.parametrize("file", pack_files([shipped_folder()]), ids=lambda file: file.stem)
def test_the_shipped_patterns_withstand_attacks(file: Path) -> None:
    pack = read_pack(file, DEFAULT_MARKERS, lint=False)
    assert [(problem.rule, problem.message) for problem in attack([pack])] == []
