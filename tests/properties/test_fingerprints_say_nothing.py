"""What is public of a finding does not depend on a value that somebody could guess: no enumeration can find it.

The attacks: an old baseline gave a weak password back in 0.02 s, and a card with ten known digits in 5 s.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Repo, pin

from cavra_boundary.model import FINGERPRINT_PATTERN, Blob, Match, Rule, Secret, Severity, Span, View
from cavra_boundary.rules.samples import expand
from cavra_boundary.triage import Concealed, Policy, Triage, fingerprints
from cavra_boundary.triage.baseline import NAME
from cavra_boundary.triage.hidden import Hidden
from cavra_boundary.triage.naming import FoundRanges, name_before

if TYPE_CHECKING:
    from support import Tool

PLACES = {
    "password": ("b.env", "USER=app\nDB_PASSWORD={}\n", ["Winter2024!", "Dragon1999!"]),
    "password in quotes": ("b.sh", "export PGPASSWORD='{}'\n", ["Winter2024!", "Berlin-1987_"]),
    "password in a URL": ("u.yaml", "url: postgres://app:{}@db.acme.de:5432/prod\n", ["Winter2024", "Dragon-1999"]),
    "card": ("a.txt", "card number: {}\n", ["«card»"] * 3),
    "social security number": ("a.txt", "ssn: {}\n", ["536-22-8726", "519-44-1207"]),
    "IBAN": ("a.txt", "iban: {}\n", ["«iban»", "«iban:GB»", "«iban:FR»"]),
    "person in JSON": (
        "p.json",
        '{{"customer_name": "{0}", "email": "karin@mueller-bau.de", "phone": "+49 170 1234567"}}\n',
        ["«name»", "«name»", "Jo Li"],
    ),
    "email in JSON": (
        "p.json",
        '{{"customer_name": "Karin Mueller", "email": "{0}", "phone": "+49 170 1234567"}}\n',
        ["karin@mueller-bau.de", "j.li@li-und-sohn.de"],
    ),
    "phone in CSV": (
        "c.csv",
        "name,email,phone\nKarin Mueller,karin@mueller-bau.de,{0}\n",
        ["+491701234567", "+49 170 7654321"],
    ),
    "customer in prose": (
        "n.md",
        "Our customer: {0} <karin@mueller-bau.de>, +49 170 1234567\n",
        ["Mueller Bau GmbH", "Schmidt AG"],
    ),
}
FORMATS = ["json", "jsonl", "sarif", "gitlab-secrets", "gitlab-quality", "csv", "junit", "markdown", "html", "text"]
IDENTIFIERS = re.compile(r"[pv]2-[0-9a-f]{16}(?::[0-9]+)?|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@pytest.mark.parametrize("place", PLACES)
def test_the_committed_file_is_the_same_for_every_weak_value(tool: Tool, place: str) -> None:
    path, text, values = PLACES[place]
    files = set()
    for number, value in enumerate(values):
        tool.write(path, text.format(expand(value, f"value {number}")))
        (tool.folder / NAME).unlink(missing_ok=True)
        assert tool.run("baseline", "create", "--fail-on", "note").code == 0
        files.add((tool.folder / NAME).read_text())
    assert len(files) == 1
    assert re.search("^p2-", files.pop(), re.MULTILINE), "something was found"


def test_every_report_names_weak_values_alike(tool: Tool) -> None:
    seen: dict[str, set[str]] = {}
    for number in range(2):
        for folder, (path, text, values) in PLACES.items():
            tool.write(f"{folder}/{path}", text.format(expand(values[number], f"value {number}")))
        stored = tool.folder.parent / f"{number}.json"
        stored.write_text(tool.run("scan", "--format", "json").out)
        for format_ in FORMATS:
            names = IDENTIFIERS.findall(
                tool.run("report", "convert", str(stored), "--format", format_, "--verbose").out
            )
            assert len(names) >= len(PLACES), format_
            seen.setdefault(format_, set()).add(" ".join(sorted(names)))
    assert {format_: len(names) for format_, names in seen.items()} == dict.fromkeys(FORMATS, 1)


BEFORE = [
    b"DB_PASSWORD=",
    b"DB_PASSWORD = '",
    b'{"db": {"password": "',
    b"password: ",
    b"--password ",
    b"<password>",
    b"card number: ",
    b'setPassword("',
    b"https://app.example/?user=bob&token=",
    b"it's my ",
    b"",
]
WEAK = st.one_of(
    st.text(min_size=1, max_size=15).filter(lambda text: "\n" not in text and "\r" not in text),
    st.sampled_from(["Winter2024!", "a=b:c>d(e", "x y z", "it's", '"quoted"', "key: value", "{[(<", "=====", "\\"]),
)


@given(st.sampled_from(BEFORE), WEAK, WEAK, st.integers(0, 14), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_nothing_of_a_value_is_in_a_place(before: bytes, one: str, other: str, cut: int, rest: bool) -> None:
    """Neither its characters nor its length, nor how much of it the pattern matched after its first character."""
    names = {_name(before, value.encode(), cut if rest else 0) for value in (one, other)}
    assert len(names) == 1


@pytest.mark.parametrize("value", [b"Karin Mueller", b"no", b"4556 7375 8689 9855"])
def test_a_random_word_in_the_place_of_an_evidence_field_does_not_make_it_unguessable(value: bytes) -> None:
    pointer = f"/items/{expand('«uuid»', 'u')}/owner".encode()
    data = b'{"owner": "' + value + b'"}'
    view = View(Blob.whole("packet.json", data), data)
    span = Span(11, 11 + len(value))
    (finding,) = (
        Triage(POLICY).of_view(view, [Match("a.b", span, Secret(pointer + b"\0" + value), (span,))], NOTHING).findings
    )
    assert finding.fingerprint == fingerprints.of_place("a.b", "packet.json", ("owner",))


def test_a_value_in_the_name_of_its_file_is_no_part_of_the_place() -> None:
    found = set()
    for value in (b"Winter2024!", b"Sommer19"):
        data = b"password: " + value
        span = Span(10, len(data))
        view = View(Blob.whole(f"notes/{value.decode()}.txt", data), data)
        (finding,) = Triage(POLICY).of_view(view, [Match("a.b", span, Secret(value), (span,))], NOTHING).findings
        found.add(finding.fingerprint)
    assert len(found) == 1


def _messages(repo: Repo) -> list[str]:
    """The fingerprints of what the history's messages have."""
    found = repo.scan("--history", "--only-rule", "demo.pin").findings("demo.pin")
    return sorted(each["fingerprint"] for each in found if each["path"].startswith(".git/"))


