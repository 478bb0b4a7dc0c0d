"""All kinds of rule, by the names that packs use for them."""

from __future__ import annotations

from cavra_boundary.detect.kinds import ContentRule, CredentialRule, PathRule, RecordRule, TextRule
from cavra_boundary.model import Rule


class PolicyRule(Rule):
    """A way one policy can be weaker than another; its name is the `kind` of a `weakening.Weakness`."""


class EvidenceRule(Rule):
    """Something wrong with an evidence packet; its name is that of a check (see `evidence.CHECKS`)."""

    @property
    def check(self) -> str:
        return self.id.rpartition(".")[2]


KINDS: dict[str, type[Rule]] = {
    "text": TextRule,
    "credential": CredentialRule,
    "record": RecordRule,
    "path": PathRule,
    "content": ContentRule,
    "policy": PolicyRule,
    "evidence": EvidenceRule,
}

GLOB_FIELDS = ("paths", "skip_paths", "globs")
"""The fields of any kind that hold `Globs`."""
