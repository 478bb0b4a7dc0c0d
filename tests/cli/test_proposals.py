"""A proposal cannot weaken the policy that judges it: what the author of a pull request tries, on real repositories."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from support import PACK, Repo, Result, token

from cavra_boundary.policy.options import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

PACK_FILE = "rules/demo.toml"
CONFIG = 'packs = ["rules/"]\n'
OFF = '[[override]]\nrule = "demo.token"\noff = true\nreason = "x"\n'
SILENT = 'name = "silent"\ntitle = "Silent"\n' + OFF
ALLOW = '[[allow]]\nrule = "demo.token"\npath = "*"\nreason = "x"\n'
INLINE = "  # cavra-boundary: " + "allow[demo.token] fine"
SERVICES = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "TF_BUILD", "JENKINS_URL")


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI may run these tests, too."""
    for name in (
        *SERVICES,
        "GITHUB_STEP_SUMMARY",
        "GITHUB_EVENT_PATH",
        "GITHUB_EVENT_NAME",
        "GITHUB_REF",
        "GITHUB_SHA",
    ):
        monkeypatch.delenv(name, raising=False)


class Proposal(Repo):
    """A repository with a target branch, on which a branch proposes something."""

    def start(self, **files: str) -> None:
        """Make the target branch, and a branch for the proposal."""
        for path, content in files.items():
            self.write(path, content)
        self.commit()
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.git("checkout", "--quiet", "-b", "proposal")

    def oid(self, revision: str = "HEAD") -> str:
        return self.git("rev-parse", revision).strip()

    def leak(self) -> str:
        """Add a leak; returns the fingerprint of its finding."""
        self.write("leak.txt", f"key {token('leak')}\n")
        none = self.folder.with_name("none.toml")
        none.write_text("")
        scan = ("scan", f"--config={none}", f"--pack={self.pack}", "--format=json", "leak.txt")
        (found,) = self.run(*scan).findings("demo.token")
        return str(found["fingerprint"])

    def ci(self, *arguments: str, event: str = "pull_request", **payload: Any) -> Result:
        """Commit everything, and run `ci` as a GitHub workflow for this event does."""
        self.commit()
        target = {"sha": self.oid("origin/main"), "ref": "main"}
        content = payload or {"pull_request": {"base": target, "head": {"sha": self.oid()}}}
        file = self.folder.with_name("event.json")
        file.write_text(json.dumps(content))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GITHUB_ACTIONS", "true")
            patch.setenv("GITHUB_EVENT_NAME", event)
            patch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
            return self.run("ci", *arguments)


@pytest.fixture
def proposal(repo: Repo) -> Proposal:
    """A repository whose target branch has a configuration and a pack."""
    made = Proposal(repo.folder, repo.pack)
    made.start(**{PACK_FILE: PACK, ".cavra-boundary.toml": CONFIG, "a.txt": "x\n"})
    return made


@pytest.fixture
def empty(repo: Repo) -> Proposal:
    """A repository without any policy."""
    made = Proposal(repo.folder, repo.pack)
    made.start(**{"a.txt": "x\n"})
    return made


def rules(got: Result) -> set[str]:
    """The rules whose findings fail."""
    assert got.out, got.err
    return {each["rule"] for each in got.findings("") if each["status"] == "reported"}


def said(got: Result) -> str:
    return "\n".join(got.report["receipt"]["choices"])


# Every option that names a file of the policy


def weakened(proposal: Proposal, field: str) -> tuple[str, str]:
    """Have the proposal let its leak through by the file that an option names. That file, and the pack it needs."""
    known = proposal.leak()
    content = {
        "config": CONFIG + 'exclude = ["leak.txt"]\n',
        "packs": PACK.replace("demotok_", "other_"),
        "baseline": f"{known} demo.token\n",
    }
    name = {"config": "ours.toml", "packs": PACK_FILE, "baseline": "known"}[field]
    proposal.write(name, content[field])
    return name, content[field]


POLICY_OPTIONS = [option for option in OPTIONS if option.kind.of_policy]


def test_every_option_that_names_a_file_of_the_policy_is_attacked_here() -> None:
    """A new option whose value is a path is of the policy, and attacked below, or has nothing to do with it."""
    paths = {option.field for option in OPTIONS if option.kind.metavar in ("FILE", "PATH")}
    assert {option.field for option in POLICY_OPTIONS} == {"config", "packs", "baseline"}
    assert paths - {option.field for option in POLICY_OPTIONS} == {"message_file", "output"}


