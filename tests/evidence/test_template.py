"""Templates: what `evidence new` writes."""

from __future__ import annotations

import json

import pytest
from packets import ACTIVATION, FOLLOWUP, NOW, VARIANTS, evaluate, failed

from cavra_boundary.evidence import kinds
from cavra_boundary.evidence.gates import ResultStatus
from cavra_boundary.evidence.template import template


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_a_template_is_a_sample_that_passes(kind: str, chosen: dict[str, str]) -> None:
    packet = json.loads(template(kinds.load(kind), chosen, NOW))
    assert (packet["schema_version"], packet["evidence_mode"]) == (kind, "sample")
    result = evaluate(packet)
    assert (result.status, [*failed(result)]) == (ResultStatus.READY_WITH_WARNINGS, ["evidence_mode"])


def test_it_holds_what_its_choice_asks_for_and_no_more() -> None:
    def of(kind: str, **chosen: str) -> dict[str, dict[str, object]]:
        found: dict[str, dict[str, object]] = json.loads(template(kinds.load(kind), chosen, NOW))
        return found

    assert "production_handoff" not in of(ACTIVATION, target="paid_pilot")
    assert "paid_pilot_activation" not in of(ACTIVATION, target="production")
    assert of(ACTIVATION) == of(ACTIVATION, target="paid_pilot")
    assert "closeout_handoff_ref" not in of(FOLLOWUP, outcome="renewed")["handoff"]
    assert "grace_period_approval_ref" not in of(FOLLOWUP, outcome="revoked")["handoff"]
    assert "renewed_trial_followup_ref" not in of(FOLLOWUP, outcome="escalated")["handoff"]


def test_the_same_moment_gives_the_same_bytes() -> None:
    kind = kinds.load(ACTIVATION)
    assert template(kind, {}, NOW) == template(kind, {}, NOW)
    assert template(kind, {}, NOW).endswith("}\n")
