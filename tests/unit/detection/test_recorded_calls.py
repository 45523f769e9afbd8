"""Real records, not written for these tests. None in cloudtrail.jsonl is of a rejected access key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.aws.domain.error_codes import EXPIRED_CODES, KEY_FAILURE_CODES
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.errors import PermanentError
from tests.support.builders import REFUSED, an_event, key_id, signal_in
from tests.support.fakes import FakeIam, World
from tests.support.paths import SHARED_DATA

if TYPE_CHECKING:
    from lambdas.detection.domain.signal import Signal

pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the real records are not here")

CODES = sorted(KEY_FAILURE_CODES | {f"Client.{code}" for code in KEY_FAILURE_CODES})
MESSAGES = {"listed": REFUSED, "unlisted": "Something else went wrong", "none": None}
ACTIVE_KEY = key_id(7)


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line)["record"] for line in (SHARED_DATA / name).read_text().splitlines()]


def in_envelope(line: dict[str, Any]) -> str:
    return json.dumps(line["eventbridge"] | {"detail": line["record"]})


def parsed(body: str) -> Signal | None:
    """None also for the few records without eventTime, which go to the dead-letter queue."""
    try:
        return signal_in(body)
    except PermanentError:
        return None


def alerts_of(world: World, signals: list[Signal]) -> int:
    for group in group_by_key(signals):
        world.remediator.remediate(group)
    return len(world.topic.alerts)


@pytest.mark.parametrize("name", ["cloudtrail.jsonl", "key_lifecycle.jsonl", "lookalikes.jsonl"])
def test_no_unchanged_record_crashes_or_alerts(name: str) -> None:
    signals = [signal for record in records(name) if (signal := parsed(an_event(record)))]
    expired = [signal for signal in signals if signal.error_code in EXPIRED_CODES]
    assert alerts_of(World(), [signal for signal in signals if signal not in expired]) == 0
    assert len(expired) == (1 if name == "lookalikes.jsonl" else 0)


def test_no_record_in_its_own_envelope_crashes_or_alerts() -> None:
    lines = [json.loads(line) for line in (SHARED_DATA / "eventbridge.jsonl").read_text().splitlines()]
    assert alerts_of(World(), [s for line in lines if (s := parsed(in_envelope(line)))]) == 0


@pytest.mark.parametrize("message", ["unlisted", "none"])
@pytest.mark.parametrize("code", CODES)
def test_no_record_without_a_listed_message_alerts_while_its_key_is_active(code: str, message: str) -> None:
    """IAM only knows the long-term keys of users. All other keys count as active here too."""
    signals = with_error(code, MESSAGES[message])
    assert len(signals) > 200
    assert alerts_of(a_healthy_world(signals), signals) == 0


@pytest.mark.parametrize("code", CODES)
def test_each_active_key_that_a_listed_message_says_was_rejected_alerts_once(code: str) -> None:
    signals = [s for s in with_error(code, REFUSED) if is_a_users_key(s) and not s.made_by_aws]
    world = a_healthy_world(signals)
    assert alerts_of(world, signals) == len({signal.access_key_id for signal in signals})
    assert {alert.attributes["cause"] for alert in world.topic.alerts} == {"active-key-rejected"}


def a_healthy_world(signals: list[Signal]) -> World:
    keys = {signal.access_key_id for signal in signals if is_a_users_key(signal)}
    return World(iam=FakeIam(users={"someone": dict.fromkeys(keys, "Active")}))


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("code", CODES)
def test_the_same_records_alert_once_per_key_if_it_is_inactive_or_unknown(code: str, message: str) -> None:
    signals = [s for s in with_error(code, MESSAGES[message]) if is_a_users_key(s) and not s.made_by_aws]
    if message != "listed":
        signals = [s for s in signals if decode_account(s.access_key_id) in {None, s.account}]
    keys = {signal.access_key_id for signal in signals}
    dead = World(iam=FakeIam(users={"someone": dict.fromkeys(keys, "Inactive")}))
    unknown = World(iam=FakeIam(users={"someone": {ACTIVE_KEY: "Active"}}))
    assert len(keys) > 10
    assert alerts_of(dead, signals) == alerts_of(unknown, signals) == len(keys)


def is_a_users_key(signal: Signal) -> bool:
    return signal.has_usable_id and signal.access_key_id.startswith("AKIA") and not signal.is_root


@pytest.mark.parametrize("message", ["unlisted", "none"])
def test_records_without_a_key_that_can_be_looked_up_alert_only_on_a_listed_message(message: str) -> None:
    signals = [s for s in with_error("Client.AuthFailure", MESSAGES[message]) if not s.has_usable_id]
    assert len(signals) > 10
    assert alerts_of(World(), signals) == 0


def with_error(code: str, message: str | None) -> list[Signal]:
    given = [r | {"errorCode": code, "errorMessage": message} for r in records("cloudtrail.jsonl")]
    return [signal for record in given if (signal := parsed(an_event(record)))]