@pytest.fixture
def target(repo: Repo) -> Proposal:
    """A target branch that has a file for each of these options."""
    made = Proposal(repo.folder, repo.pack)
    made.start(**{PACK_FILE: PACK, ".cavra-boundary.toml": CONFIG, "ours.toml": CONFIG, "known": "", "a.txt": "x\n"})
    return made


@pytest.mark.parametrize("option", POLICY_OPTIONS, ids=lambda option: option.flag)
@pytest.mark.parametrize("how", ["relative", "absolute", "linked", "from below", "ranged", "policy-from", "hook"])
def test_a_proposals_version_of_a_policy_file_does_not_govern(
    target: Proposal, tmp_path: Path, option: Any, how: str
) -> None:
    name, _ = weakened(target, option.field)
    flag = f"{option.flag}={name}"
    assert target.run("scan", flag).code == 0, "its own version lets it through"
    target.commit()
    if how == "absolute":
        flag = f"{option.flag}={target.folder / name}"
    elif how == "linked":
        (tmp_path / "alias").symlink_to(target.folder)
        flag = f"{option.flag}={tmp_path / 'alias' / name}"
    if how == "policy-from":
        got = target.run("scan", flag, "--format=json", "--policy-from=origin/main")
    elif how == "hook":
        got = target.run("hook", "run", "pre-push", flag, "--format=json", "--policy-from=origin/main")
    elif how == "ranged":
        got = target.ci(flag, "--format=json", "--range=HEAD~1..HEAD")
    elif how == "from below":
        target.write("sub/a.txt", "x\n")
        below = Proposal(target.folder / "sub", target.pack)
        target.commit()
        got = below.run("scan", f"{option.flag}=../{name}", "--format=json", "--policy-from=origin/main", "..")
    else:
        got = target.ci(flag, "--format=json")
    assert got.code == 1
    assert "demo.token" in rules(got)
    assert any(rule.startswith("policy.") for rule in rules(got)), "and what it does to the file is told"


@pytest.mark.parametrize("option", [option for option in POLICY_OPTIONS if option.key], ids=lambda option: option.key)
def test_a_file_that_the_configuration_names_does_not_govern_either(target: Proposal, option: Any) -> None:
    name = {"packs": '["rules/"]', "baseline": '"known"'}[option.field]
    text = CONFIG + (f"{option.key} = {name}\n" if option.field != "packs" else "")
    target.write(".cavra-boundary.toml", text)
    target.commit()
    target.git("update-ref", "refs/remotes/origin/main", "HEAD")
    weakened(target, option.field)
    assert target.run("scan").code == 0
    got = target.ci("--format=json")
    assert (got.code, "demo.token" in rules(got)) == (1, True)


def test_a_file_outside_of_the_repository_is_the_workflows_own(proposal: Proposal, tmp_path: Path) -> None:
    proposal.leak()
    outside = tmp_path / "runner.toml"
    outside.write_text('exclude = ["*.txt"]\n')
    assert proposal.ci(f"--config={outside}").code == 0
    pack = tmp_path / "org.toml"
    pack.write_text(SILENT)
    assert proposal.ci(f"--pack={pack}").code == 0


def test_a_link_of_the_proposal_leads_nowhere(proposal: Proposal, tmp_path: Path) -> None:
    """The name is what counts, and the target has something else under it."""
    proposal.leak()
    (tmp_path / "silent.toml").write_text(SILENT)
    (proposal.folder / PACK_FILE).unlink()
    (proposal.folder / PACK_FILE).symlink_to(tmp_path / "silent.toml")
    assert proposal.ci(f"--pack={PACK_FILE}").code in (1, 2)
    proposal.git("checkout", "--quiet", "HEAD~1", "--", PACK_FILE)
    outside = tmp_path / "leads-in.toml"
    proposal.write("in.toml", SILENT)
    outside.symlink_to(proposal.folder / "in.toml")
    got = proposal.ci(f"--pack={outside}")
    assert (got.code, "in.toml is not in" in got.err) == (2, True)


def test_a_pack_that_the_proposal_adds_to_a_folder(proposal: Proposal) -> None:
    proposal.leak()
    proposal.write("rules/silent.toml", SILENT)
    for arguments in ((), ("--pack=rules",), ("--pack=rules/", "--pack=rules/demo.toml")):
        got = proposal.ci("--format=json", *arguments)
        assert (got.code, rules(got)) == (1, {"demo.token", "policy.rule-weakened"})


