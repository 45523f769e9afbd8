from __future__ import annotations

import os
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT
from lambdas.alerting.domain.notification_alert import compose_notification_alert
from lambdas.enrolment.domain.claim_notifications import who_changed_the_tags
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, claim_violation
from lambdas.rotation.domain.notification import Notification, NotificationKind
from tests.support.builders import HOME, a_notification, key_id
from tests.support.paths import GOLDEN
from tests.unit.test_text import HOSTILE

NOTIFICATIONS = GOLDEN / "notifications"
# Times and IP addresses are no links.
LINK = re.compile(r"\w[.@][A-Za-z]|[A-Za-z]:[A-Za-z0-9/+]|://|\bwww\.", re.ASCII)
TOKEN = "7ac47c8c-f328-423b-9698-6926dd1f293e"
UNCHANGED = f"AWSCURRENT is unchanged and still contains {key_id()}."
USES = (
    "Last use: s3 in eu-central-1, 2026-03-14 11:45:00 UTC.",
    "203.0.113.7, Boto3/1[.]43 made 12 calls of s3 in eu-central-1, the last at 2026-03-14 11:52:10 UTC.",
)
CASES = {
    "rotation-succeeded": a_notification(
        new_key_id=key_id(2),
        token=TOKEN,
        facts=(
            f"AWSCURRENT contains {key_id(2)}.",
            f"{key_id()} stays active at least until 2026-03-15 12:00:00 UTC.",
        ),
    ),
    "rotation-failed": a_notification(
        NotificationKind.ROTATION_FAILED,
        token=TOKEN,
        step="testSecret",
        reason="AWS does not accept the new key yet",
        facts=(UNCHANGED, f"{key_id(2)} was created and is stored under AWSPENDING."),
    ),
    "rotation-refused": a_notification(
        NotificationKind.ROTATION_FAILED,
        token=TOKEN,
        step="createSecret",
        reason=f"no free slot for a new key: alice holds {key_id()} (Active, last used with s3 in"
        f" eu-central-1 at 2026-03-14 11:45:00 UTC) and {key_id(2)} (Active, never used)",
        refused=True,
        held_keys=(key_id(), key_id(2)),
        facts=(UNCHANGED, "No new key is known to have been created."),
    ),
    "rotation-refused-inactive-key": a_notification(
        NotificationKind.ROTATION_FAILED,
        token=TOKEN,
        step="createSecret",
        reason=f"no free slot for a new key: alice holds {key_id()} (Active, last used with s3 in"
        f" eu-central-1 at 2026-03-14 11:45:00 UTC) and {key_id(2)} (Inactive, last used with s3 in"
        " eu-central-1 at 2026-03-12 11:45:00 UTC)",
        refused=True,
        held_keys=(key_id(), key_id(2)),
        inactive_key=key_id(2),
        facts=(UNCHANGED, "No new key is known to have been created."),
    ),
    "claim-refused": a_notification(
        NotificationKind.CLAIM_REFUSED,
        access_key_id="",
        reason="the secret is bound to another user, or to an earlier one of the same name",
    ),
    "claim-refused-half": a_notification(
        NotificationKind.CLAIM_REFUSED,
        access_key_id="",
        secret_name="",
        reason=claim_violation({MODE_TAG: "auto"}),
        facts=("alice (UserId AIDAALICE) names no secret.",),
    ),
    "enrolment-ended": a_notification(
        NotificationKind.ENROLMENT_ENDED,
        access_key_id="",
        mode="auto",
        facts=who_changed_the_tags("user/terraform"),
    ),
    "key-wanted": a_notification(NotificationKind.KEY_WANTED, reason="it is still in use", facts=USES),
    "key-retired": a_notification(
        NotificationKind.KEY_RETIRED,
        facts=(*USES, "It is deleted after 2026-03-21 12:00:00 UTC. To keep it, reactivate it before then."),
    ),
    "key-deleted": a_notification(NotificationKind.KEY_DELETED),
    "key-unused": a_notification(
        NotificationKind.KEY_UNUSED,
        facts=(
            "It has been inactive since 2026-02-10 12:00:00 UTC or earlier.",
            "It is deleted after 2026-03-21 12:00:00 UTC. To keep it, reactivate it before then.",
        ),
    ),
    "key-removed": a_notification(NotificationKind.KEY_REMOVED),
    "key-kept-off": a_notification(
        NotificationKind.KEY_KEPT_OFF,
        reason="the user is quarantined by AWSCompromisedKeyQuarantineV3: a leaked key is never replaced",
        facts=("from 203.0.113.7, Boto3/1[.]43",),
    ),
    "secret-gone": a_notification(
        NotificationKind.SECRET_GONE, access_key_id="", facts=("AKIARZPUZDIKAAAAAAAB is active.",)
    ),
    "fields-not-renewed": a_notification(
        NotificationKind.FIELDS_NOT_RENEWED,
        facts=(
            "Not renewed: Password looks like an SES SMTP password, but is derived from no key known here.",
        ),
    ),
    "key-left": a_notification(NotificationKind.KEY_LEFT, reason="the user is not enrolled"),
    "failed-over": a_notification(
        NotificationKind.FAILED_OVER,
        new_key_id=key_id(2),
        reason="it is a key of the backup user alice-backup",
    ),
    "key-given-back": a_notification(
        NotificationKind.KEY_GIVEN_BACK, facts=("from 203.0.113.7, Boto3/1[.]43",)
    ),
}


