"""`cavra-boundary ci` on real clones, in the environment of each service."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from support import Repo, Result, pin, token

EVENTS = Path(__file__).parents[1] / "data" / "events"
ZEROS = "0" * 40
SERVICES = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "TF_BUILD", "JENKINS_URL")


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI may run these tests, too."""
    for name in (*SERVICES, "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "GITHUB_REF"):
        monkeypatch.delenv(name, raising=False)


class Server(Repo):
    """What a CI service clones from."""

    def clone(self, depth: int = 0, *, revision: str = "HEAD") -> Repo:
        """Check out a revision as services do: detached, with what `git clone` brings, or it alone to some depth."""
        clone = Repo(self.folder.with_name(f"clone{len(list(self.folder.parent.iterdir()))}"), self.pack)
        clone.folder.mkdir()
        clone.git("init", "--quiet")
        clone.git("remote", "add", "origin", f"file://{self.folder}")
        wanted = [f"--depth={depth}"] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
        clone.git("fetch", "--quiet", "origin", *wanted, self.oid(revision))
        clone.git("checkout", "--quiet", "--detach", self.oid(revision))
        if not depth:
            clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        return clone

    def oid(self, revision: str) -> str:
        return self.git("rev-parse", revision).strip()

    def leak_and_remove(self) -> None:
        """Two commits: the second removes what the first adds."""
        leak = self.write("leak.txt", f"key {token('leak')}\n")
        self.commit()
        leak.unlink()
        self.commit()


@pytest.fixture
def server(repo: Repo) -> Server:
    """A server with a commit on main, and the tests' pack in its configuration."""
    made = Server(repo.folder, repo.pack)
    made.git("config", "uploadpack.allowAnySHA1InWant", "true")
    made.write("pack.toml", repo.pack.read_bytes())
    made.write(".cavra-boundary.toml", 'packs = ["pack.toml"]\nexclude = ["pack.toml"]\n')
    made.commit()
    return made


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `ci` as a GitHub workflow does, with one of the recorded events, modified."""

    def run(repo: Repo, event: str, *arguments: str, name: str = "", **changes: Any) -> Result:
        content = json.loads((EVENTS / f"{event}.json").read_text())
        for path, value in changes.items():
            *steps, last = path.split("__")
            inner = content
            for step in steps:
                inner = inner[step]
            inner[last] = value
        file = tmp_path / "event.json"
        file.write_text(json.dumps(content))
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_EVENT_NAME", name or event.partition("_")[0].replace("pull", "pull_request"))
        monkeypatch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", os.fspath(tmp_path / "summary.md"))
        return repo.run("ci", *arguments)

    return run


def places(got: Result) -> list[tuple[str, int]]:
    return [(path, line) for path, line, _ in got.places()]


# GitHub


def test_a_pull_requests_leak_is_stopped_and_shown(server: Server, github: Any, tmp_path: Path) -> None:
    """The pull request's second commit removed it, but it is public all the same."""
    base = server.oid("main")
    server.git("checkout", "--quiet", "-b", "patch")
    server.leak_and_remove()
    head = server.oid("HEAD")
    server.git("checkout", "--quiet", "main")
    server.write("else.txt", "meanwhile")
    server.commit()
    server.git("checkout", "--quiet", "-b", "merge")
    server.git("merge", "--quiet", "--no-edit", "patch")
    clone = server.clone(revision="merge")
    got = github(clone, "pull_request", pull_request__head__sha=head, pull_request__base__sha=base)
    assert got.code == 1
    assert got.err == (
        f"cavra-boundary: GitHub, pull request: commits since its base, {base[:12]}, and the tree at HEAD\n"
    )
    assert "leak.txt:1:5" in got.out
    assert "::error file=leak.txt,line=1" in got.out
    assert "leak.txt" in (tmp_path / "summary.md").read_text()
    assert token("leak") not in got.out + got.err + (tmp_path / "summary.md").read_text()


def test_a_clean_pull_request_passes(server: Server, github: Any, tmp_path: Path) -> None:
    """What the target branch already has is not the pull request's doing, unless it is still there."""
    server.leak_and_remove()
    base = server.oid("main")
    server.git("checkout", "--quiet", "-b", "patch")
    server.write("a.txt", "text")
    server.commit()
    clone = server.clone(revision="patch")
    got = github(clone, "pull_request", pull_request__head__sha=server.oid("patch"), pull_request__base__sha=base)
    assert (got.code, "::error" in got.out) == (0, False)
    assert (tmp_path / "summary.md").exists()


def test_a_merges_own_content_counts(server: Server, github: Any) -> None:
    base = server.oid("main")
    server.git("checkout", "--quiet", "-b", "patch")
    server.write("a.txt", "one\n")
    server.commit()
    head = server.oid("HEAD")
    server.git("checkout", "--quiet", "-b", "merge", base)
    server.git("merge", "--quiet", "--no-ff", "--no-commit", "patch")
    server.write("a.txt", f"one {token('evil')}\n")
    server.commit()
    server.write("a.txt", "one\n")
    server.commit()
    clone = server.clone(revision="merge")
    got = github(clone, "pull_request", "--format=json", pull_request__head__sha=head, pull_request__base__sha=base)
    assert (got.code, places(got)) == (1, [("a.txt", 1)])


def test_what_is_still_there_is_one_finding_that_knows_its_commit(server: Server, github: Any) -> None:
    before = server.oid("main")
    server.write("a.txt", f"{token('a')}\n")
    server.commit()
    since = server.oid("main")
    server.write("a.txt", f"a line\n{token('a')}\n")
    server.commit()
    got = github(server.clone(), "push", "--format=json", before=before, after=server.oid("main"))
    (finding,) = got.findings()
    assert (finding["path"], finding["line"]) == ("a.txt", 2), "where it stands now"
    assert finding["introduced"]["commit"] == since
    assert got.report["receipt"]["commits"] == 2


@pytest.mark.parametrize("event", ["push", "push_forced"])
def test_a_push_brings_what_came_after_the_state_before(server: Server, github: Any, event: str) -> None:
    server.leak_and_remove()
    before = server.oid("main")
    server.write("b.txt", "text")
    server.commit()
    after = server.oid("main")
    assert github(server.clone(), event, before=before, after=after).code == 0
    server.leak_and_remove()
    assert github(server.clone(), event, before=after, after=server.oid("main")).code == 1


def test_a_forced_push_whose_state_before_is_gone(server: Server, github: Any) -> None:
    """What was there is unknown, so everything that the default branch does not have counts."""
    server.leak_and_remove()
    server.git("checkout", "--quiet", "-b", "feature")
    server.write("b.txt", "text")
    server.commit()
    clone = server.clone(revision="feature")
    after = server.oid("feature")
    clean = github(clone, "push_forced", ref="refs/heads/feature", before="f" * 40, after=after)
    assert clean.code == 0
    assert "commits since the default branch" in clean.err
    main = github(clone, "push_forced", ref="refs/heads/main", before="f" * 40, after=after)
    assert main.code == 1
    assert "all history, since this checkout does not have the previous state" in main.err


def test_the_first_push_of_a_branch_and_of_a_repository(server: Server, github: Any) -> None:
    server.leak_and_remove()
    server.git("checkout", "--quiet", "-b", "feature")
    server.write("b.txt", "text")
    server.commit()
    clone = server.clone(revision="feature")
    after = server.oid("feature")
    assert github(clone, "push_new_branch", ref="refs/heads/feature", after=after).code == 0
    assert github(clone, "push_first", ref="refs/heads/main", after=after).code == 1


def test_a_pushed_branchs_name_counts(server: Server, github: Any) -> None:
    name = f"refs/heads/fix-{token('n')}"
    got = github(server.clone(), "push_new_branch", "--format=json", ref=name, after=server.oid("main"))
    assert got.code == 1
    assert places(got)[0][0] == ".git/refs/heads"
    assert token("n") not in got.out + got.err


def test_a_tag_counts_with_its_message(server: Server, github: Any) -> None:
    server.git("tag", "--annotate", "v1", "--message", f"use {token('t')}")
    clone = server.clone()
    clone.git("fetch", "--quiet", "origin", "refs/tags/v1:refs/tags/v1")
    got = github(clone, "push_tag", "--format=json", ref="refs/tags/v1", after=server.oid("v1"))
    assert got.code == 1
    assert places(got)[0][0].startswith(".git/tags/")


def test_a_merge_queue(server: Server, github: Any) -> None:
    base = server.oid("main")
    server.leak_and_remove()
    changes = {"merge_group__head_sha": server.oid("main"), "merge_group__base_sha": base}
    assert github(server.clone(), "merge_group", name="merge_group", **changes).code == 1


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_an_event_without_commits_looks_at_the_tree(server: Server, github: Any, event: str) -> None:
    server.leak_and_remove()
    clean = github(server.clone(1), event, name=event)
    assert clean.code == 0, "what is gone from the tree is another scan's business, and one commit is enough"
    server.write("a.txt", token("a"))
    server.commit()
    assert github(server.clone(1), event, name=event).code == 1


def test_a_deletion_makes_nothing_public(server: Server, github: Any) -> None:
    server.write("a.txt", token("a"))
    server.commit()
    got = github(server.clone(), "push_deleted")
    assert (got.code, got.out) == (0, "")
    assert "nothing to scan" in got.err


def test_a_leak_that_no_commit_of_the_range_brought_is_found_in_the_tree(server: Server, github: Any) -> None:
    """A run that was canceled leaves a gap between the ranges of those before and after it."""
    server.write("a.txt", token("a"))
    server.commit()
    before = server.oid("main")
    server.write("b.txt", "text")
    server.commit()
    got = github(server.clone(), "push", "--format=json", before=before, after=server.oid("main"))
    assert (got.code, places(got)) == (1, [("a.txt", 1)])


# Checkouts that lack history


def pull_request_of_two_commits(server: Server) -> dict[str, str]:
    base = server.oid("main")
    for name in ("a", "b"):
        server.write(name, name)
        server.commit()
    return {"pull_request__head__sha": server.oid("main"), "pull_request__base__sha": base}


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_checkout_never_passes(server: Server, github: Any, depth: int) -> None:
    changes = pull_request_of_two_commits(server)
    got = github(server.clone(depth), "pull_request", **changes)
    assert got.code == 3
    assert "fetch-depth: 0" in got.err
    assert github(server.clone(), "pull_request", **changes).code == 0


def test_a_pull_request_is_not_judged_by_its_own_policy(server: Server, github: Any) -> None:
    base = server.oid("main")
    server.git("checkout", "--quiet", "-b", "patch")
    server.write(".cavra-boundary.toml", 'packs = ["pack.toml"]\nexclude = ["*"]\n')
    server.write("leak.txt", f"key {token('leak')}\n")
    server.commit()
    changes = {"pull_request__head__sha": server.oid("HEAD"), "pull_request__base__sha": base}
    clone = server.clone(revision="patch")
    got = github(clone, "pull_request", "--format=json", **changes)
    assert got.code == 1
    assert [finding["rule"] for finding in got.findings("")] == ["policy.exclude-added", "demo.token"]
    assert github(clone, "pull_request", "--config=.cavra-boundary.toml", **changes).code == 1, "whoever names it"


def test_a_shallow_checkout_may_be_chosen(server: Server, github: Any) -> None:
    changes = pull_request_of_two_commits(server)
    clone = server.clone(1)
    got = github(clone, "pull_request", "--allow-shallow", "--format=json", **changes)
    assert got.code == 0
    assert any("--allow-shallow" in choice for choice in got.report["receipt"]["choices"])


def test_a_checkout_without_the_pull_requests_head_never_passes(server: Server, github: Any) -> None:
    """The event pull_request_target checks out the target, which lacks the pull request."""
    base = server.oid("main")
    changes = {"pull_request__head__sha": "e" * 40, "pull_request__base__sha": base}
    got = github(server.clone(), "pull_request", name="pull_request_target", **changes)
    assert (got.code, got.out) == (3, "")
    assert "use the event pull_request" in got.err


def test_outside_a_repository(tmp_path: Path, pack: Path) -> None:
    got = Repo(tmp_path, pack).run("ci")
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)