def test_a_file_that_only_the_proposal_has(proposal: Proposal) -> None:
    known = proposal.leak()
    proposal.write("known", f"{known} demo.token\n")
    proposal.write("ours.toml", 'exclude = ["*"]\n')
    got = proposal.ci("--baseline=known", "--format=json")
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.baseline-grown"})
    assert "--baseline: known is not in" in said(got)
    for flag in ("--config=ours.toml", "--pack=ours.toml"):
        got = proposal.ci(flag)
        assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
        assert "ours.toml is not in" in got.err


def test_a_file_that_the_proposal_removes(target: Proposal) -> None:
    target.leak()
    (target.folder / PACK_FILE).unlink()
    (target.folder / "ours.toml").unlink()
    target.write(".cavra-boundary.toml", "")
    got = target.ci("--config=ours.toml", f"--pack={PACK_FILE}", "--format=json")
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.rule-weakened"})


def test_the_proposal_changes_which_file_governs(proposal: Proposal) -> None:
    """A `.cavra-boundary.toml` next to the target's pyproject.toml wins in the proposal, and only there."""
    proposal.git("rm", "--quiet", ".cavra-boundary.toml")
    proposal.write("pyproject.toml", f"[tool.cavra-boundary]\n{CONFIG}")
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.leak()
    proposal.write(".cavra-boundary.toml", 'exclude = ["*"]\n')
    got = proposal.ci("--format=json")
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added", "policy.rule-weakened"})


def test_the_proposal_names_another_baseline(proposal: Proposal) -> None:
    known = proposal.leak()
    proposal.write("other", f"{known} demo.token\n")
    proposal.write(".cavra-boundary.toml", CONFIG + 'baseline = "other"\n')
    got = proposal.ci("--format=json")
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.baseline-grown"})
    assert [each["path"] for each in got.findings("policy.")] == ["other"]


@pytest.mark.parametrize("name", [".cavra-boundary.toml", PACK_FILE, ".cavra-boundary-baseline"])
def test_a_link_in_the_target_is_refused_like_one_in_the_working_tree(proposal: Proposal, name: str) -> None:
    """It must not count as missing: without its configuration, the target would have the defaults."""
    proposal.write("real", "")
    (proposal.folder / name).unlink(missing_ok=True)
    (proposal.folder / name).symlink_to(proposal.folder / "real")
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.git("rm", "--quiet", name)
    got = proposal.ci()
    assert (got.code, "links are not followed" in got.err, got.err.count("\n")) == (2, True, 1)


