"""IAM and CloudTrail's history take their time: no alert stays wrong for it, and none is sent twice."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from local.demo.application import new_application
from local.emulator.key_ids import key_id
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell, environment_of, remedies_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.deployment import Deployment
    from local.inbox import Received


def let_the_timer_run(deployment: Deployment) -> None:
    functions: Any = deployment.aws.session().client("lambda")
    name = deployment.outputs["AlertTimerFunctionName"]
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({}))
    assert "FunctionError" not in answer, answer["Payload"].read()


def await_history(deployment: Deployment, event_name: str, key: str) -> None:
    trail: Any = deployment.aws.session().client("cloudtrail")
    query = [{"AttributeKey": "ResourceName", "AttributeValue": key}]
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while event_name not in str(trail.lookup_events(LookupAttributes=query)["Events"]):
        assert time.monotonic() < deadline
        time.sleep(0.3)


def alerts_about(deployment: Deployment, key: str, causes: list[str]) -> list[Received]:
    """What was received of the key, once its last cause was; nothing more comes within a second."""
    deployment.alerts.wait_for(
        lambda a: key in a.body and a.attributes["cause"] == causes[-1], TIMEOUT_SECONDS
    )
    deployment.alerts.wait_for(lambda _: False, 1)
    received = [alert for alert in deployment.alerts.received if key in alert.body]
    assert [alert.attributes["cause"] for alert in received] == causes
    return received


def test_an_unknown_key_that_stays_unknown_is_diagnosed_once_more_and_not_alerted_again(
    slow_deployment: Deployment,
) -> None:
    key = key_id("AKIA", slow_deployment.aws.account)
    replace(new_application(slow_deployment.aws, "app"), access_key_id=key).call("sts", "get_caller_identity")
    alerts_about(slow_deployment, key, ["unknown-key"])
    time.sleep(1)
    let_the_timer_run(slow_deployment)
    [item] = slow_deployment.incidents_of(key)
    assert item["rechecked"] == {"BOOL": True}
    alerts_about(slow_deployment, key, ["unknown-key"])


@contextmanager
def no_record_delivered(deployment: Deployment) -> Iterator[None]:
    """Records of what is done to keys are in CloudTrail's history alone, and the ledger has none of it."""
    events: Any = deployment.aws.session().client("events")
    rules = events.list_rules()["Rules"]
    name = next(rule["Name"] for rule in rules if "DeleteAccessKey" in rule.get("EventPattern", ""))
    events.disable_rule(Name=name)
    yield
    events.enable_rule(Name=name)


def test_an_unknown_key_whose_deletion_is_in_the_history_later_is_corrected_by_exactly_one_alert(
    slow_deployment: Deployment,
) -> None:
    with no_record_delivered(slow_deployment):
        application = new_application(slow_deployment.aws, "app")
        application.delete_key()
        time.sleep(1)  # until the recorder has come so far
    key = application.access_key_id
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    alerts_about(slow_deployment, key, ["unknown-key"])
    await_history(slow_deployment, "DeleteAccessKey", key)
    for _ in range(2):
        let_the_timer_run(slow_deployment)
    _, correction = alerts_about(slow_deployment, key, ["unknown-key", "key-deleted"])
    assert "corrects the earlier alert" in correction.body
    assert correction.attributes["owner"] == application.user_name
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    alerts_about(slow_deployment, key, ["unknown-key", "key-deleted"])


def test_a_key_that_is_refused_because_it_is_new_works_after_what_the_alert_says(
    slow_deployment: Deployment, tmp_path: Path, aws_cli: Path
) -> None:
    application = new_application(slow_deployment.aws, "new")
    assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    [alert] = alerts_about(slow_deployment, application.access_key_id, ["key-not-propagated"])
    assert alert.attributes["owner"] == application.user_name
    [wait_and_try_again] = remedies_in(alert)
    shown = Shell(slow_deployment, tmp_path, aws_cli).run(wait_and_try_again, **environment_of(application))
    assert f"user/{application.user_name}" in shown