def test_a_weak_value_in_a_message_keeps_its_place_when_it_is_rebased(repo: Repo) -> None:
    """A commit's id depends on everything, also on the value; its author's date stays."""
    dates = iter(range(1700000000, 1700000100))

    def commit(message: str) -> None:
        repo.git("commit", "--quiet", "--allow-empty", f"--date=@{next(dates)} +0100", "--message", message)

    commit("start")
    repo.git("checkout", "--quiet", "-b", "side")
    commit(f"use demopin {pin('a')}")
    commit(f"use demopin {pin('b')}")
    before = _messages(repo)
    assert len(set(before)) == 2
    assert all(each.startswith("p2-") for each in before)
    repo.git("checkout", "--quiet", "main")
    commit("meanwhile")
    repo.git("checkout", "--quiet", "side")
    old = repo.git("rev-parse", "HEAD")
    repo.git("rebase", "--quiet", "--keep-empty", "main")
    assert repo.git("rev-parse", "HEAD") != old
    assert _messages(repo) == before


def test_the_id_of_an_object_is_no_part_of_its_place(repo: Repo) -> None:
    """It is a hash of the content, so of the value in it."""
    names = set()
    for seed in ("a", "b"):
        blob = repo.write("x", f"demopin {pin(seed)}\n")
        oid = repo.git("hash-object", "-w", str(blob)).strip()
        blob.unlink()
        repo.git("commit", "--quiet", "--allow-empty", "--message", "x")
        repo.git("tag", "--force", "loose", oid)
        names.update(_messages(repo))
    assert len(names) == 1


