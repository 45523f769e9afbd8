"""What is known of a secret without reading it: which key it names, which it named, whose it may borrow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.aws.domain.iam import ListedKey
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from lambdas.ledger.domain.owner import Owner
from lambdas.rotation.domain.fail_overs import BorrowedKey, LentKey
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_context import Backup, ReplacementMethod, RotationContext
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from tests.support.builders import NOON
from tests.support.fakes import NOON_LONG_AGO, FakeIam, FakeRotationService

SECRET, BACKUPS_SECRET = "access-keys/alice", "access-keys/bob"
TAGS = {SECRET_TAG: SECRET, MODE_TAG: "auto"}
ALICE = Owner(name="alice", user_id="AIDAalice", tags=TAGS)
KNOWN = RotationState(secret_name=SECRET, current_key_id="AKIANEW", previous_key_id="AKIAOLD")


def a_service(state: RotationState = KNOWN) -> FakeRotationService:
    """Alice has a backup, Bob, whose key is alive."""
    iam = FakeIam(
        users={"alice": {}, "bob": {"AKIABOB": "Active"}},
        tags={"bob": {SECRET_TAG: BACKUPS_SECRET, MODE_TAG: "auto"}},
    )
    return FakeRotationService(
        tags={SECRET: {USER_ID_TAG: "AIDAalice"}, BACKUPS_SECRET: {USER_ID_TAG: "AIDAbob"}},
        states={
            SECRET: state,
            BACKUPS_SECRET: RotationState(secret_name=BACKUPS_SECRET, current_key_id="AKIABOB"),
        },
        backups={"alice": "bob"},
        iam=iam,
    )


def keys(**statuses: str) -> list[ListedKey]:
    return [
        ListedKey(access_key_id=key, status=status, created_at=NOON_LONG_AGO)
        for key, status in statuses.items()
    ]


def enrolment(
    service: FakeRotationService, refused: str, others: list[ListedKey], owner: Owner = ALICE
) -> RotationContext:
    found = service.enrolments.read(owner, refused, others, (), is_listed=owner.exists)
    assert found
    return found


def test_the_key_that_a_person_put_into_the_secret_is_known_as_the_current_one() -> None:
    found = enrolment(a_service(), "AKIAOLD", keys(AKIANEW="Active"))
    assert (found.live_key, found.previous) == ("AKIANEW", None)


def test_the_previous_key_is_usable_with_both_versions() -> None:
    found = enrolment(a_service(), "AKIANEW", keys(AKIAOLD="Active"))
    assert found.replacement_method is ReplacementMethod.PREVIOUS
    assert found.previous
    assert (found.previous.version, found.previous.current_version) == ("version-1", "version-2")


RETIRING = Superseded(access_key_id="AKIAOLD", at=NOON, retire_after=NOON, retiring_at=NOON)


@pytest.mark.parametrize(
    ("refused", "status", "state"),
    [
        ("AKIANEW", "Inactive", KNOWN),
        ("AKIATHIRD", "Active", KNOWN),
        ("AKIANEW", "Active", KNOWN.with_superseded(RETIRING)),
        ("AKIANEW", "Active", replace(KNOWN, previous_key_id="")),
    ],
    ids=["deactivated", "not the current one", "being retired", "none"],
)
def test_the_secret_returns_to_no_other_key(refused: str, status: str, state: RotationState) -> None:
    assert enrolment(a_service(state), refused, keys(AKIAOLD=status)).previous is None


@pytest.mark.parametrize(("hours", "remembered"), [(23, True), (25, False)])
def test_a_denied_creation_is_remembered_for_a_day(hours: int, *, remembered: bool) -> None:
    state = replace(KNOWN, creation_denied_at=NOON - timedelta(hours=hours))
    found = enrolment(a_service(state), "AKIANEW", [])
    assert found.creation_denied is remembered


def test_a_backup_is_usable_if_both_slots_are_taken() -> None:
    found = enrolment(a_service(), "AKIANEW", keys(AKIAOLD="Inactive"))
    assert (found.replacement_method, found.backup) == (
        ReplacementMethod.BACKUP,
        Backup(user_name="bob", function_name="FailOver"),
    )


def test_a_backup_is_usable_for_a_deleted_user() -> None:
    found = enrolment(a_service(), "AKIANEW", [], replace(ALICE, exists=False))
    assert (found.replacement_method, found.binding_refusal, found.is_gone) == (
        ReplacementMethod.BACKUP,
        "",
        True,
    )


def test_nobody_borrows_if_a_new_key_can_be_created() -> None:
    assert enrolment(a_service(), "AKIANEW", []).replacement_method is ReplacementMethod.ROTATION


@pytest.mark.parametrize("spoiled", ["key", "binding", "quarantine", "tags", "state"])
def test_a_backup_that_is_not_usable_lends_nothing(spoiled: str) -> None:
    service = a_service()
    if spoiled == "key":
        service.iam.users["bob"]["AKIABOB"] = "Inactive"
    elif spoiled == "binding":
        service.tags[BACKUPS_SECRET] = {}
    elif spoiled == "quarantine":
        service.iam.policies["bob"] = "AWSCompromisedKeyQuarantineV3"
    elif spoiled == "tags":
        service.iam.tags["bob"] = {}
    else:
        del service.states[BACKUPS_SECRET]
    assert (
        enrolment(service, "AKIANEW", keys(AKIAOLD="Inactive")).replacement_method
        is ReplacementMethod.ROTATION
    )


def test_a_borrowed_key_that_works_is_what_the_consumer_has_to_read() -> None:
    loan = BorrowedKey(access_key_id="AKIABOB", lender="bob", since=NOON)
    state = replace(KNOWN, current_key_id="AKIABOB", loan=loan)
    assert enrolment(a_service(state), "AKIANEW", []).live_key == "AKIABOB"


def test_to_whom_the_refused_key_is_lent_is_known() -> None:
    state = KNOWN.with_lent(LentKey(access_key_id="AKIANEW", borrower="access-keys/carol", since=NOON))
    assert enrolment(a_service(state), "AKIANEW", []).lent_to == ("access-keys/carol",)


@pytest.mark.parametrize(
    ("mode", "deployed"), [("notify", Mode.AUTO), ("auto", Mode.NOTIFY), ("x", Mode.AUTO)]
)
def test_in_mode_notify_a_secret_that_is_not_created_yet_refuses_nothing(mode: str, deployed: Mode) -> None:
    service = a_service()
    service.deployed_mode = deployed
    del service.tags[SECRET]
    owner = replace(ALICE, tags={SECRET_TAG: SECRET, MODE_TAG: mode})
    assert enrolment(service, "AKIANEW", [], owner).binding_refusal == ""


def test_in_any_other_mode_a_missing_secret_is_a_refusal() -> None:
    service = a_service()
    del service.tags[SECRET]
    assert "there is no such secret" in enrolment(service, "AKIANEW", []).binding_refusal
