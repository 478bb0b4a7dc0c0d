"""`cavra-boundary contract` as a person and a pipeline use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cavra_boundary.contracts import build_support_handoff_readiness_request, describe_public_contract
from cavra_boundary.contracts.publish import schema

if TYPE_CHECKING:
    from support import Tool


def written() -> str:
    return json.dumps(build_support_handoff_readiness_request("tenant-demo").to_dict())


def test_a_valid_file_is_clean(tool: Tool) -> None:
    tool.write("request.json", written())
    result = tool.run("contract", "validate", "request.json")
    assert (result.code, result.out) == (0, "request.json: conforms to the public contract\n")
    assert tool.run("contract", "validate", "-", stdin=written().encode()).code == 0


def test_each_mistake_is_one_line_with_its_pointer(tool: Tool) -> None:
    document = json.loads(written())
    document["payload"]["support_tier"] = ""
    document["payload"]["apiKey"] = "opens everything"
    tool.write("request.json", json.dumps(document))
    result = tool.run("contract", "validate", "request.json")
    assert result.code == 1
    assert result.out.splitlines() == [
        "request.json: /payload/apiKey: sensitive field",
        "request.json: /payload/support_tier: must be a label: 1 to 64 letters, digits and . _ : - between them",
    ]


def test_what_is_no_json_is_a_mistake(tool: Tool) -> None:
    result = tool.run("contract", "validate", "-", stdin=b"{")
    assert (result.code, result.out) == (1, "-: the document: is not JSON\n")


def test_a_missing_file_is_wrong_use_and_an_unreadable_one_incomplete(tool: Tool) -> None:
    missing = tool.run("contract", "validate", "none.json")
    assert (missing.code, "no such file" in missing.err) == (2, True)
    tool.write("large.json", b" " * (1024 * 1024 + 1))
    for name in (".", "large.json"):
        unread = tool.run("contract", "validate", name)
        assert unread.code == 3
        assert unread.out == ""
        assert name in unread.err


def test_the_schema_and_the_description_are_printed(tool: Tool) -> None:
    assert json.loads(tool.run("contract", "schema", "response").out) == schema("response")
    assert json.loads(tool.run("contract", "describe", "--format", "json").out) == describe_public_contract()
    said = tool.run("contract", "describe").out
    for word in ("support_handoff_readiness", "grace_period", "release_owner_acceptance", "health_review_status"):
        assert word in said
