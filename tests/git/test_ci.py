"""Which revisions a CI service's environment stands for. The events are GitHub's, trimmed to the fields in use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.errors import BoundaryError, ExitCode
from cavra_boundary.git import ci
from cavra_boundary.git.ci import Base, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENTS = Path(__file__).parents[1] / "data" / "events"
BEFORE = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
AFTER = "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5"
ZEROS = "0" * 40

PREVIOUS_STATE = Base(BEFORE, "the previous state")
THE_DEFAULT_BRANCH = Base("refs/remotes/origin/main", "the default branch")
ITS_BASE = Base(BEFORE, "its base")
ITS_TARGET = Base("refs/remotes/origin/main", "its target")


def github(name: str, file: Path | str) -> Scope:
    return ci.scope({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(file)})


def test_every_event_is_tested() -> None:
    named = {file for _, file, *_ in GITHUB}
    assert named == {file.stem for file in EVENTS.iterdir()}


NOTHING: tuple[Base, ...] = ()
GITHUB = [
    ("push", "push", "push of a branch", ("HEAD", AFTER), (PREVIOUS_STATE,)),
    ("push", "push_first", "push of a branch", ("HEAD", AFTER), NOTHING),
    ("push", "push_new_branch", "push of a branch", ("HEAD", AFTER), (THE_DEFAULT_BRANCH,)),
    (
        "push",
        "push_forced",
        "push of a branch",
        ("HEAD", AFTER),
        (PREVIOUS_STATE, THE_DEFAULT_BRANCH),
    ),
    ("push", "push_tag", "push of a tag", ("HEAD", "refs/tags/v1.0.0"), (THE_DEFAULT_BRANCH,)),
    ("push", "push_deleted", "deletion of a branch or tag", (), NOTHING),
    ("pull_request", "pull_request", "pull request", ("HEAD", AFTER), (ITS_BASE, ITS_TARGET)),
    ("pull_request_target", "pull_request", "pull request", ("HEAD", AFTER), (ITS_BASE, ITS_TARGET)),
    ("merge_group", "merge_group", "merge queue", ("HEAD", AFTER), (ITS_BASE, ITS_TARGET)),
    ("schedule", "schedule", "schedule", (), NOTHING),
    ("workflow_dispatch", "workflow_dispatch", "workflow_dispatch", (), NOTHING),
]


@pytest.mark.parametrize(("name", "file", "event", "heads", "bases"), GITHUB)
def test_github(name: str, file: str, event: str, heads: tuple[str, ...], bases: tuple[Base, ...]) -> None:
    got = github(name, EVENTS / f"{file}.json")
    assert (got.service, got.event, got.heads, got.bases) == ("GitHub", event, heads, bases)
    assert got.tree is (file != "push_deleted"), "a deletion makes nothing public, everything else is looked at"


OTHERS: list[tuple[dict[str, str], Scope]] = [
    (
        {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_SHA": AFTER,
            "CI_COMMIT_BEFORE_SHA": BEFORE,
            "CI_COMMIT_BRANCH": "feature",
            "CI_DEFAULT_BRANCH": "main",
        },
        Scope(
            "GitLab",
            "push of a branch",
            "",
            ("HEAD", AFTER),
            (PREVIOUS_STATE, THE_DEFAULT_BRANCH),
            "refs/heads/feature",
        ),
    ),
    (
        {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_SHA": AFTER,
            "CI_COMMIT_BEFORE_SHA": ZEROS,
            "CI_COMMIT_TAG": "v1",
            "CI_DEFAULT_BRANCH": "main",
        },
        Scope("GitLab", "push of a tag", "", ("HEAD", "refs/tags/v1"), (THE_DEFAULT_BRANCH,), "refs/tags/v1"),
    ),
    (
        {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_COMMIT_SHA": AFTER,
            "CI_COMMIT_BEFORE_SHA": ZEROS,
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": BEFORE,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        },
        Scope("GitLab", "merge request", "", ("HEAD", AFTER), (ITS_BASE, ITS_TARGET), review=True),
    ),
    ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "schedule"}, Scope("GitLab", "schedule", "")),
    (
        {"BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_COMMIT": AFTER, "BITBUCKET_BRANCH": "main"},
        Scope("Bitbucket", "push of a branch", "", ("HEAD", AFTER), (), "refs/heads/main"),
    ),
    (
        {
            "BITBUCKET_BUILD_NUMBER": "3",
            "BITBUCKET_COMMIT": AFTER,
            "BITBUCKET_BRANCH": "patch",
            "BITBUCKET_PR_ID": "7",
            "BITBUCKET_PR_DESTINATION_COMMIT": BEFORE[:12],
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        },
        Scope("Bitbucket", "pull request", "", ("HEAD", AFTER), (ITS_TARGET,), review=True),
    ),
    (
        {"BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_COMMIT": AFTER},
        Scope("Bitbucket", "custom pipeline", ""),
    ),
    (
        {
            "TF_BUILD": "True",
            "BUILD_REASON": "PullRequest",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": AFTER,
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        },
        Scope("Azure", "pull request", "", ("HEAD", AFTER), (ITS_TARGET,), review=True),
    ),
    (
        {
            "TF_BUILD": "True",
            "BUILD_REASON": "BatchedCI",
            "BUILD_SOURCEVERSION": AFTER,
            "BUILD_SOURCEBRANCH": "refs/heads/main",
        },
        Scope("Azure", "push of a branch", "", ("HEAD", AFTER), (), "refs/heads/main"),
    ),
    ({"TF_BUILD": "True", "BUILD_REASON": "Schedule"}, Scope("Azure", "Schedule", "")),
    (
        {
            "JENKINS_URL": "https://ci.example.com",
            "GIT_COMMIT": AFTER,
            "GIT_BRANCH": "origin/main",
            "GIT_PREVIOUS_SUCCESSFUL_COMMIT": BEFORE,
        },
        Scope("Jenkins", "push of a branch", "", ("HEAD", AFTER), (PREVIOUS_STATE,), "refs/heads/main"),
    ),
    (
        {
            "JENKINS_URL": "https://ci.example.com",
            "GIT_COMMIT": AFTER,
            "BRANCH_NAME": "PR-7",
            "CHANGE_ID": "7",
            "CHANGE_TARGET": "main",
        },
        Scope("Jenkins", "change request", "", ("HEAD", AFTER), (ITS_TARGET,), review=True),
    ),
    ({"CI": "true"}, Scope("unknown CI service", "any state", "", ("HEAD",))),
    ({}, Scope("unknown CI service", "any state", "", ("HEAD",))),
]


@pytest.mark.parametrize(("environ", "expected"), OTHERS)
def test_other_services(environ: Mapping[str, str], expected: Scope) -> None:
    got = ci.scope(environ)
    assert got.deepen, "a shallow checkout can be mended everywhere"
    covers = got._replace(deepen="", governs=(), default="", tip="", own=False)
    assert covers == expected._replace(governs=(), default="", tip="", own=False)


GITLAB_MERGE = OTHERS[2][0]


@pytest.mark.parametrize(
    ("environ", "governs"),
    [
        (GITLAB_MERGE, (ITS_TARGET,)),
        (GITLAB_MERGE | {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": AFTER}, (Base(AFTER, "its target"), ITS_TARGET)),
        (OTHERS[5][0], (ITS_TARGET,)),
        (OTHERS[7][0], (ITS_TARGET,)),
        (OTHERS[11][0], (ITS_TARGET,)),
        ({"GITLAB_CI": "true", "CI_EXTERNAL_PULL_REQUEST_IID": "3", "CI_COMMIT_SHA": AFTER,
          "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA": BEFORE}, (ITS_BASE,)),
    ],
)  # fmt: skip
def test_the_target_judges_a_review(environ: Mapping[str, str], governs: tuple[Base, ...]) -> None:
    """On GitLab the base is where the branch was started: its author chose it, so the target comes first."""
    got = ci.scope(environ)
    assert (got.review, got.own) == (True, False)
    assert got.governs == governs


@pytest.mark.parametrize(
    ("name", "file", "own"),
    [
        ("schedule", "schedule", True),
        ("workflow_dispatch", "workflow_dispatch", True),
        ("workflow_run", "schedule", False),
        ("issue_comment", "schedule", False),
        ("an_event_of_tomorrow", "schedule", False),
    ],
)
def test_the_default_branch_judges_what_has_no_target(name: str, file: str, own: bool) -> None:
    """Strangers can start most events, and a workflow may check out their commits."""
    got = github(name, EVENTS / f"{file}.json")
    assert (got.review, got.default, got.tip, got.own) == (False, "refs/heads/main", "", own)


@pytest.mark.parametrize(
    ("environ", "own"),
    [
        ({}, False),
        ({"CI": "true", "CIRCLECI": "true"}, False),
        ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "web"}, True),
        ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "web", "CI_COMMIT_TAG": "v1", "CI_DEFAULT_BRANCH": "main"}, True),
        (
            {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "main"},
            False,
        ),
        ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "trigger"}, False),
        ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "m"}, False),
        ({"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1", "CI_DEFAULT_BRANCH": "m"}, True),
        ({"BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_COMMIT": AFTER, "BITBUCKET_BRANCH": "x"}, False),
        ({"TF_BUILD": "True", "BUILD_REASON": "Schedule"}, True),
        ({"TF_BUILD": "True", "BUILD_REASON": "BuildCompletion"}, False),
        ({"TF_BUILD": "True", "BUILD_REASON": "IndividualCI", "BUILD_SOURCEBRANCH": "refs/heads/x"}, False),
        ({"JENKINS_URL": "x", "GIT_COMMIT": AFTER, "BRANCH_NAME": "x"}, False),
        ({"JENKINS_URL": "x", "GIT_COMMIT": AFTER, "TAG_NAME": "v1"}, True),
    ],
)
def test_only_what_is_no_proposal_may_be_judged_by_its_own_policy(environ: Mapping[str, str], own: bool) -> None:
    assert ci.scope(environ).own is own


@pytest.mark.parametrize(("ref", "own"), [("refs/heads/main", True), ("refs/heads/x", False), ("refs/tags/v1", True)])
def test_a_manual_run_of_another_branch_may_be_of_a_proposal(ref: str, own: bool) -> None:
    file = EVENTS / "workflow_dispatch.json"
    said = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_EVENT_PATH": str(file)}
    assert ci.scope(said | {"GITHUB_REF": ref}).own is own


def test_an_event_that_carries_a_pull_request_is_a_review() -> None:
    got = github("workflow_run", EVENTS / "pull_request.json")
    assert (got.review, got.governs) == (True, (ITS_BASE, ITS_TARGET))


def test_a_run_of_the_default_branch_is_known_by_what_the_service_says() -> None:
    said = {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_SHA": AFTER, "CI_DEFAULT_BRANCH": "main"}
    assert ci.scope(said | {"CI_COMMIT_BRANCH": "main"}).tip == AFTER
    assert ci.scope(said | {"CI_COMMIT_BRANCH": "other"}).tip == ""
    of_github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(EVENTS / "schedule.json"),
        "GITHUB_SHA": AFTER,
    }
    assert ci.scope(of_github | {"GITHUB_REF": "refs/heads/main"}).tip == AFTER
    assert ci.scope(of_github | {"GITHUB_REF": "refs/heads/other"}).tip == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"' + b"a" * 100, b"[" * 200_000, b"9" * 10_000, b'{"a": ' * 100_000],
)
def test_an_event_that_cannot_be_read_is_never_clean(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(content)
    with pytest.raises(BoundaryError, match="--range") as caught:
        github("push", file)
    assert caught.value.exit_code is ExitCode.INCOMPLETE


def test_an_event_that_is_not_there_is_never_clean(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path, ""):
        with pytest.raises(BoundaryError):
            github("push", path)


def test_an_event_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    with file.open("wb") as stream:
        stream.write(b'{"ref": "refs/heads/main"}')
        stream.truncate(40 << 20)
    with pytest.raises(BoundaryError):
        github("push", file)


def test_a_merge_without_a_commit_is_never_clean() -> None:
    """The head of a pull request might not be in HEAD, so it must be known."""
    with pytest.raises(BoundaryError, match="gives no commit"):
        ci.scope({"TF_BUILD": "True", "BUILD_REASON": "PullRequest"})


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "--output=/tmp/x",
            "-main",
            "main..evil",
            "main:README.md",
            "main^{/x}",
            "main~1",
            "@{-1}",
            "a b",
            "a\nb",
            "a\x1b[31m",
            "a\u202eb",
            "\ud800",
            "x.lock",
            "../../main",
            "refs/heads/../x",
            "*",
            "",
            AFTER[:39],
            AFTER.upper(),
            f"{AFTER}\n",
            ZEROS,
        ]
    ),
    st.text(max_size=20),
    st.none(),
    st.integers(),
    st.lists(st.text(), max_size=1),
)


@given(value=HOSTILE, key=st.sampled_from(["ref", "before", "after", "deleted", "default_branch", "sha", "base_ref"]))
def test_what_strangers_write_never_becomes_an_option_or_another_revision(
    tmp_path_factory: pytest.TempPathFactory, value: object, key: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "hostile.json"
    event = json.loads((EVENTS / "push_forced.json").read_text())
    pull = json.loads((EVENTS / "pull_request.json").read_text())
    event[key] = value
    event["repository"][key] = value
    pull["pull_request"]["base"][key] = pull["pull_request"]["base"]["ref"] = value
    for name, content in (("push", event), ("pull_request", pull)):
        file.write_text(json.dumps(content))
        got = github(name, file)
        for revision in (*got.heads, *(base.revision for base in got.bases)):
            assert revision == "HEAD" or revision in (BEFORE, AFTER) or revision.startswith("refs/")
            assert revision.isprintable()
            assert not set(revision) & set(" ~^:?*[\\")
            assert ".." not in revision
            assert "@{" not in revision
        assert got.event.isprintable()