def _name(before: bytes, value: bytes, left: int) -> str:
    data = b"# first line\n" + before + value + b"' \", then\n"
    start = len(data) - len(value + b"' \", then\n")
    span = Span(start, max(start + 1, start + len(value) - left))
    view = View(Blob.whole("a.txt", data), data)
    match = Match("a.b", span, Secret(data[slice(*span)]), (span,))
    (finding,) = Triage(POLICY).of_view(view, [match], NOTHING).findings
    return finding.fingerprint


def _policy() -> Policy:
    rule = Rule(id="a.b", clause="c", severity=Severity.ERROR, title="t", why="w", remedy="r")
    return Policy(
        rules={"a.b": rule}, selected=frozenset({"a.b"}), severity={}, allows=(), config="", today=date(2026, 1, 1)
    )


NOTHING = Concealed((), Hidden(()))

POLICY = _policy()


@given(
    st.sampled_from(["password: ", "PASSWORD=", '"password": "', "--password=", "url: postgres://app:", "p = '"]),
    st.text("abc12:=,&;?!@#-_.>(", min_size=1, max_size=15),
    st.integers(0, 14),
)
@settings(deadline=None)
def test_a_pattern_that_starts_in_the_middle_of_a_value_changes_nothing(before: str, value: str, at: int) -> None:
    data = f"{before}{value}x'\" y\n".encode()
    start = len(before)
    wanted = name_before(data, start, FoundRanges(()))
    assert wanted
    assert name_before(data, start + min(at, len(value)), FoundRanges(())) == wanted


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("DB_PASSWORD=@", "DB_PASSWORD"),
        ("export PGPASSWORD='@'", "PGPASSWORD"),
        ('{"user":"bob","password":"@"}', "password"),
        ("{user:bob,password:@}", "password"),
        (r'"body": "{\"user\": \"bob\", \"password\": \"@\"}"', "password"),
        ('{"a":"' + "x" * 5000 + '","pin":"@"}', "pin"),
        ("    'password' => '@',", "password"),
        ("card number: @", "card number"),
        ("<db.password>@</db.password>", "db.password"),
        ('client.setPassword("@")', "client.setPassword"),
        ("mysql -u root --password @", "--password"),
        ("GET /login?user=bob&pass=@", "pass"),
        ("Karin Mueller: @", ""),
        ("it's my secret @", ""),
        ("@", ""),
        ("4556737586899855: @", ""),
    ],
)
def test_the_name_is_the_key_before_the_value(line: str, name: str) -> None:
    data = f"first = 1\n{line}\n".encode()
    assert name_before(data, data.index(b"@"), FoundRanges(())) == name


def test_what_a_rule_found_is_no_name() -> None:
    data = b"demotok_x = 12"
    assert name_before(data, 12, FoundRanges(())) == "demotok_x"
    assert name_before(data, 12, FoundRanges([Span(20, 30), Span(0, 9)])) == ""
    assert name_before(data, 12, FoundRanges([Span(12, 14)])) == "demotok_x"


def test_a_place_is_told_by_rule_path_names_and_number() -> None:
    one = fingerprints.of_place("a.b", "x", ("k",), 1)
    others = [
        fingerprints.of_place("a.c", "x", ("k",), 1),
        fingerprints.of_place("a.b", "y", ("k",), 1),
        fingerprints.of_place("a.b", "x", ("l",), 1),
        fingerprints.of_place("a.b", "x", ("k",), 2),
        fingerprints.of_place("a.b", "x", ("k", ""), 1),
    ]
    assert one not in others
    assert len(set(others)) == len(others)
    assert all(re.fullmatch(FINGERPRINT_PATTERN, each) for each in (one, *others))