def test_without_a_commit(repo: Repo) -> None:
    assert repo.run("ci").code == 3


# Other services


def test_gitlab(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    base = server.oid("main")
    server.leak_and_remove()
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_PIPELINE_SOURCE", "merge_request_event")
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "7")
    monkeypatch.setenv("CI_COMMIT_SHA", server.oid("main"))
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
    got = server.clone().run("ci")
    assert got.code == 1
    assert "GitLab, merge request" in got.err
    assert "::error" not in got.out
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", server.oid("main"))
    assert server.clone().run("ci").code == 0
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
    shallow = server.clone(1).run("ci")
    assert shallow.code == 3
    assert "GIT_DEPTH: 0" in shallow.err


def test_jenkins(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = server.oid("main")
    server.leak_and_remove()
    monkeypatch.setenv("JENKINS_URL", "https://ci.example.com")
    monkeypatch.setenv("GIT_COMMIT", server.oid("main"))
    monkeypatch.setenv("GIT_PREVIOUS_SUCCESSFUL_COMMIT", before)
    assert server.clone().run("ci").code == 1
    monkeypatch.setenv("GIT_PREVIOUS_SUCCESSFUL_COMMIT", server.oid("main"))
    assert server.clone().run("ci").code == 0


def test_without_a_service_all_history_counts(server: Server) -> None:
    assert server.clone().run("ci").code == 0
    server.leak_and_remove()
    got = server.clone().run("ci")
    assert got.code == 1
    assert "all history" in got.err
    assert server.clone(1).run("ci").code == 3


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CI": "true", "CIRCLECI": "true", "CIRCLE_BRANCH": "main"},
        {"JENKINS_URL": "x", "BRANCH_NAME": "main"},
        {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_BRANCH": "main"},
        {"TF_BUILD": "True", "BUILD_REASON": "IndividualCI", "BUILD_SOURCEBRANCH": "refs/heads/main"},
        {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "gone"},
        {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "gone"},
    ],
)
def test_where_nothing_tells_the_default_branch_nobody_judges(
    server: Server, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    """A branch that may be a proposal's must not be judged by itself; whoever wrote the job can say who judges."""
    clone = server.clone()
    clone.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    got = clone.run("ci")
    assert (got.code, got.out, got.err.count("\n")) == (3, "", 1)
    assert "--policy-from" in got.err
    own = clone.run("ci", "--own-policy", "--format=json")
    assert own.code == 0
    assert any("nobody else's judged" in choice for choice in own.report["receipt"]["choices"])
    server.git("checkout", "--quiet", "-b", "side")
    server.write("b.txt", "text")
    server.commit()
    other = server.clone(revision="side")
    other.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert other.run("ci", "--policy-from=origin/main").code == 0


def test_a_repository_without_a_remote_has_nobody_else_to_judge(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    got = repo.run("ci", "--format=json")
    assert got.code == 0
    assert any("nobody else's judged" in choice for choice in got.report["receipt"]["choices"])
    monkeypatch.setenv("CI", "true")
    assert repo.run("ci").code == 3, "a job may have fetched it without naming a remote"


def test_a_push_whose_event_does_not_tell_the_default_branch(server: Server, github: Any) -> None:
    clone = server.clone()
    push = {"before": ZEROS, "after": server.oid("main"), "ref": "refs/heads/main", "repository": {}}
    assert github(clone, "push", **push).code == 0, "but the clone does"
    clone.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert github(clone, "push", **push).code == 3


# Options


def test_a_range_that_is_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", "/nonexistent")
    server.leak_and_remove()
    clone = server.clone()
    assert clone.run("ci", "--range", "HEAD~1..HEAD").code == 0
    assert clone.run("ci", "--range", "HEAD~2..HEAD").code == 1
    assert clone.run("ci", "--range", "nonsense..HEAD").code == 3


def test_reports_and_what_weighs(server: Server) -> None:
    server.write("a.txt", f"demopin {pin('a')}\n")
    server.commit()
    clone = server.clone()
    got = clone.run("ci", "--fail-on", "error", "--format", "json=out.json", "--format", "sarif=out.sarif")
    assert got.code == 0
    assert "a.txt:1:9" in got.out, "the report for people is shown besides"
    assert json.loads((clone.folder / "out.json").read_text())["findings"]
    assert json.loads((clone.folder / "out.sarif").read_text())["runs"]
    assert clone.run("ci").code == 1


def test_a_format_for_programs_stands_alone(server: Server, github: Any) -> None:
    server.write("a.txt", token("a"))
    server.commit()
    got = github(server.clone(), "push", "--format=json", before=server.oid("main~1"), after=server.oid("main"))
    assert json.loads(got.out)["findings"]


def test_a_summary_that_cannot_be_written_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nonexistent/summary.md")
    got = server.clone().run("ci")
    assert got.code == 2
    assert "GITHUB_STEP_SUMMARY" in got.err


def test_a_pull_request_may_be_judged_by_the_policy_of_its_target(server: Server) -> None:
    """Otherwise whoever opens it could allow what it adds."""
    server.git("checkout", "--quiet", "-b", "patch")
    server.write("a.txt", token("a"))
    server.write(".cavra-boundary.toml", 'packs = ["pack.toml"]\nexclude = ["pack.toml", "a.txt"]\n')
    server.commit()
    clone = server.clone(revision="patch")
    clone.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert clone.run("ci", "--range", "origin/main..HEAD", "--own-policy").code == 0
    got = clone.run("ci", "--range", "origin/main..HEAD", "--policy-from", "origin/main")
    assert (got.code, "a.txt:1:1" in got.out) == (1, True)


@pytest.mark.parametrize("command", [["ci"], ["hook"], ["hook", "install"], ["hook", "uninstall"], ["hook", "run"]])
def test_help(server: Server, command: list[str]) -> None:
    got = server.run(*command, "--help")
    assert (got.code, got.err) == (0, "")
    assert got.out.startswith(f"Usage: cavra-boundary {' '.join(command)}")


def test_untracked_files_are_not_judged(server: Server) -> None:
    """Earlier steps of a job leave files behind."""
    clone = server.clone()
    clone.write("build/cache.txt", token("a"))
    assert clone.run("ci").code == 0
