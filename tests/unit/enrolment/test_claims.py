"""What becomes of a claim, over the states of both sides."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from lambdas.enrolment.domain.claims import (
    ClaimContext,
    ClaimedSecret,
    EnrolmentSettings,
    PreviousClaim,
    RotationSchedule,
    decide_claim,
    first_version,
    flaw_of_name,
    is_to_be_released,
)
from lambdas.enrolment.domain.own_user_policy import Access, PolicyFound
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim
from lambdas.rotation.domain.modes import Mode

OURS, THEIRS = "arn:ours", "arn:theirs"
NAME = "access-keys/alice"
TERMS = EnrolmentSettings(prefix="access-keys/", function=OURS, schedule_days=90)
CLAIM = Claim(user_name="alice", user_id="AIDAALICE", secret_name=NAME, mode="auto")
BOUND = {USER_ID_TAG: "AIDAALICE"}
NEW = first_version("AIDAALICE", NAME)
MADE = ClaimedSecret(tags=BOUND, current=NEW)
ADOPTED = ClaimedSecret(tags=BOUND, current="an administrator's")
BY_HAND = replace(MADE, function=OURS, is_on=True)
SCHEDULED = replace(ADOPTED, function=OURS, is_on=True, days=90)


def met(secret: ClaimedSecret | None, **other: object) -> ClaimContext:
    found = ClaimContext(secret=secret, quarantine_policy="", stage_mode=Mode.AUTO, stopped=False)
    return replace(found, **other)  # type: ignore[arg-type] # each of its own field's type


REFUSED = [
    ("outside the prefix", CLAIM, "elsewhere/alice", met(None), "not under access-keys/"),
    ("no name at all", CLAIM, "access-keys/", met(None), "no secret can have the name"),
    ("no name of a secret", CLAIM, "access-keys/a b", met(None), "no secret can have the name"),
    (
        "quarantined",
        CLAIM,
        NAME,
        met(None, quarantine_policy="AWSCompromisedKeyQuarantineV3"),
        "QuarantineV3",
    ),
    ("quarantined, enrolled", CLAIM, NAME, met(SCHEDULED, quarantine_policy="Quarantine"), "quarantined by"),
    ("going", CLAIM, NAME, met(replace(MADE, is_being_deleted=True)), "scheduled for deletion"),
    ("another's", CLAIM, NAME, met(replace(MADE, tags={USER_ID_TAG: "AIDABOB"})), "bound to another user"),
    ("nobody's", CLAIM, NAME, met(replace(MADE, tags={"team": "blue"})), "names no user"),
    ("other function", CLAIM, NAME, met(replace(MADE, function=THEIRS, is_on=True)), "another function"),
]


@pytest.mark.parametrize(("what", "claim", "name", "meets", "flaw"), REFUSED, ids=[c[0] for c in REFUSED])
@pytest.mark.parametrize("mode", ["notify", "auto", "sometimes"])
def test_a_refused_claim_changes_nothing_whatever_its_mode(
    what: str, claim: Claim, name: str, meets: ClaimContext, flaw: str, mode: str
) -> None:
    verdict = decide_claim(replace(claim, secret_name=name, mode=mode), meets, TERMS)
    assert flaw in verdict.flaw, what
    assert (verdict.is_granted, verdict.creates, verdict.rotating) == (False, False, None)


GRANTED: list[tuple[str, ClaimedSecret | None, RotationSchedule | None, RotationSchedule | None]] = [
    # what, the secret, what is set with effective mode notify or approve, and with auto
    ("there is none", None, RotationSchedule.MANUAL, RotationSchedule.IMMEDIATE),
    ("made, then died", MADE, RotationSchedule.MANUAL, RotationSchedule.IMMEDIATE),
    ("an administrator's", ADOPTED, RotationSchedule.MANUAL, RotationSchedule.SCHEDULED),
    ("set by hand", BY_HAND, None, RotationSchedule.IMMEDIATE),
    ("set by hand, rotated", replace(BY_HAND, current="later"), None, RotationSchedule.SCHEDULED),
    ("scheduled", SCHEDULED, RotationSchedule.DISABLED, None),
    (
        "another number of days",
        replace(SCHEDULED, days=30),
        RotationSchedule.DISABLED,
        RotationSchedule.SCHEDULED,
    ),
    (
        "an administrator's own schedule",
        replace(SCHEDULED, days=10, has_expression=True),
        RotationSchedule.DISABLED,
        None,
    ),
    ("switched off", replace(SCHEDULED, is_on=False), None, RotationSchedule.SCHEDULED),
    (
        "another function, switched off",
        replace(ADOPTED, function=THEIRS),
        RotationSchedule.MANUAL,
        RotationSchedule.SCHEDULED,
    ),
]
MODES = tuple(itertools.product(["notify", "approve", "auto"], Mode))


@pytest.mark.parametrize(("mode", "stage"), MODES)
@pytest.mark.parametrize(("what", "secret", "below", "auto"), GRANTED, ids=[c[0] for c in GRANTED])
def test_what_a_granted_claim_lacks_is_set_by_the_smaller_mode(
    what: str,
    secret: ClaimedSecret | None,
    below: RotationSchedule | None,
    auto: RotationSchedule | None,
    mode: str,
    stage: Mode,
) -> None:
    verdict = decide_claim(replace(CLAIM, mode=mode), met(secret, stage_mode=stage), TERMS)
    both_auto = (mode, stage) == ("auto", Mode.AUTO)
    assert verdict.rotating == (auto if both_auto else below), what
    assert (verdict.flaw, verdict.creates, verdict.waits) == ("", secret is None, "")


@pytest.mark.parametrize(("what", "secret", "below", "auto"), GRANTED, ids=[c[0] for c in GRANTED])
def test_the_kill_switch_keeps_schedules_and_first_rotations_waiting_and_nothing_else(
    what: str, secret: ClaimedSecret | None, below: RotationSchedule | None, auto: RotationSchedule | None
) -> None:
    stopped = decide_claim(CLAIM, met(secret, stopped=True), TERMS)
    assert (stopped.rotating, bool(stopped.waits)) == (None, auto is not None), what
    approve = decide_claim(replace(CLAIM, mode="approve"), met(secret, stopped=True), TERMS)
    assert (approve.rotating, approve.waits) == (below, "")


@pytest.mark.parametrize("mode", ["approve", "auto"])
def test_while_the_kill_switch_is_on_no_user_is_let_in_and_one_may_be_kept_out(mode: str) -> None:
    claim = replace(CLAIM, mode=mode)
    stopped = met(SCHEDULED, stopped=True, policy=PolicyFound.NONE)
    verdict = decide_claim(claim, stopped, TERMS)
    assert (verdict.access, verdict.waits) == (None, "the kill switch is on")
    assert decide_claim(claim, replace(stopped, stopped=False), TERMS).access is Access.GRANT
    quarantined = replace(stopped, policy=PolicyFound.OWN, quarantine_policy="Quarantine")
    assert decide_claim(claim, quarantined, TERMS).access is Access.REVOKE


@pytest.mark.parametrize("mode", ["approve", "auto"])
@pytest.mark.parametrize(("what", "secret", "below", "auto"), GRANTED, ids=[c[0] for c in GRANTED])
def test_nothing_is_set_while_a_rotation_is_under_way(
    what: str,
    secret: ClaimedSecret | None,
    below: RotationSchedule | None,
    auto: RotationSchedule | None,
    mode: str,
) -> None:
    if secret is None:
        return
    verdict = decide_claim(replace(CLAIM, mode=mode), met(replace(secret, is_rotating=True)), TERMS)
    wanted = auto if mode == "auto" else below
    assert (verdict.rotating, bool(verdict.waits)) == (None, wanted is not None), what


def test_an_unknown_mode_is_taken_for_notify_and_told() -> None:
    verdict = decide_claim(replace(CLAIM, mode="always"), met(None), TERMS)
    assert (verdict.rotating, verdict.creates) == (RotationSchedule.MANUAL, True)
    assert "no such mode" in verdict.flaw


@pytest.mark.parametrize("name", [NAME, "access-keys/a/b", "access-keys/A_b+c=d.e@f-1"])
def test_a_name_under_the_prefix_is_looked_at(name: str) -> None:
    assert flaw_of_name(name, "access-keys/") == ""


def test_the_first_version_is_one_that_secrets_manager_takes_and_each_users_and_secrets_own() -> None:
    names = [("AIDAALICE", NAME), ("AIDABOB", NAME), ("AIDAALICE", "access-keys/bob")]
    assert len({first_version(user, name) for user, name in names}) == 3
    assert all(32 <= len(first_version(user, name)) <= 64 for user, name in names)


FORMER = PreviousClaim(
    secret=SCHEDULED, user_name="alice", user_id="AIDAALICE", bound_name="alice", bound_id="AIDAALICE"
)
RELEASED = [
    ("given up", FORMER, True),
    ("the user is gone", replace(FORMER, user_id=""), True),
    ("a later user of the name", replace(FORMER, user_id="AIDANEW"), False),
    ("never the user's", replace(FORMER, bound_name="bob", bound_id="AIDABOB"), False),
    ("never enrolled", replace(FORMER, bound_name="", bound_id=""), False),
    ("bound anew", replace(FORMER, secret=replace(SCHEDULED, tags={USER_ID_TAG: "AIDABOB"})), False),
    ("no schedule", replace(FORMER, secret=BY_HAND), False),
    ("switched off", replace(FORMER, secret=replace(SCHEDULED, is_on=False)), False),
    ("under way", replace(FORMER, secret=replace(SCHEDULED, is_rotating=True)), False),
    ("going", replace(FORMER, secret=replace(SCHEDULED, is_being_deleted=True)), False),
    ("other function", replace(FORMER, secret=replace(SCHEDULED, function=THEIRS)), False),
]


@pytest.mark.parametrize(("what", "former", "released"), RELEASED, ids=[c[0] for c in RELEASED])
def test_a_schedule_ends_with_the_claim_of_the_user_whose_secret_it_is(
    what: str, former: PreviousClaim, *, released: bool
) -> None:
    assert is_to_be_released(former, TERMS) is released, what
