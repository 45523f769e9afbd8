"""Things under test, each with sane defaults, so that a test says only what matters to it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.aws.domain.deployment import Deployment
from lambdas.aws.domain.iam import Caller, Issue, KeyChange, LastUse, ListedKey
from lambdas.decisions.domain.decision import decide
from lambdas.decisions.domain.exemption import Exemption
from lambdas.detection.domain.signal import Signal
from lambdas.detection.signal_parser import parse_message
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.diagnosis import Case
from lambdas.diagnosis.domain.evidence import Evidence, NearMiss, Successor
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import Assessment, Incident
from lambdas.incidents.domain.update_policy import UpdatePolicy
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.domain.near_miss import masked
from lambdas.ledger.domain.occurrence import Occurrence, recorded
from lambdas.ledger.domain.owner import Owner
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.notification import Notification, NotificationKind

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
NOON = datetime(2026, 3, 14, 12, 0, 0, tzinfo=UTC)
REFUSED = "The security token included in the request is invalid."
HOME = Deployment(
    account=ACCOUNT,
    partition="aws",
    known_accounts={ACCOUNT: "production"},
    region="eu-central-1",
    incident_table="Incidents",
)


def key_id(number: int = 1, *, account: str = ACCOUNT, prefix: str = "AKIA") -> str:
    """An id that decodes to the account, as AWS makes them."""
    bits = (1 << 47) | (int(account) << 7)
    return prefix + base64.b32encode(bits.to_bytes(6, "big") + number.to_bytes(4, "big")).decode()


def a_caller(
    source: str = "203.0.113.7", user_agent: str = "Boto3/1.43.106 Python/3.13.0", vpc_endpoint: str = ""
) -> Caller:
    return Caller(source=source, user_agent=user_agent, vpc_endpoint=vpc_endpoint)


def a_signal(access_key_id: str = key_id(), **changes: Any) -> Signal:
    fields: dict[str, Any] = {
        "access_key_id": access_key_id,
        "error_code": "InvalidClientTokenId",
        "error_message": REFUSED,
        "service": "sts",
        "operation": "GetCallerIdentity",
        "region": "eu-central-1",
        "account": ACCOUNT,
        "principal": "AIDAEXAMPLE",
        "principal_type": "IAMUser",
        "caller": a_caller(),
        "made_by_aws": False,
        "occurred_at": NOON,
        "event_id": "5d1a0c0e-1111-2222-3333-444455556666",
    }
    return Signal(**(fields | changes))


def signal_in(body: str) -> Signal | None:
    """What is in a message that is of no notification."""
    parsed = parse_message(body)
    assert not isinstance(parsed, Notification)
    return parsed


def a_notification(
    kind: NotificationKind = NotificationKind.ROTATION_SUCCEEDED, **changes: Any
) -> Notification:
    fields: dict[str, Any] = {
        "notification_id": f"{kind}:access-keys/alice",
        "kind": kind,
        "at": NOON,
        "secret_name": "access-keys/alice",
        "user_name": "alice",
        "access_key_id": key_id(),
    }
    return Notification(**(fields | changes))


def a_predicted_outage(
    event_name: str = "UpdateAccessKey", access_key_id: str = key_id(), at: datetime = NOON
) -> Signal:
    """The signal of a key in use that was just deactivated or deleted."""
    change = KeyStateChange(
        access_key_id=access_key_id, event_name=event_name, at=at, by="user/bob", user_name="alice"
    )
    caller = Caller(source="", user_agent="")
    nothing = {"error_code": "", "error_message": "", "region": "", "principal_type": ""}
    return a_signal(
        access_key_id,
        service="iam",
        operation=event_name,
        principal="user/bob",
        caller=caller,
        predicted_outage=change,
        occurred_at=at,
        **nothing,
    )


def a_record(access_key_id: str | None = key_id(), **changes: Any) -> dict[str, Any]:
    """A CloudTrail record of a refused call; `access_key_id` None leaves the field out."""
    identity = {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": ACCOUNT}
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": identity | ({} if access_key_id is None else {"accessKeyId": access_key_id}),
        "eventTime": "2026-03-14T12:00:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "Boto3/1.43.106 Python/3.13.0",
        "errorCode": "InvalidClientTokenId",
        "errorMessage": REFUSED,
        "requestParameters": None,
        "responseElements": None,
        "eventID": "5d1a0c0e-1111-2222-3333-444455556666",
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
    }
    return record | changes


def an_event(record: Mapping[str, Any], **changes: Any) -> str:
    """The record in its EventBridge envelope, as the signal queue holds it."""
    envelope = {
        "version": "0",
        "id": "131e6c98-9e4a-7fc6-af8d-d86067a76865",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.sts",
        "account": ACCOUNT,
        "time": "2026-03-14T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": record,
    }
    return json.dumps(envelope | changes)


def a_report(access_key_id: str = key_id(), **changes: Any) -> dict[str, Any]:
    """What a program says of its refused call."""
    report: dict[str, Any] = {
        "event": "access-key-refused",
        "schemaVersion": "1.0",
        "accessKeyId": access_key_id,
        "errorCode": "InvalidClientTokenId",
        "errorMessage": REFUSED,
        "service": "sts",
        "operation": "GetCallerIdentity",
        "region": "eu-central-1",
        "endpoint": "https://sts.eu-central-1.amazonaws.com",
        "sdk": "Botocore/1.43.0",
        "host": "ci-7",
        "credentialSource": "env",
        "at": "2026-03-14T12:00:00Z",
        "count": 1,
    }
    return report | changes


def a_report_event(report: object, **changes: Any) -> str:
    """The report as the signal queue holds it."""
    envelope = {
        "detail-type": "Access Key Refused",
        "source": "access-key-remediator.report",
        "account": ACCOUNT,
        "time": "2026-03-14T12:00:00Z",
        "region": "eu-central-1",
        "detail": report,
    }
    return json.dumps(envelope | changes)


def a_listed_key(access_key_id: str = key_id(), status: str = "Active") -> ListedKey:
    return ListedKey(
        access_key_id=access_key_id, status=status, created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    )


def a_change(event_name: str, *, status: str = "", user_name: str = "alice") -> KeyChange:
    return KeyChange(
        event_name=event_name,
        at=datetime(2026, 3, 14, 11, 58, 0, tzinfo=UTC),
        by="user/bob",
        user_name=user_name,
        status=status,
    )


ALICE = Owner(name="alice", user_id="AIDAALICE")
DELETED_USER = Owner(
    name="alice",
    exists=False,
    deletion=recorded(NOON - timedelta(minutes=1), "user/carol"),
    tags={SECRET_TAG: "access-keys/alice", MODE_TAG: "auto"},
)
FOUND_BY_SYNC = Occurrence(after=NOON - timedelta(days=1), until=NOON)
LAST_USE = LastUse(at=datetime(2026, 3, 14, 11, 45, 0, tzinfo=UTC), service="sts", region="eu-central-1")


def an_inactive_key(**changes: Any) -> Evidence:
    fields: dict[str, Any] = {
        "looked_up": True,
        "owner": ALICE,
        "key": a_listed_key(status="Inactive"),
        "other_keys": (a_listed_key(key_id(2)),),
        "last_use": LAST_USE,
        "history": (a_change("UpdateAccessKey", status="Inactive"),),
    }
    return Evidence(**(fields | changes))


def a_deleted_key(**changes: Any) -> Evidence:
    fields: dict[str, Any] = {
        "looked_up": True,
        "owner": ALICE,
        "history": (a_change("DeleteAccessKey"),),
    }
    return Evidence(**(fields | changes))


def an_active_key() -> Evidence:
    return Evidence(looked_up=True, owner=Owner(name="alice"), key=a_listed_key(), last_use=LAST_USE)


def a_superseded_key(**changes: Any) -> Evidence:
    successor = Successor(access_key_id=key_id(2), created_at=NOON - timedelta(hours=1), last_use=LAST_USE)
    return an_inactive_key(successor=successor, **changes)


def a_quarantined_key() -> Evidence:
    return an_inactive_key(quarantine_policy="AWSCompromisedKeyQuarantineV3")


def an_issue() -> Issue:
    return Issue(event_name="AssumeRole", at=NOON, by="user/bob", to="role/app", account=ACCOUNT)


NEAR = Evidence(looked_up=True, near_miss=NearMiss(masked_id=masked(key_id(2)), owner_name="alice"))


def an_unknown_key() -> Evidence:
    return Evidence(looked_up=True, lookup_confirmed=True)


def an_exemption(name: str = "user:alice", **changes: Any) -> Exemption:
    """In force at noon and for a day more."""
    fields: dict[str, Any] = {
        "name": name,
        "reason": "replaced in May",
        "author": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/bob",
        "expires": NOON + timedelta(days=1),
    }
    return Exemption(**(fields | changes))


def a_case(
    signal: Signal | None = None, evidence: Evidence | None = None, deployment: Deployment = HOME
) -> Case:
    return Case(signal=signal or a_signal(), evidence=evidence or an_inactive_key(), deployment=deployment)


def an_incident(key: str = key_id(), **changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "key": key,
        "opened_at": "2026-03-14T12:00:01.000000Z",
        "count": 1,
        "first_seen": NOON,
        "last_seen": NOON,
        "callers": (a_caller(),),
    }
    return Incident(**(fields | changes))


POLICY = UpdatePolicy(
    count_thresholds=(10, 100, 1000, 10_000, 100_000),
    update=timedelta(hours=1),
    digest=timedelta(days=1),
    recheck=timedelta(minutes=15),
    check=timedelta(minutes=5),
    quiet=timedelta(hours=6),
    prediction_window=timedelta(days=14),
)


def a_finding(case: Case | None = None, incident: Incident | None = None) -> Finding:
    case = case or a_case()
    diagnosis = diagnose(case)
    nobody: dict[str, Any] = {"count": 0, "callers": ()} if case.signal.predicted_outage else {}
    return Finding(
        incident=incident or an_incident(case.signal.incident_key, **nobody),
        case=case,
        diagnosis=diagnosis,
        decision=decide(case, diagnosis),
        deployment_mode=Mode.NOTIFY,
        at=NOON,
    )


def an_assessment(**changes: Any) -> Assessment:
    """Of an inactive key at noon, to notify."""
    return replace(a_finding().assessment, **changes)