def composed(notification: Notification) -> Any:
    return compose_notification_alert(
        notification, deployment=HOME, region="eu-central-1", contact="team-a@example.com"
    )


@pytest.mark.parametrize("name", CASES)
def test_each_alert_of_a_notification_reads_as_its_golden_file(name: str) -> None:
    """UPDATE_GOLDEN=1 rewrites the files; review the diff."""
    alert = composed(CASES[name])
    attributes = "".join(f"{key}: {value}\n" for key, value in alert.attributes.items())
    text = f"Subject: {alert.subject}\n{attributes}\n{alert.body}"
    golden = NOTIFICATIONS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_kind_of_notification_has_a_golden_file() -> None:
    assert {path.stem for path in NOTIFICATIONS.glob("*.txt")} == set(CASES)
    assert {notification.kind for notification in CASES.values()} == set(NotificationKind)


@st.composite
def notifications(draw: st.DrawFn) -> Notification:
    """Whatever may be in them: the names of users and secrets, and the tags, are of anybody's choice."""
    text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=600))
    return a_notification(
        draw(st.sampled_from(tuple(NotificationKind))),
        secret_name=draw(text),
        user_name=draw(text),
        access_key_id=draw(st.one_of(st.just(key_id()), text)),
        new_key_id=draw(text),
        mode=draw(st.one_of(st.just("auto"), text)),
        step=draw(st.one_of(st.just("createSecret"), text)),
        reason=draw(text),
        token=draw(text),
        refused=draw(st.booleans()),
        held_keys=tuple(draw(st.lists(st.one_of(st.sampled_from((key_id(), key_id(2))), text), max_size=4))),
        facts=tuple(draw(st.lists(text, max_size=15))),
    )


@given(notifications(), st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300)))
def test_whatever_is_in_a_notification_its_alert_is_bounded_sanitised_and_complete(
    notification: Notification, contact: str
) -> None:
    alert = compose_notification_alert(notification, deployment=HOME, region="eu-central-1", contact=contact)
    assert 0 < len(alert.subject) <= SUBJECT_LIMIT
    assert alert.subject.isprintable()
    assert alert.body.count("\n") <= BODY_LIMIT
    assert all(value and value.isprintable() for value in alert.attributes.values())
    prose = re.sub(r"WHAT TO RUN\n.*?\n\n|WHERE TO LOOK\n.*", "", alert.body, flags=re.DOTALL)
    assert not LINK.search(prose + alert.subject)
    assert not re.search(r"[<>`|{}]", prose + alert.subject)
