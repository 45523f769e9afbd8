"""What a caller or an owner can repeat without end: few alerts, and none that matters is lost."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdas.incidents.domain.owner_alerts import MAX_KEYS
from lambdas.incidents.domain.unknown_ids import MAX_ALERTS, MAX_INCIDENTS
from local.demo.application import new_application
from local.demo.scenario_runner import record_of
from local.demo.scenarios import LISTED, deactivated, working
from local.emulator.key_ids import key_id
from local.patience import TIMEOUT_SECONDS
from tests.e2e.denial import wait_until

if TYPE_CHECKING:
    from local.demo.application import Application
    from local.deployment import Deployment
    from local.inbox import Received

IDS = 60
TOMBSTONES = 2_000
SIZE = 4_000  # bytes of each, so that all of them are many pages
OFTEN = 6
QUIET_SECONDS = 4.0


def alert_about(deployment: Deployment, key: str) -> Received:
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    return alert


def alerts_about(deployment: Deployment, *texts: str) -> list[Received]:
    """All that came, after some time without another one."""
    deployment.alerts.wait_for(lambda _: False, QUIET_SECONDS)
    return [it for it in deployment.alerts.received if any(text in it.body for text in texts)]


def await_state(deployment: Deployment, application: Application, state: str) -> None:
    key = application.access_key_id
    entry = deployment.ledger.await_entry(key, lambda entry: entry.get("state") == state)
    assert entry["state"] == state


def enter_deleted_keys(deployment: Deployment, like: Application) -> None:
    """As a CI leaves them that creates a key for each run."""
    known = deployment.ledger.entry(like.access_key_id)
    tables: Any = deployment.aws.session().resource("dynamodb")
    with tables.Table(deployment.outputs["LedgerTableName"]).batch_writer() as writer:
        for number in range(TOMBSTONES):
            key = f"AKIAQ{number:015}"
            writer.put_item(Item={**known, "accessKeyId": key, "state": "Deleted", "padding": "x" * SIZE})


def test_ids_without_end_are_few_alerts_all_counted_and_hold_back_no_known_key(
    deployment: Deployment,
) -> None:
    known, account = deactivated(deployment.aws), deployment.aws.account
    await_state(deployment, known, "Inactive")
    ids = [key_id("AKIA", account) for _ in range(IDS)]
    for number, each in enumerate(ids):
        caller = {"sourceIPAddress": f"198.51.100.{number % 3}", "errorMessage": LISTED}
        deployment.inject(record_of(each, account, caller))
    began = time.monotonic()
    known.call("sts", "get_caller_identity")
    assert alert_about(deployment, known.access_key_id).at - began < TIMEOUT_SECONDS
    shared = [f"unknown:{account}", *(f"unknown:{account}:198.51.100.{number}" for number in range(3))]

    def counted() -> int:
        found = (item for key in (*ids, *shared) for item in deployment.incidents_of(key))
        return sum(int(item["count"]["N"]) for item in found)

    assert wait_until(lambda: counted() == IDS)
    own = [each for each in ids if deployment.incidents_of(each)]
    assert len(own) <= MAX_INCIDENTS
    assert len(alerts_about(deployment, *ids, "of unknown ids")) <= MAX_ALERTS


def test_an_id_that_is_a_word_of_the_error_is_alerted_as_any_other_malformed_one(
    deployment: Deployment,
) -> None:
    application = replace(working(deployment.aws), access_key_id="token")
    fields = {"errorMessage": LISTED, "sourceIPAddress": "198.51.100.77"}
    deployment.inject(record_of(application.access_key_id, deployment.aws.account, fields))
    alert = alert_about(deployment, application.incident_key)
    assert alert.attributes["cause"] == "malformed-key"


def test_an_owner_with_thousands_of_deleted_keys_is_alerted_as_any_other(deployment: Deployment) -> None:
    application = deactivated(deployment.aws)
    await_state(deployment, application, "Inactive")
    enter_deleted_keys(deployment, application)
    began = time.monotonic()
    application.call("sts", "get_caller_identity")
    alert = alert_about(deployment, application.access_key_id)
    assert alert.attributes["owner"] == application.user_name
    assert alert.at - began < 5
    application.delete_key()
    application.delete_user()
    deployment.ledger.await_user(application.user_name, lambda entry: "deletions" in entry)


def test_many_user_agents_of_one_source_leave_room_for_the_callers_of_others(deployment: Deployment) -> None:
    application = deactivated(deployment.aws)
    key, account = application.access_key_id, deployment.aws.account
    flood = [{"userAgent": f"attacker/{number}", "sourceIPAddress": "198.51.100.1"} for number in range(25)]
    for caller in (*flood, {"userAgent": "production/1", "sourceIPAddress": "192.0.2.1"}):
        deployment.inject(record_of(key, account, {"errorMessage": LISTED, **caller}))

    def callers() -> list[str]:
        [item] = deployment.incidents_of(key) or [{"callers": {"M": {}}}]
        return [caller["M"]["userAgent"]["S"] for caller in item["callers"]["M"].values()]

    assert wait_until(lambda: "production/1" in callers())
    assert wait_until(lambda: deployment.incidents_of(key)[0]["count"] == {"N": "26"})
    assert len(callers()) == 2 + 1


def test_a_key_that_is_switched_off_and_on_again_and_again_causes_few_alerts(deployment: Deployment) -> None:
    application = working(deployment.aws)
    deployment.ledger.synchronise()
    deployment.ledger.await_entry(application.access_key_id, lambda entry: "lastUse" in entry)
    for _ in range(OFTEN):
        application.deactivate_key()
        await_state(deployment, application, "Inactive")
        alert_about(deployment, application.access_key_id)
        time.sleep(1.1)  # IAM's times are whole seconds
        application.reactivate_key()
        await_state(deployment, application, "Active")
        time.sleep(1.1)

    def held() -> int:
        [item] = deployment.incidents_of(application.access_key_id)
        return int(item["reported"]["M"].get("heldChanges", {"N": "0"})["N"])

    assert wait_until(lambda: held() > 0)
    assert len(alerts_about(deployment, application.access_key_id)) == 1 + 3


def test_keys_that_an_owner_creates_and_deletes_without_end_share_an_alert(deployment: Deployment) -> None:
    owner = new_application(deployment.aws, "ci")
    keys = [fail_with_a_deleted_key(deployment, owner) for _ in range(MAX_KEYS + 3)]
    alerted = alerts_about(deployment, *keys)
    assert len(alerted) == MAX_KEYS + 1
    assert sum("other keys of this user had such an alert" in it.body for it in alerted) == 1
    assert [len(deployment.incidents_of(key)) for key in keys] == [1] * len(keys)


def fail_with_a_deleted_key(deployment: Deployment, owner: Application) -> str:
    """Waits for the incident, because the order of the messages of several keys is not fixed."""
    short_lived = owner.with_another_key()
    short_lived.delete_key()
    await_state(deployment, short_lived, "Deleted")
    assert short_lived.call("sts", "get_caller_identity") == "InvalidClientTokenId"
    key = short_lived.access_key_id

    def is_evaluated() -> bool:
        return any("evaluatedAt" in item for item in deployment.incidents_of(key))

    assert wait_until(is_evaluated)
    return key
