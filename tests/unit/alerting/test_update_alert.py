"""The short alerts: update, reactivation, digest, closing. UPDATE_GOLDEN=1 rewrites the golden files."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT
from lambdas.alerting.domain.incident_wording import duration
from lambdas.alerting.domain.pointers import whom_to_ask
from lambdas.alerting.domain.update_alert import (
    Help,
    compose_closing,
    compose_digest,
    compose_reactivation,
    compose_update,
)
from lambdas.detection.domain.callers import MAX_CALLERS
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE
from lambdas.incidents.domain.incident import (
    AffectedOwner,
    Incident,
    Reactivation,
    ReportedState,
    RotationEnd,
)
from lambdas.incidents.domain.resolution import consumer_is_healthy, describe_status, explain_resolution
from lambdas.incidents.domain.update_policy import PendingUpdate
from tests.support.builders import (
    HOME,
    LAST_USE,
    NOON,
    a_caller,
    a_case,
    a_change,
    a_deleted_key,
    a_finding,
    a_listed_key,
    a_predicted_outage,
    a_signal,
    a_superseded_key,
    an_active_key,
    an_assessment,
    an_inactive_key,
    an_incident,
    an_unknown_key,
    key_id,
)
from tests.support.paths import GOLDEN
from tests.unit.test_text import HOSTILE, IAM_NAMES, LINK

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.alerting.domain.alert import Alert
    from lambdas.aws.domain.iam import LastUse
    from lambdas.incidents.domain.incident import Assessment

UPDATES = GOLDEN / "updates"
ASSESSMENT = a_finding().assessment
CROWD = tuple(a_caller(source=f"198.51.100.{number}") for number in range(MAX_CALLERS))
SUCCEEDED = RotationEnd(succeeded=True, at=NOON + timedelta(minutes=2), new_key=key_id(2))
FAILED = RotationEnd(succeeded=False, at=NOON, reason="the user holds two keys")
ON = Reactivation(at=NOON + timedelta(hours=1), by="user/alice")


def going_on(**changes: object) -> Incident:
    incident = an_incident(
        count=128,
        last_seen=NOON + timedelta(hours=26),
        latest=an_assessment(),
        alerted=an_assessment(),
        reported=ReportedState(alert_at=NOON, alert_count=28),
    )
    return replace(incident, **changes)  # type: ignore[arg-type]


def closing(incident: Incident, evidence: Evidence, assessment: Assessment = ASSESSMENT) -> Alert:
    return compose_closing(incident, assessment, HOME, explain_resolution(incident, evidence))


REMEDIES = a_finding().diagnosis.remedies
ASK = whom_to_ask(a_case(), Cause.KEY_INACTIVE, NOON + timedelta(hours=26))
ALL_NEW = PendingUpdate(callers=CROWD, regions=("us-east-1", "eu-west-1"), passed=100)
PREDICTED = a_finding(a_case(a_predicted_outage())).assessment
ALERTS = {
    "update-new-caller": compose_update(
        going_on(), ASSESSMENT, HOME, PendingUpdate(callers=(CROWD[0],)), Help(ask=ASK, remedies=REMEDIES)
    ),
    "update-all-kinds": compose_update(
        going_on(callers=CROWD),
        ASSESSMENT,
        HOME,
        ALL_NEW,
        Help(ask=ASK, remedies=(*FIX_THE_SOURCE, *REMEDIES)),
    ),
    "update-after-a-failed-rotation": compose_update(
        going_on(rotation=FAILED), ASSESSMENT, HOME, PendingUpdate(passed=100)
    ),
    "reactivated": compose_reactivation(going_on(), ASSESSMENT, HOME, ON, describe_status(an_active_key())),
    "digest": compose_digest(going_on(), ASSESSMENT, HOME, Help(ask=ASK, remedies=REMEDIES)),
    "closing-unexplained": closing(going_on(), an_inactive_key()),
    "closing-reactivated": closing(
        going_on(reactivation=ON, reported=ReportedState(reactivated_at=ON.at)), an_active_key()
    ),
    "closing-newer-key": closing(going_on(), a_superseded_key()),
    "closing-rotated": closing(going_on(rotation=SUCCEEDED), an_inactive_key()),
    "closing-predicted": closing(going_on(count=0, callers=()), an_inactive_key(), PREDICTED),
    "closing-one-call": closing(an_incident(), an_inactive_key()),
}


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_reads_as_its_golden_file(name: str) -> None:
    text = f"Subject: {ALERTS[name].subject}\n\n{ALERTS[name].body}"
    golden = UPDATES / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", ["update-new-caller", "update-all-kinds", "digest"])
def test_an_update_says_whom_to_ask_before_what_to_undo(name: str) -> None:
    body = ALERTS[name].body
    assert body.split("WHAT TO RUN\n")[1].startswith("  First ask user/bob, who deactivated it at ")


def test_an_update_about_an_exposed_secret_says_so_in_its_subject() -> None:
    latest = replace(an_assessment(), exposes_secret=True)
    nobody = replace(ASSESSMENT, owner=AffectedOwner(name="", id=""), cause=Cause.MALFORMED_KEY)
    alert = compose_digest(going_on(latest=latest), nobody, HOME)
    assert alert.subject.startswith("[high] malformed-key: exposed secret, ")


def test_every_golden_file_has_its_alert() -> None:
    assert {path.stem for path in UPDATES.glob("*.txt")} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_what_is_new_comes_first_within_forty_lines(name: str) -> None:
    assert ALERTS[name].body.startswith("WHAT IS NEW\n")
    assert ALERTS[name].body.count("\n") <= BODY_LIMIT


def test_the_closing_of_an_urgent_incident_is_no_urgent_alert() -> None:
    alert = ALERTS["closing-unexplained"]
    assert alert.attributes == {**ALERTS["digest"].attributes, "severity": "low"}
    assert alert.subject.startswith("[low] key-inactive: alice, closed: ")


def test_the_attributes_are_those_of_the_first_alert_so_that_the_same_subscribers_get_it() -> None:
    assert ALERTS["digest"].attributes == {
        "cause": "key-inactive",
        "decision": "notify",
        "severity": "high",
        "owner": "alice",
        "account": "123456789012",
        "region": "eu-central-1",
        "contact": "-",
    }


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (an_inactive_key(), "The key is still inactive: "),
        (a_deleted_key(), "The key no longer exists: "),
        (an_active_key(), ""),
        (an_unknown_key(), ""),
    ],
)
def test_a_closing_without_a_resolution_says_that_the_key_is_still_dead(
    evidence: Evidence, said: str
) -> None:
    body = closing(going_on(), evidence).body
    assert said in body
    assert ("will fail again" in body) is bool(said)


def test_an_incident_without_a_key_says_so() -> None:
    case = a_case(a_signal(""), Evidence())
    alert = compose_digest(an_incident(case.signal.incident_key), a_finding(case).assessment, HOME)
    assert "no key id" in alert.subject
    assert "none:" not in alert.body


hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300))


@given(hostile, hostile, hostile, hostile)
def test_no_text_of_a_caller_breaks_the_limits_or_smuggles_a_link_or_a_line(
    agent: str, region: str, service: str, principal: str
) -> None:
    signal = a_signal(region=region, service=service)
    assessment = a_finding(a_case(signal)).assessment
    caller = a_caller(source=agent, user_agent=agent)
    on = Reactivation(at=NOON, by=principal)
    incident = going_on(
        callers=(caller,),
        rotation=replace(FAILED, reason=principal),
        reactivation=on,
        reported=ReportedState(reactivated_at=NOON),
    )
    for alert in (
        compose_update(incident, assessment, HOME, PendingUpdate(callers=(caller,), regions=(region,))),
        compose_reactivation(incident, assessment, HOME, on),
        closing(incident, an_active_key(), assessment),
    ):
        assert len(alert.subject) <= SUBJECT_LIMIT
        assert all(" " <= character <= "~" for character in alert.subject)
        assert not LINK.search(alert.subject)
        assert alert.body.count("\n") <= BODY_LIMIT
        assert all(character == "\n" or " " <= character <= "~" for character in alert.body)
        assert set(alert.attributes.values()).isdisjoint({""})


@pytest.mark.parametrize(
    "compose",
    [
        lambda incident, assessment: compose_update(
            incident, assessment, HOME, PendingUpdate(passed=100_000)
        ),
        lambda incident, assessment: compose_update(incident, assessment, HOME, PendingUpdate(callers=CROWD)),
        lambda incident, assessment: compose_reactivation(incident, assessment, HOME, ON),
        lambda incident, assessment: compose_digest(incident, assessment, HOME),
        lambda incident, assessment: closing(incident, Evidence(), assessment),
    ],
)
def test_a_subject_names_the_owner_though_service_and_region_have_no_room(
    compose: Callable[[Incident, Assessment], Alert],
) -> None:
    name = "deploy-bot-for-the-payments-platform"
    assessment = replace(
        ASSESSMENT, owner=AffectedOwner(name=name, id=""), service="secretsmanager", region="ap-southeast-1"
    )
    assert f"key-inactive: {name}, " in compose(going_on(count=100_000), assessment).subject


@given(IAM_NAMES)
def test_no_user_name_breaks_the_subject(name: str) -> None:
    alert = compose_digest(going_on(), replace(ASSESSMENT, owner=AffectedOwner(name=name, id="")), HOME)
    assert len(alert.subject) <= SUBJECT_LIMIT
    assert not LINK.search(alert.subject)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (90, "1 minute"), (7200, "2 hours"), (200_000, "2 days")],
)
def test_a_duration_is_said_in_its_largest_unit(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


REACTIVATED = replace(
    a_change("UpdateAccessKey", status="Active"), at=NOON + timedelta(hours=2), by="user/carol"
)


@pytest.mark.parametrize(
    ("incident", "evidence", "said"),
    [
        (going_on(), an_inactive_key(), "the cause of the recovery is unknown"),
        (going_on(count=0), an_inactive_key(), "the predicted outage did not occur"),
        (going_on(), an_active_key(), "who reactivated it is unknown"),
        (going_on(reactivation=ON), an_active_key(), "user/alice reactivated it"),
        (
            going_on(alerted=an_assessment(cause=Cause.ACTIVE_KEY_REJECTED)),
            an_active_key(),
            "The calls stopped; the cause of the recovery is unknown. The key was active all the time.",
        ),
        (
            going_on(reactivation=ON),
            an_inactive_key(key=a_listed_key(), history=(REACTIVATED,)),
            "user/carol reactivated it",
        ),
        (going_on(), a_superseded_key(), "newer key"),
        (
            going_on(rotation=SUCCEEDED),
            an_inactive_key(),
            "A rotation stored a new key in the managed secret",
        ),
        (going_on(rotation=FAILED), an_inactive_key(), "the cause of the recovery is unknown"),
    ],
)
def test_the_closing_says_what_resolved_the_incident_by_the_evidence(
    incident: Incident, evidence: Evidence, said: str
) -> None:
    assert said in " ".join(explain_resolution(incident, evidence))


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (an_active_key(), "IAM lists the key as Active now."),
        (an_inactive_key(), "IAM lists the key as Inactive now."),
        (a_deleted_key(), "IAM does not list the key now."),
        (Evidence(), ""),
    ],
)
def test_the_status_of_a_reactivated_key_is_what_iam_says_now(evidence: Evidence, said: str) -> None:
    assert describe_status(evidence) == said


def used(minutes: float) -> LastUse:
    return replace(LAST_USE, at=NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("rotation", "use", "last_failure", "expected"),
    [
        (SUCCEEDED, used(30), 10, True),
        (SUCCEEDED, used(30), 31, False),
        (SUCCEEDED, used(3), -1, False),  # the rotation's own trial
        (SUCCEEDED, None, -1, False),
        (None, used(30), 10, False),
    ],
)
def test_a_consumer_is_healthy_once_it_uses_the_new_key_and_nothing_has_failed_since(
    rotation: RotationEnd | None, use: LastUse | None, last_failure: int, expected: bool
) -> None:
    incident = going_on(rotation=rotation, last_seen=NOON + timedelta(minutes=last_failure))
    assert consumer_is_healthy(incident, use) is expected