def test_a_temporary_folder_inside_of_the_repository(
    empty: Proposal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target's policy is read in a folder of its own, and nothing around that counts."""
    del tmp_path
    empty.write(".github/workflows/ci.yml", "run: cavra-boundary ci\n")
    empty.commit()
    empty.git("update-ref", "refs/remotes/origin/main", "HEAD")
    empty.leak()
    empty.write(".gitignore", "tmp/\n")
    (empty.folder / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(empty.folder / "tmp"))
    empty.write(".cavra-boundary.toml", 'exclude = ["*"]\n')
    got = empty.ci(f"--pack={empty.pack}", "--format=json")
    assert (got.code, "demo.token" in rules(got)) == (1, True)


# Events


STRANGERS = ["workflow_run", "issue_comment", "check_suite", "repository_dispatch", "an_event_of_tomorrow"]
REPOSITORY = {"repository": {"default_branch": "main"}}


@pytest.mark.parametrize("event", [*STRANGERS, "schedule", "workflow_dispatch", "pull_request_target"])
def test_the_default_branch_judges_events_without_a_target(proposal: Proposal, event: str) -> None:
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["*"]\n')
    got = proposal.ci("--format=json", event=event, **(REPOSITORY if event != "pull_request_target" else {}))
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added"})


def test_the_default_branch_may_be_known_to_the_clone_only(proposal: Proposal) -> None:
    proposal.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["*"]\n')
    got = proposal.ci("--format=json", event="issue_comment", comment={})
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added"})
    assert proposal.run("ci").code == 1, "outside of CI as well"


@pytest.mark.parametrize("event", STRANGERS)
def test_without_the_default_branch_nobody_judges(proposal: Proposal, event: str) -> None:
    proposal.git("update-ref", "-d", "refs/remotes/origin/main")
    proposal.git("branch", "--quiet", "-D", "main")
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["*.txt"]\n')
    proposal.commit()
    file = proposal.folder.with_name("event.json")
    file.write_text(json.dumps(REPOSITORY))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")
        patch.setenv("GITHUB_EVENT_NAME", event)
        patch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
        got = proposal.run("ci")
        assert (got.code, got.out, got.err.count("\n")) == (3, "", 1)
        assert "--own-policy" in got.err
        chosen = proposal.run("ci", "--own-policy", "--format=json")
        assert (chosen.code, "own policy: nobody else's judged" in said(chosen)) == (0, True)
        patch.setenv("GITHUB_REF", "refs/heads/main")
        patch.setenv("GITHUB_SHA", proposal.oid())
        own = proposal.run("ci", "--format=json")
        assert (own.code, said(own)) == (0, ""), "GitHub says that this is the default branch"


def test_the_default_branchs_own_commits_are_judged_by_it(proposal: Proposal) -> None:
    """Also by an older policy than its latest."""
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["b.txt"]\n')
    proposal.commit()
    older = proposal.oid()
    proposal.write(".cavra-boundary.toml", CONFIG)
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.git("checkout", "--quiet", older)
    proposal.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    got = proposal.run("ci", "--format=json")
    assert (got.code, rules(got)) == (0, set())


def test_a_push_is_judged_by_the_default_branch_unless_it_is_one_to_it(proposal: Proposal) -> None:
    known = proposal.leak()
    proposal.write(".cavra-boundary-baseline", f"{known} demo.token\n")
    proposal.commit()
    push = {"before": proposal.oid("HEAD~1"), "after": proposal.oid(), **REPOSITORY}
    aside = proposal.ci("--format=json", event="push", ref="refs/heads/proposal", **push)
    assert (aside.code, rules(aside)) == (1, {"demo.token", "policy.baseline-grown"})
    assert proposal.ci(event="push", ref="refs/heads/main", **push).code == 0
    proposal.git("update-ref", "-d", "refs/remotes/origin/main")
    proposal.git("branch", "--quiet", "-D", "main")
    push["after"] = proposal.oid()
    file = proposal.folder.with_name("event.json")
    file.write_text(json.dumps({"ref": "refs/heads/proposal", **push}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")
        patch.setenv("GITHUB_EVENT_NAME", "push")
        patch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
        lacking = proposal.run("ci", "--format=json")
        assert (lacking.code, "--own-policy" in lacking.err) == (3, True)
        lacking = proposal.run("ci", "--own-policy", "--format=json")
        assert (lacking.code, "own policy" in said(lacking)) == (0, True), "never silently"


def test_a_tag_is_no_proposal(proposal: Proposal) -> None:
    """It may be judged by its own policy where nobody else's is there, and the report says so."""
    proposal.git("update-ref", "-d", "refs/remotes/origin/main")
    proposal.git("branch", "--quiet", "-D", "main")
    proposal.git("tag", "v1")
    event = {"ref": "refs/tags/v1", "before": "0" * 40, "after": proposal.oid(), **REPOSITORY}
    file = proposal.folder.with_name("event.json")
    file.write_text(json.dumps(event))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")
        patch.setenv("GITHUB_EVENT_NAME", "push")
        patch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
        got = proposal.run("ci", "--format=json")
    assert (got.code, "own policy: nobody else's judged" in said(got)) == (0, True)


# Who is named as the judge


def of_proposal(proposal: Proposal, named: str) -> str:
    """What the author of the proposal can have a name stand for: commits of their own."""
    head = proposal.oid()
    for ref in ("refs/heads/mine", "refs/tags/mine-1", "refs/pull/7/head", "refs/remotes/origin/mine"):
        proposal.git("update-ref", ref, head)
    return {"id": head, "merged": proposal.oid("HEAD~0")[:12]}.get(named, named)


NAMES = [
    "HEAD",
    "@",
    "HEAD^0",
    "HEAD~1",
    "mine",
    "mine-1",
    "refs/pull/7/head",
    "origin/mine",
    "proposal",
    "id",
    "merged",
]


@pytest.mark.parametrize("event", ["pull_request", "push", "issue_comment", "no service"])
@pytest.mark.parametrize("named", NAMES)
def test_a_proposal_cannot_be_named_as_its_own_judge(proposal: Proposal, named: str, event: str) -> None:
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["*.txt"]\n')
    proposal.commit()
    proposal.write("b.txt", "x\n")
    proposal.commit()
    target = {"sha": proposal.oid("origin/main"), "ref": "main"}
    flag = f"--policy-from={of_proposal(proposal, named)}"
    if event == "no service":
        got = proposal.run("ci", flag)
    else:
        payload: dict[str, Any] = {
            "pull_request": {"pull_request": {"base": target, "head": {"sha": proposal.oid()}}},
            "push": {"ref": "refs/heads/proposal", "before": "0" * 40, "after": proposal.oid(), **REPOSITORY},
            "issue_comment": REPOSITORY,
        }[event]
        # `ci` commits, and the names above must stay at the head.
        file = proposal.folder.with_name("event.json")
        file.write_text(json.dumps(payload))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GITHUB_ACTIONS", "true")
            patch.setenv("GITHUB_EVENT_NAME", event)
            patch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
            got = proposal.run("ci", flag)
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert "--policy-from" in got.err


def test_a_sibling_of_the_proposal_is_no_judge_either(proposal: Proposal) -> None:
    """Its author may have pushed it meanwhile, so HEAD does not contain it."""
    proposal.git("checkout", "--quiet", "-b", "sibling")
    proposal.write(".cavra-boundary.toml", 'exclude = ["*"]\n')
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/sibling", "HEAD")
    proposal.git("checkout", "--quiet", "proposal")
    assert proposal.ci("--policy-from=origin/sibling").code == 2


def test_the_target_and_what_it_had_before_may_judge(proposal: Proposal) -> None:
    proposal.leak()
    proposal.commit()
    old = proposal.oid("origin/main")
    proposal.git("checkout", "--quiet", "main")
    proposal.write("c.txt", "x\n")
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.git("checkout", "--quiet", "proposal")
    for named in ("origin/main", old, "main"):
        got = proposal.ci(f"--policy-from={named}", "--format=json")
        assert (got.code, rules(got)) == (1, {"demo.token"}), got.err
    release = {"sha": old, "ref": "release"}
    event = {"pull_request": {"base": release, "head": {"sha": proposal.oid()}}, **REPOSITORY}
    assert proposal.ci("--policy-from=origin/main", **event).code == 1, "the default branch's, too"
    assert proposal.ci("--policy-from=nonsense").code == 3


def test_a_merge_queue_is_judged_by_its_target(proposal: Proposal) -> None:
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["*"]\n')
    proposal.commit()
    queue = {"base_sha": proposal.oid("origin/main"), "head_sha": proposal.oid(), "base_ref": "refs/heads/main"}
    got = proposal.ci("--format=json", event="merge_group", merge_group=queue)
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added"})


def test_on_gitlab_the_place_where_a_branch_starts_does_not_govern(
    proposal: Proposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its author may start it where there was no policy yet. What the target has changed since is not its doing."""
    old = proposal.oid("origin/main")
    proposal.git("checkout", "--quiet", "-B", "main")
    proposal.write(".cavra-boundary.toml", CONFIG + 'severity."demo.pin" = "error"\n')
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.git("checkout", "--quiet", "-B", "proposal", old)
    proposal.write("b.txt", "x\n")
    proposal.commit()
    environment = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_SHA": proposal.oid(),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": old,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    got = proposal.run("ci", "--format=json")
    assert (got.code, rules(got)) == (0, set())
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["x"]\nseverity."demo.pin" = "note"\n')
    proposal.commit()
    monkeypatch.setenv("CI_COMMIT_SHA", proposal.oid())
    got = proposal.run("ci", "--format=json")
    assert (got.code, rules(got)) == (1, {"policy.exclude-added", "policy.severity-lowered"})


# What fails, and how an exception goes green


@pytest.mark.parametrize("flag", ["", "--fail-on=error"])
def test_what_weakens_fails_whatever_fail_on_says(proposal: Proposal, flag: str) -> None:
    proposal.write(".cavra-boundary.toml", CONFIG + 'fail-on = "error"\n')
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.write("leak.txt", f"key {token('leak')}{INLINE}\n")
    got = proposal.ci("--format=json", *filter(None, [flag]))
    assert (got.code, rules(got)) == (1, {"policy.allow-added"})


def only_warns(proposal: Proposal, *kinds: str) -> None:
    table = "".join(f'{kind} = "warn"\n' for kind in kinds)
    proposal.write(".cavra-boundary.toml", f"{CONFIG}[weakening]\n{table}")
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")


def test_the_targets_own_table_lets_a_kind_of_weakening_pass(proposal: Proposal) -> None:
    only_warns(proposal, "allow-added")
    proposal.write("leak.txt", f"key {token('leak')}{INLINE}\n")
    got = proposal.ci("--format=json", "--fail-on=note")
    assert (got.code, [each["severity"] for each in got.findings("policy.")]) == (0, ["note"])
    proposal.leak()
    text = (proposal.folder / ".cavra-boundary.toml").read_text()
    proposal.write(".cavra-boundary.toml", text + ALLOW)
    got = proposal.ci("--format=json")
    assert got.code == 0, "the allow in the configuration takes effect, too"
    assert "own policy: weaker only where the target's [weakening] permits" in said(got)
    proposal.write(".cavra-boundary.toml", f'exclude = ["b"]\n{text}{ALLOW}')
    got = proposal.ci("--format=json")
    assert (got.code, "demo.token" in rules(got)) == (1, True), "one that fails is enough"


def test_what_is_only_behind_does_not_take_effect_with_what_only_warns(proposal: Proposal) -> None:
    """Its author may start the branch where the target had a weaker policy."""
    proposal.write(".cavra-boundary.toml", f'exclude = ["leak.txt"]\n{CONFIG}')
    proposal.commit()
    old = proposal.oid()
    only_warns(proposal, "allow-added")
    proposal.git("checkout", "--quiet", "-B", "proposal", old)
    proposal.leak()
    allow = ALLOW.replace("*", "other.txt")
    proposal.write(".cavra-boundary.toml", f'exclude = ["leak.txt"]\n{CONFIG}{allow}')
    got = proposal.ci("--format=json")
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.allow-added"})
    (weak,) = got.findings("policy.")
    assert weak["severity"] == "note"
    assert "exclude-added" in proposal.run("policy", "diff", "origin/main").out, "which compares all of it"


def test_a_proposals_own_table_lets_nothing_pass(proposal: Proposal) -> None:
    proposal.leak()
    proposal.write(".cavra-boundary.toml", f'{CONFIG}[weakening]\nallow-added = "warn"\n{ALLOW}')
    got = proposal.ci("--format=json")
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.allow-added", "policy.weakening-loosened"})


def test_mistakes_in_the_table_name_the_nearest(proposal: Proposal) -> None:
    for text, hint in (("alow-added = 'warn'", "allow-added"), ("allow-added = 'wran'", "warn")):
        proposal.write(".cavra-boundary.toml", f"{CONFIG}[weakening]\n{text}\n")
        got = proposal.run("scan")
        assert (got.code, got.err.count("\n"), f"{hint!r}" in got.err or hint in got.err) == (2, 1, True)
        assert ".cavra-boundary.toml:3" in got.err
    proposal.write(".cavra-boundary.toml", f"{CONFIG}[weakening]\nallow-added = 'warn'\n")
    shown = proposal.run("policy", "show").out
    assert "weakening.allow-added = warn  [.cavra-boundary.toml:3]" in shown
    assert "weakening.exclude-added = fail  [default]" in shown


def adopt(proposal: Proposal) -> None:
    known = proposal.leak()
    proposal.write(PACK_FILE, PACK)
    proposal.write(".cavra-boundary.toml", CONFIG)
    proposal.write(".cavra-boundary-baseline", f"{known} demo.token\n")
    proposal.write(".github/workflows/boundary.yml", "run: cavra-boundary ci\n")


def test_the_first_adoption_is_judged_by_itself_and_says_so(empty: Proposal) -> None:
    adopt(empty)
    got = empty.ci("--format=json")
    assert (got.code, rules(got)) == (0, set())
    assert "first adoption" in said(got)
    text = empty.ci()
    assert "own policy" in text.out


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".cavra-boundary.toml", ""),
        (".cavra-boundary-baseline", ""),
        ("pyproject.toml", "[tool.cavra-boundary]\n"),
        (".github/workflows/ci.yml", "run: cavra-boundary ci\n"),
        (".pre-commit-config.yaml", "id: cavra-boundary\n"),
    ],
)
def test_what_has_adopted_the_tool_does_not_do_so_again(empty: Proposal, path: str, content: str) -> None:
    """Also with the defaults, which need no file: then the workflow that runs the tool is in the target."""
    empty.write(path, content)
    empty.commit()
    empty.git("update-ref", "refs/remotes/origin/main", "HEAD")
    adopt(empty)
    got = empty.ci("--format=json")
    assert (got.code, "policy.baseline-grown" in rules(got)) == (1, True)


def test_an_approval_counts_for_exactly_one_commit(proposal: Proposal) -> None:
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + ALLOW)
    assert proposal.ci().code == 1
    head = proposal.oid()
    before = proposal.oid("HEAD~1")
    for other in (head[:12], "HEAD", "proposal", before, head.upper(), "x\x1b[31m"):
        got = proposal.run("ci", "--policy-from=origin/main", f"--approved-policy={other}", "--format=json")
        assert (got.code, "nothing is approved" in said(got)) == (1, True)
        assert "\x1b" not in got.err
    got = proposal.run("ci", "--policy-from=origin/main", f"--approved-policy={head}", "--format=json")
    assert (got.code, rules(got)) == (0, set())
    (weak,) = got.findings("policy.")
    assert (weak["status"], weak["reason"]) == ("suppressed", f"approved for {head[:12]}")
    assert f"approved for {head[:12]}" in said(got)
    proposal.write("more.txt", "x\n")
    got = proposal.ci(f"--approved-policy={head}")
    assert got.code == 1, "whoever pushes more has to ask again"
    assert proposal.ci("--approved-policy=").code == 1, "a workflow may pass nothing"


def test_an_approval_is_for_the_head_that_the_event_names(proposal: Proposal) -> None:
    """GitHub checks out its merge into the target."""
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + ALLOW)
    proposal.commit()
    head, target = proposal.oid(), proposal.oid("origin/main")
    proposal.git("checkout", "--quiet", "-b", "merge", target)
    proposal.git("merge", "--quiet", "--no-ff", "--no-edit", "proposal")
    request = {"pull_request": {"base": {"sha": target, "ref": "main"}, "head": {"sha": head}}}
    file = proposal.folder.with_name("event.json")
    file.write_text(json.dumps(request))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")
        patch.setenv("GITHUB_EVENT_NAME", "pull_request")
        patch.setenv("GITHUB_EVENT_PATH", os.fspath(file))
        assert proposal.run("ci", f"--approved-policy={head}").code == 0
        assert proposal.run("ci", f"--approved-policy={proposal.oid()}").code == 1
        proposal.git("checkout", "--quiet", "-b", "other", target)
        proposal.write("b.txt", f"key {token('other')}\n")
        proposal.commit()
        assert proposal.run("ci", f"--approved-policy={head}").code == 1, "something else is checked out"


# One configuration


def test_the_folder_that_is_named_first_does_not_govern(proposal: Proposal) -> None:
    proposal.write("a/.cavra-boundary.toml", 'exclude = ["*"]\n')
    proposal.write("a/x", f"key {token('x')}\n")
    proposal.write("b/y", f"key {token('y')}\n")
    for paths in (("a/x", "b/y"), ("a", "b"), ("b/y", "a/x"), (".",)):
        got = proposal.run("scan", "--format=json", *paths)
        assert (got.code, {path for path, *_ in got.places()}) == (1, {"a/x", "b/y"})
    assert proposal.run("scan", "a").code == 1
    proposal.git("add", "--all")
    assert proposal.run("scan", "--staged").code == 1
    assert proposal.run("hook", "run", "pre-commit").code == 1
    assert proposal.ci().code == 1


def test_a_nested_configuration_is_not_read_and_a_notice_says_so(proposal: Proposal) -> None:
    proposal.write("a/.cavra-boundary.toml", 'exclude = ["*"]\n')
    proposal.write("a/x", "x\n")
    proposal.git("add", "--all")
    for arguments in (("scan", "."), ("scan", "a"), ("scan", "--staged"), ("ci",)):
        got = proposal.ci("--format=json") if arguments == ("ci",) else proposal.run(*arguments, "--format=json")
        (notice,) = got.report["notices"]
        assert (got.code, notice["path"], "is not read" in notice["message"]) == (0, "a/.cavra-boundary.toml", True)
    assert proposal.run("scan", "--format=json", "a/x").report["notices"] == []


def test_outside_of_a_repository_the_named_folders_own_governs(tool: Any) -> None:
    tool.write("a/.cavra-boundary.toml", 'exclude = ["x"]\n')
    tool.write("a/x", f"key {token('x')}\n")
    tool.write("b/y", f"key {token('y')}\n")
    assert tool.scan("a").code == 0
    got = tool.scan("a", "b")
    assert (got.code, {path for path, *_ in got.places()}) == (1, {"a/x", "b/y"})


def test_the_first_adoption_may_name_its_files(empty: Proposal) -> None:
    known = empty.leak()
    empty.write("ours/config.toml", "")
    empty.write(PACK_FILE, PACK)
    empty.write("ours/known", f"{known} demo.token\n")
    got = empty.ci("--config=ours/config.toml", "--pack=rules", "--baseline=ours/known", "--format=json")
    assert (got.code, "first adoption" in said(got)) == (0, True)


def test_only_a_proposal_that_brings_a_policy_adopts_one(empty: Proposal, tmp_path: Path) -> None:
    empty.write("leak.txt", f"key {token('leak')}{INLINE}\n")
    flags = (f"--pack={empty.pack}", "--format=json")
    got = empty.ci(*flags)
    assert (got.code, rules(got)) == (1, {"policy.allow-added"})
    outside = tmp_path / "organization.toml"
    outside.write_text("")
    empty.write(".cavra-boundary.toml", "")
    got = empty.ci(*flags, f"--config={outside}")
    assert (got.code, rules(got)) == (1, {"policy.allow-added"}), "the workflow's own was there before"


@pytest.mark.parametrize("event", ["pull_request_target", "issue_comment", "workflow_run"])
def test_an_event_that_runs_what_the_default_branch_has_adopts_nothing(empty: Proposal, event: str) -> None:
    empty.leak()
    empty.write(".cavra-boundary.toml", 'exclude = ["*"]\n')
    got = empty.ci(f"--pack={empty.pack}", "--format=json", event=event)
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added"})
    if event != "pull_request_target":
        got = empty.ci(f"--pack={empty.pack}", "--format=json", event=event, **REPOSITORY)
        assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added"})


def test_a_clone_of_the_authors_fork_has_another_main(proposal: Proposal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow may check out the fork; then what its origin calls main is the author's, too."""
    target = proposal.oid("origin/main")
    proposal.leak()
    proposal.write(".cavra-boundary.toml", CONFIG + 'exclude = ["*.txt"]\n')
    proposal.commit()
    proposal.git("update-ref", "refs/remotes/origin/main", "HEAD")
    proposal.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    proposal.git("remote", "add", "origin", "https://github.com/author/widgets.git")
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo-org/widgets")
    assert proposal.ci(event="workflow_run", **REPOSITORY).code == 3
    gone = {"base": {"sha": "e" * 40, "ref": "main"}, "head": {"sha": proposal.oid()}}
    assert proposal.ci(event="pull_request_target", pull_request=gone).code == 3
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    monkeypatch.setenv("GITHUB_SHA", target)
    got = proposal.ci("--format=json", event="workflow_run", **REPOSITORY)
    assert (got.code, rules(got)) == (1, {"demo.token", "policy.exclude-added"}), "its id is the same everywhere"
    for url in ("https://github.com/Octo-Org/widgets", "git@github.com:octo-org/widgets.git"):
        proposal.git("remote", "set-url", "origin", url)
        monkeypatch.delenv("GITHUB_REF", raising=False)
        assert proposal.ci(event="workflow_run", **REPOSITORY).code == 0, "its own main"


def test_a_repository_that_the_workflow_clones_into_the_tree_is_its_own(proposal: Proposal) -> None:
    """A submodule is not: the proposal says which commit it is at, and where it comes from."""
    proposal.leak()
    proposal.commit()
    organization = Proposal(proposal.folder / "organization", proposal.pack)
    organization.folder.mkdir()
    organization.git("init", "--quiet")
    organization.write("silent.toml", SILENT)
    organization.commit()
    flags = ("--policy-from=origin/main", "--pack=organization/silent.toml")
    got = proposal.run("ci", "--format=json", *flags)
    assert (got.code, rules(got)) == (0, set())
    folder = proposal.run("ci", "--policy-from=origin/main", "--pack=organization")
    assert folder.code == 0, folder.err
    (proposal.folder / "rules2").symlink_to("organization")
    linked = proposal.run("ci", "--policy-from=origin/main", "--pack=rules2/silent.toml")
    assert (linked.code, "is not in" in linked.err) == (2, True), "a link says where to look, and may be the proposal's"
    (proposal.folder / "rules2").unlink()
    proposal.commit()
    assert "160000" in proposal.git("ls-files", "--stage"), "now it is a submodule"
    got = proposal.run("ci", *flags)
    assert (got.code, "is not in" in got.err) == (2, True)


def test_a_checkout_of_another_user_is_told_as_such(proposal: Proposal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    got = proposal.run("ci")
    assert (got.code, got.out, "safe.directory" in got.err, got.err.count("\n")) == (3, "", True, 1)
