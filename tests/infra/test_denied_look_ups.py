"""docs/security.md names the roles whose look-ups may be denied by design."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import as_list, of_type
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


def functions_that_may(template: Json, action: str) -> set[str]:
    roles = {
        role["Ref"]
        for policy in of_type(template, "AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if action in as_list(statement["Action"])
        for role in policy["Roles"]
    }
    return {
        function["Handler"].split(".")[-2]
        for function in of_type(template, "AWS::Lambda::Function").values()
        if function["Role"]["Fn::GetAtt"][0] in roles
    }


@pytest.mark.parametrize("action", ["iam:GetAccessKeyLastUsed", "sts:GetAccessKeyInfo"])
def test_the_roles_whose_look_ups_may_be_denied_are_documented(template: Json, action: str) -> None:
    row = re.search(rf"^\| `{action}` \|(.*)\|$", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE)
    assert row
    assert {*re.findall(r"`(\w+)`", row[1])} == functions_that_may(template, action)
