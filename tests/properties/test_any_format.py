"""Any text in names, messages and snippets: every format stays valid and shows no secret."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.make import RULES, context, finding, report
from report.readers import READERS
from report.strategies import hostile_findings, hostile_paths, hostile_reports
from support import Tool, pin, token

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Notice, Report, Skip
from cavra_boundary.report import FORMATS, renderer
from cavra_boundary.report.escape import printable
from cavra_boundary.report.json_report import load
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from pathlib import Path

    from cavra_boundary.model import Finding

COMMANDS = re.compile(r"##(vso|teamcity)?\[|^\s*::", re.MULTILINE)
VERDICTS = st.sampled_from([ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.INCOMPLETE])


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
@given(hostile=hostile_reports(), verdict=VERDICTS)
@settings(max_examples=15)
def test_a_stranger_can_break_no_format(format: str, hostile: Report, verdict: ExitCode) -> None:
    text = renderer(format)(hostile, context(verdict))
    READERS[format](text)
    plain = text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " ")
    assert printable(plain) == plain
    if format != "github":
        assert not COMMANDS.search(text)


@pytest.mark.parametrize("format", FORMATS)
def test_a_name_that_is_no_unicode_breaks_no_format(format: str) -> None:
    """Windows has names with half a surrogate pair; such a file cannot be made here."""
    odd = "\ud800\udcff\udfff"
    hostile = report(finding(path=odd), notices=(Notice(odd, 1, ""),), skipped=(Skip(odd, "", incomplete=True),))
    READERS[format](renderer(format)(hostile, context()))


@pytest.mark.parametrize("format", FORMATS)
@given(hostile=hostile_reports())
@settings(max_examples=5)
def test_the_same_report_gives_the_same_bytes(format: str, hostile: Report) -> None:
    assert renderer(format)(hostile, context()) == renderer(format)(hostile, context())


plain_ids = st.sampled_from(sorted(RULES)).map(lambda rule: {"rule": rule, "clause": RULES[rule].clause})


@pytest.mark.parametrize("format", FORMATS)
@given(
    hostile=hostile_reports(),
    findings=st.lists(
        st.builds(
            lambda found, ids, path: found._replace(path=path, **ids), hostile_findings, plain_ids, hostile_paths
        ),
        max_size=3,
    ),
)
@settings(max_examples=8)
def test_a_stored_report_renders_as_the_scan_did(format: str, hostile: Report, findings: list[Finding]) -> None:
    """`report convert` loses nothing: JSON escapes exactly what every format would escape."""
    receipt = hostile.receipt._replace(seconds=round(hostile.receipt.seconds, 3), skipped=())
    scanned = Report(tuple(findings), (), receipt)
    stored = load(renderer("json")(scanned, context()))
    again = context(stored.exit_code, clauses=stored.clauses, rules=stored.rules, finished=stored.finished)
    assert renderer(format)(stored.report, again) == renderer(format)(scanned, context())


SECRETS = {
    "token": token("formats"),
    "pin": pin("formats"),
    "github": expand("«github-token»", "formats"),
    "email": expand("«email»", "formats"),
}
CONTENT = {
    "token": f"export TOKEN={SECRETS['token']}",
    "pin": f"demopin {SECRETS['pin']}",
    "github": f'token = "{SECRETS["github"]}"',
    "email": json.dumps(
        {"demo_guest": "Ada Byron", "demo_email": SECRETS["email"], "demo_room": expand("«uuid»", "r")}
    ),
}
"""Each secret as a rule finds it."""


@given(
    order=st.permutations(["token", "pin", "github"]),
    glue=st.sampled_from([" ", "\n", " | ", "`", "</code>", "::error::", "\r\n"]),
    name=st.sampled_from(["a.txt", "=1.csv", "%0A::error::.txt", "<b>.md", "a`|b.txt", "\udcff\x1b.txt"]),
)
@settings(max_examples=6)
def test_no_format_holds_a_secret(
    tmp_path_factory: pytest.TempPathFactory, pack: Path, order: list[str], glue: str, name: str
) -> None:
    tool = Tool(tmp_path_factory.mktemp("tree"), pack)
    tool.write(name, f"{CONTENT['email']}\n{glue.join(CONTENT[each] for each in order)}\n")
    reports = tmp_path_factory.mktemp("reports")
    formats = [f"--format={format}={reports / format}" for format in FORMATS]
    got = tool.run("scan", "--pack", str(pack), "--verbose", *formats, name)
    assert (got.code, got.out, got.err) == (1, "", "")
    for format in FORMATS:
        text = (reports / format).read_bytes().decode()
        READERS[format](text)
        for secret in SECRETS.values():
            assert secret.removeprefix("demotok_").removeprefix("ghp_") not in text, format
    assert len(json.loads((reports / "json").read_text())["findings"]) >= len(SECRETS)
