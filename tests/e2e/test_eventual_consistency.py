"""IAM and CloudTrail's history take their time: no alert stays wrong for it, and none is sent twice."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from local.demo.application import new_application
from local.emulator.key_ids import key_id
from tests.e2e.recipient import Shell, environment_of, remedies_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.deployment import Stage
    from local.inbox import Received

PATIENCE_SECONDS = 20


def let_the_timer_run(stage: Stage) -> None:
    functions: Any = stage.aws.session().client("lambda")
    name = stage.outputs["AlertTimerFunctionName"]
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({}))
    assert "FunctionError" not in answer, answer["Payload"].read()


def await_history(stage: Stage, event_name: str, key: str) -> None:
    trail: Any = stage.aws.session().client("cloudtrail")
    query = [{"AttributeKey": "ResourceName", "AttributeValue": key}]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while event_name not in str(trail.lookup_events(LookupAttributes=query)["Events"]):
        assert time.monotonic() < deadline
        time.sleep(0.3)


def alerts_about(stage: Stage, key: str, causes: list[str]) -> list[Received]:
    """What was received of the key, once its last cause was; nothing more comes within a second."""
    stage.alerts.wait_for(lambda a: key in a.body and a.attributes["cause"] == causes[-1], PATIENCE_SECONDS)
    stage.alerts.wait_for(lambda _: False, 1)
    received = [alert for alert in stage.alerts.received if key in alert.body]
    assert [alert.attributes["cause"] for alert in received] == causes
    return received


def test_an_unknown_key_that_stays_unknown_is_diagnosed_once_more_and_not_alerted_again(
    slow_stage: Stage,
) -> None:
    key = key_id("AKIA", slow_stage.aws.account)
    replace(new_application(slow_stage.aws, "app"), access_key_id=key).call("sts", "get_caller_identity")
    alerts_about(slow_stage, key, ["unknown-key"])
    time.sleep(1)
    let_the_timer_run(slow_stage)
    [item] = slow_stage.incidents_of(key)
    assert item["rechecked"] == {"BOOL": True}
    alerts_about(slow_stage, key, ["unknown-key"])


@contextmanager
def no_record_delivered(stage: Stage) -> Iterator[None]:
    """Records of what is done to keys are in CloudTrail's history alone, and the ledger has none of it."""
    events: Any = stage.aws.session().client("events")
    rules = events.list_rules()["Rules"]
    name = next(rule["Name"] for rule in rules if "DeleteAccessKey" in rule.get("EventPattern", ""))
    events.disable_rule(Name=name)
    yield
    events.enable_rule(Name=name)


def test_an_unknown_key_of_whose_deletion_the_history_tells_later_is_corrected_by_exactly_one_alert(
    slow_stage: Stage,
) -> None:
    with no_record_delivered(slow_stage):
        application = new_application(slow_stage.aws, "app")
        application.delete_key()
        time.sleep(1)  # until the recorder has come so far
    key = application.access_key_id
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    alerts_about(slow_stage, key, ["unknown-key"])
    await_history(slow_stage, "DeleteAccessKey", key)
    for _ in range(2):
        let_the_timer_run(slow_stage)
    _, correction = alerts_about(slow_stage, key, ["unknown-key", "key-deleted"])
    assert "corrects the earlier alert" in correction.body
    assert correction.attributes["owner"] == application.user_name
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    alerts_about(slow_stage, key, ["unknown-key", "key-deleted"])


def test_a_key_that_is_refused_because_it_is_new_works_after_what_the_alert_says(
    slow_stage: Stage, tmp_path: Path, aws_cli: Path
) -> None:
    application = new_application(slow_stage.aws, "new")
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    [alert] = alerts_about(slow_stage, application.access_key_id, ["key-not-propagated"])
    assert alert.attributes["owner"] == application.user_name
    [wait_and_try_again] = remedies_in(alert)
    told = Shell(slow_stage, tmp_path, aws_cli).run(wait_and_try_again, **environment_of(application))
    assert f"user/{application.user_name}" in told
