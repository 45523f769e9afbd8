from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import policy, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

PUT = "events:PutEvents"


def putting(bench: Workbench, condition: dict[str, str]) -> Any:
    """The EventBridge client of a user that may put events under the condition alone."""
    iam, name = bench.client("iam"), bench.name("user")
    iam.create_user(UserName=name)
    document = policy(statement(PUT, "*", Condition={"StringEquals": condition}))
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return bench.session((key["AccessKeyId"], key["SecretAccessKey"])).client("events")


@pytest.mark.parametrize("key", ["events:source", "events:detail-type"])
def test_a_policy_of_a_user_may_depend_on_what_an_event_says(bench: Workbench, key: str) -> None:
    events = putting(bench, {key: "mine"})
    mine = {"Source": "mine", "DetailType": "mine", "Detail": "{}"}
    assert events.put_events(Entries=[mine, mine])["FailedEntryCount"] == 0
    other = {"Source": "other", "DetailType": "other", "Detail": "{}"}
    for entries in ([other], [mine, other]):
        with pytest.raises(ClientError, match="not authorized"):
            events.put_events(Entries=entries)
