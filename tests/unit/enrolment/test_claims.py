"""What becomes of a claim, over the states of both sides."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.enrolment.domain.claims import (
    ClaimContext,
    ClaimDecision,
    EnrolmentSettings,
    PreviousClaim,
    RotationSchedule,
    WaitReason,
    decide_claim,
    first_version,
    function_to_look_up,
    is_to_be_released,
    name_violation,
)
from lambdas.enrolment.domain.own_user_policy import Access, PolicyFound
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim
from lambdas.rotation.domain.modes import Mode
from tests.support.descriptions import KEY_ARN, a_description, rotating, with_current

if TYPE_CHECKING:
    from lambdas.rotation.domain.secret_description import SecretDescription

HOME = "arn:aws:lambda:eu-central-1:123456789012:function"
OURS, THEIRS = f"{HOME}:ours", f"{HOME}:theirs"
NAME = "access-keys/alice"
SETTINGS = EnrolmentSettings(prefix="access-keys/", function=OURS, schedule_days=90, key_arn=KEY_ARN)
CLAIM = Claim(user_name="alice", user_id="AIDAALICE", secret_name=NAME, mode="auto")
BOUND = {USER_ID_TAG: "AIDAALICE"}
NEW = first_version("AIDAALICE", NAME)
MADE = a_description(NEW, tags=BOUND)
ADOPTED = a_description("an administrator's", tags=BOUND)
BY_HAND = replace(MADE, function=OURS, is_rotation_on=True)
SCHEDULED = replace(ADOPTED, function=OURS, is_rotation_on=True, schedule_days=90)


def a_context(secret: SecretDescription | None, **other: object) -> ClaimContext:
    found = ClaimContext(secret=secret, quarantine_policy="", deployment_mode=Mode.AUTO, stopped=False)
    return replace(found, **other)  # type: ignore[arg-type] # each of its own field's type


REFUSED = [
    ("outside the prefix", CLAIM, "elsewhere/alice", a_context(None), "not under access-keys/"),
    ("no name at all", CLAIM, "access-keys/", a_context(None), "the name is not a valid secret name"),
    ("no name of a secret", CLAIM, "access-keys/a b", a_context(None), "the name is not a valid secret name"),
    (
        "quarantined",
        CLAIM,
        NAME,
        a_context(None, quarantine_policy="AWSCompromisedKeyQuarantineV3"),
        "QuarantineV3",
    ),
    (
        "quarantined, enrolled",
        CLAIM,
        NAME,
        a_context(SCHEDULED, quarantine_policy="Quarantine"),
        "quarantined by",
    ),
    ("going", CLAIM, NAME, a_context(replace(MADE, is_being_deleted=True)), "scheduled for deletion"),
    (
        "another's",
        CLAIM,
        NAME,
        a_context(replace(MADE, tags={USER_ID_TAG: "AIDABOB"})),
        "bound to another user",
    ),
    ("nobody's", CLAIM, NAME, a_context(replace(MADE, tags={"team": "blue"})), "names no user"),
    (
        "other function",
        CLAIM,
        NAME,
        a_context(replace(MADE, function=THEIRS, is_rotation_on=True)),
        "another function",
    ),
]


REFUSED += [
    (what, replace(CLAIM, user_name=user), name, a_context(None, **found), reason)
    for what, user, name, found, reason in [
        ("another's name", "alice", "access-keys/bob", {}, "the user's name after the last slash"),
        ("its name as a part", "alice", "access-keys/malice", {}, "the user's name after the last slash"),
        ("its name as a folder", "alice", "access-keys/alice/x", {}, "the user's name after the last slash"),
        ("in other letters", "alice", "access-keys/Alice", {}, "the user's name after the last slash"),
        ("no possible name", "a,b", "access-keys/a,b", {}, "no secret can have the user's name"),
        ("another name for such a user", "a,b", "access-keys/ab", {}, "no secret can have the user's name"),
        (
            "a second one",
            "alice",
            "access-keys/x/alice",
            {"other_secret": NAME},
            "has the secret access-keys/alice",
        ),
    ]
]
REFUSED += [
    (
        what,
        CLAIM,
        NAME,
        a_context(replace(ADOPTED, key_ids=keys)),
        f"not encrypted with a key of this deployment but with {name}",
    )
    for what, keys, name in [
        ("the default key", ("",), "the key aws/secretsmanager"),
        ("another key", ("arn:aws:kms:eu-west-1:42:key/2",), "key/2 of account 42 in eu-west-1"),
        ("a copy under the default key", (KEY_ARN, ""), "the key aws/secretsmanager"),
        ("a copy under another key", (KEY_ARN, "key-2"), "key-2"),
        ("an alias", ("alias/team",), "alias/team"),
        ("no key known", ("", ""), "the key aws/secretsmanager"),
    ]
]
REFUSED += [
    (
        "a replica",
        CLAIM,
        NAME,
        a_context(replace(ADOPTED, primary_region="us-east-1")),
        "the secret is a replica of the one in us-east-1",
    ),
    (
        "a service's",
        CLAIM,
        NAME,
        a_context(replace(ADOPTED, owning_service="rds")),
        "the secret belongs to the AWS service rds",
    ),
]
REFUSED += [
    ("others read it", CLAIM, NAME, a_context(ADOPTED, others_read=True), "lets others read the secret"),
]


@pytest.mark.parametrize(("what", "claim", "name", "context", "reason"), REFUSED, ids=[c[0] for c in REFUSED])
@pytest.mark.parametrize("mode", ["notify", "auto", "sometimes"])
def test_a_refused_claim_changes_nothing_whatever_its_mode(
    what: str, claim: Claim, name: str, context: ClaimContext, reason: str, mode: str
) -> None:
    decision = decide_claim(replace(claim, secret_name=name, mode=mode), context, SETTINGS)
    assert reason in decision.refusal, what
    assert (decision.is_granted, decision.creates, decision.schedule) == (False, False, None)


GRANTED: list[tuple[str, SecretDescription | None, RotationSchedule | None, RotationSchedule | None]] = [
    # what, the secret, what is set with effective mode notify or approve, and with auto
    ("there is none", None, RotationSchedule.MANUAL, RotationSchedule.IMMEDIATE),
    ("created, then interrupted", MADE, RotationSchedule.MANUAL, RotationSchedule.IMMEDIATE),
    ("an administrator's", ADOPTED, RotationSchedule.MANUAL, RotationSchedule.SCHEDULED),
    ("set by hand", BY_HAND, None, RotationSchedule.IMMEDIATE),
    ("set by hand, rotated", with_current(BY_HAND, "later"), None, RotationSchedule.SCHEDULED),
    ("scheduled", SCHEDULED, RotationSchedule.DISABLED, None),
    (
        "another number of days",
        replace(SCHEDULED, schedule_days=30),
        RotationSchedule.DISABLED,
        RotationSchedule.SCHEDULED,
    ),
    (
        "an administrator's own schedule",
        replace(SCHEDULED, schedule_days=10, has_expression=True),
        RotationSchedule.DISABLED,
        None,
    ),
    ("turned off", replace(SCHEDULED, is_rotation_on=False), None, RotationSchedule.SCHEDULED),
    (
        "another function, turned off",
        replace(ADOPTED, function=THEIRS),
        RotationSchedule.MANUAL,
        RotationSchedule.SCHEDULED,
    ),
]
MODES = tuple(itertools.product(["notify", "approve", "auto"], Mode))


@pytest.mark.parametrize(("mode", "deployed"), MODES)
@pytest.mark.parametrize(("what", "secret", "below", "auto"), GRANTED, ids=[c[0] for c in GRANTED])
def test_what_a_granted_claim_lacks_is_set_by_the_smaller_mode(
    what: str,
    secret: SecretDescription | None,
    below: RotationSchedule | None,
    auto: RotationSchedule | None,
    mode: str,
    deployed: Mode,
) -> None:
    decision = decide_claim(replace(CLAIM, mode=mode), a_context(secret, deployment_mode=deployed), SETTINGS)
    if secret is None and Mode.NOTIFY in {mode, deployed}:
        assert decision == ClaimDecision(waits_for=WaitReason.MODE)
        return
    both_auto = (mode, deployed) == ("auto", Mode.AUTO)
    assert decision.schedule == (auto if both_auto else below), what
    assert (decision.refusal, decision.creates, decision.waits_for) == ("", secret is None, None)


@pytest.mark.parametrize(("what", "secret", "below", "auto"), GRANTED, ids=[c[0] for c in GRANTED])
def test_the_kill_switch_keeps_schedules_and_first_rotations_waiting_and_nothing_else(
    what: str, secret: SecretDescription | None, below: RotationSchedule | None, auto: RotationSchedule | None
) -> None:
    stopped = decide_claim(CLAIM, a_context(secret, stopped=True), SETTINGS)
    assert (stopped.schedule, bool(stopped.waits_for)) == (None, auto is not None), what
    approve = decide_claim(replace(CLAIM, mode="approve"), a_context(secret, stopped=True), SETTINGS)
    assert (approve.schedule, approve.waits_for) == (below, None)


@pytest.mark.parametrize("mode", ["approve", "auto"])
def test_while_the_kill_switch_is_on_no_access_is_granted_and_access_may_be_revoked(mode: str) -> None:
    claim = replace(CLAIM, mode=mode)
    stopped = a_context(SCHEDULED, stopped=True, policy=PolicyFound.NONE)
    decision = decide_claim(claim, stopped, SETTINGS)
    assert (decision.access, decision.waits_for) == (None, WaitReason.KILL_SWITCH)
    assert decide_claim(claim, replace(stopped, stopped=False), SETTINGS).access is Access.GRANT
    quarantined = replace(stopped, policy=PolicyFound.OWN, quarantine_policy="Quarantine")
    assert decide_claim(claim, quarantined, SETTINGS).access is Access.REVOKE


@pytest.mark.parametrize("mode", ["approve", "auto"])
@pytest.mark.parametrize(("what", "secret", "below", "auto"), GRANTED, ids=[c[0] for c in GRANTED])
def test_nothing_is_set_while_a_rotation_is_under_way(
    what: str,
    secret: SecretDescription | None,
    below: RotationSchedule | None,
    auto: RotationSchedule | None,
    mode: str,
) -> None:
    if secret is None:
        return
    decision = decide_claim(replace(CLAIM, mode=mode), a_context(rotating(secret)), SETTINGS)
    wanted = auto if mode == "auto" else below
    assert (decision.schedule, bool(decision.waits_for)) == (None, wanted is not None), what


def test_an_unknown_mode_is_read_as_notify_and_reported() -> None:
    for secret, schedule in ((ADOPTED, RotationSchedule.MANUAL), (None, None)):
        decision = decide_claim(replace(CLAIM, mode="always"), a_context(secret), SETTINGS)
        assert (decision.schedule, decision.creates) == (schedule, False)
        assert "the mode in the tag is unknown" in decision.refusal


@pytest.mark.parametrize("name", [NAME, "access-keys/a/b", "access-keys/A_b+c=d.e@f-1"])
def test_a_name_under_the_prefix_is_accepted(name: str) -> None:
    assert name_violation(name, "access-keys/") == ""


def test_the_first_version_is_one_that_secrets_manager_takes_and_each_users_and_secrets_own() -> None:
    names = [("AIDAALICE", NAME), ("AIDABOB", NAME), ("AIDAALICE", "access-keys/bob")]
    assert len({first_version(user, name) for user, name in names}) == 3
    assert all(32 <= len(first_version(user, name)) <= 64 for user, name in names)


PREVIOUS = PreviousClaim(
    secret=SCHEDULED, user_name="alice", user_id="AIDAALICE", bound_name="alice", bound_id="AIDAALICE"
)
RELEASED = [
    ("no longer claimed", PREVIOUS, True),
    ("the user no longer exists", replace(PREVIOUS, user_id=""), True),
    ("a later user of the name", replace(PREVIOUS, user_id="AIDANEW"), False),
    ("never the user's", replace(PREVIOUS, bound_name="bob", bound_id="AIDABOB"), False),
    ("never enrolled", replace(PREVIOUS, bound_name="", bound_id=""), False),
    (
        "bound to another user",
        replace(PREVIOUS, secret=replace(SCHEDULED, tags={USER_ID_TAG: "AIDABOB"})),
        False,
    ),
    ("no schedule", replace(PREVIOUS, secret=BY_HAND), False),
    ("turned off", replace(PREVIOUS, secret=replace(SCHEDULED, is_rotation_on=False)), False),
    ("under way", replace(PREVIOUS, secret=rotating(SCHEDULED)), False),
    ("going", replace(PREVIOUS, secret=replace(SCHEDULED, is_being_deleted=True)), False),
    ("other function", replace(PREVIOUS, secret=replace(SCHEDULED, function=THEIRS)), False),
]


@pytest.mark.parametrize(("what", "previous", "released"), RELEASED, ids=[c[0] for c in RELEASED])
def test_a_schedule_ends_with_the_claim_of_the_user_whose_secret_it_is(
    what: str, previous: PreviousClaim, *, released: bool
) -> None:
    assert is_to_be_released(previous, SETTINGS) is released, what


MANUAL, SCHEDULED_NOW, IMMEDIATE = (
    RotationSchedule.MANUAL,
    RotationSchedule.SCHEDULED,
    RotationSchedule.IMMEDIATE,
)
ROTATED_BY_ANOTHER = replace(ADOPTED, function=THEIRS, is_rotation_on=True)
OF_A_FUNCTION_THAT_IS_GONE = [
    # what, the secret, what is set with mode approve, why that is continued later, and what is set with auto
    ("by hand", ROTATED_BY_ANOTHER, MANUAL, None, SCHEDULED_NOW),
    ("without a key", with_current(ROTATED_BY_ANOTHER, NEW), MANUAL, None, IMMEDIATE),
    (
        "on schedule",
        replace(ROTATED_BY_ANOTHER, schedule_days=90),
        MANUAL,
        WaitReason.EARLIER_SCHEDULE,
        SCHEDULED_NOW,
    ),
    (
        "by an expression",
        replace(ROTATED_BY_ANOTHER, schedule_days=10, has_expression=True),
        MANUAL,
        WaitReason.EARLIER_SCHEDULE,
        SCHEDULED_NOW,
    ),
]


@pytest.mark.parametrize(
    ("what", "secret", "approve", "waits", "auto"),
    OF_A_FUNCTION_THAT_IS_GONE,
    ids=[case[0] for case in OF_A_FUNCTION_THAT_IS_GONE],
)
def test_a_secret_whose_function_is_gone_is_adopted_and_one_whose_function_exists_is_refused(
    what: str,
    secret: SecretDescription,
    approve: RotationSchedule,
    waits: WaitReason | None,
    auto: RotationSchedule,
) -> None:
    for mode, wanted, reason in (("approve", approve, waits), ("auto", auto, None)):
        claim = replace(CLAIM, mode=mode)
        gone = decide_claim(claim, a_context(secret, function_is_gone=True), SETTINGS)
        assert (gone.refusal, gone.schedule, gone.waits_for) == ("", wanted, reason), what
        exists = decide_claim(claim, a_context(secret), SETTINGS)
        assert (exists.refusal, exists.schedule) == ("another function rotates the secret", None), what


@pytest.mark.parametrize(
    ("tags", "reason"), [({USER_ID_TAG: "AIDABOB"}, "bound to another user"), ({}, "names no user")]
)
def test_a_missing_function_gives_nobody_another_users_secret(tags: dict[str, str], reason: str) -> None:
    secret = replace(ROTATED_BY_ANOTHER, tags=tags)
    decision = decide_claim(CLAIM, a_context(secret, function_is_gone=True), SETTINGS)
    assert reason in decision.refusal
    assert not decision.is_granted


def test_an_adopted_secret_waits_until_the_rotation_that_the_missing_function_left_behind_has_ended() -> None:
    secret = rotating(ROTATED_BY_ANOTHER)
    decision = decide_claim(CLAIM, a_context(secret, function_is_gone=True), SETTINGS)
    assert (decision.schedule, decision.waits_for) == (None, WaitReason.ROTATION_UNDER_WAY)


def test_a_schedule_that_was_turned_off_is_ended_soon_after_our_function_is_set() -> None:
    """Setting the function turns the schedule on again, which `approve` does not want."""
    released = replace(ADOPTED, function=THEIRS, schedule_days=90)
    decision = decide_claim(replace(CLAIM, mode="approve"), a_context(released), SETTINGS)
    assert (decision.schedule, decision.waits_for) == (MANUAL, WaitReason.EARLIER_SCHEDULE)


LOOKED_UP = [
    ("no secret", None, ""),
    ("our own", BY_HAND, ""),
    ("turned off", replace(ROTATED_BY_ANOTHER, is_rotation_on=False), ""),
    ("another", ROTATED_BY_ANOTHER, THEIRS),
    ("an alias", replace(ROTATED_BY_ANOTHER, function=f"{THEIRS}:live"), THEIRS),
    (
        "of another account",
        replace(ROTATED_BY_ANOTHER, function=THEIRS.replace("123456789012", "210987654321")),
        "",
    ),
    ("of another region", replace(ROTATED_BY_ANOTHER, function=THEIRS.replace("central", "west")), ""),
    ("not an ARN", replace(ROTATED_BY_ANOTHER, function="theirs"), ""),
]


@pytest.mark.parametrize(("what", "secret", "arn"), LOOKED_UP, ids=[case[0] for case in LOOKED_UP])
def test_only_another_function_of_this_account_and_region_is_looked_up(
    what: str, secret: SecretDescription | None, arn: str
) -> None:
    assert function_to_look_up(secret, SETTINGS) == arn, what


NAMES = st.text("abcXYZ019_+=.@-", min_size=1, max_size=64)
PATHS = st.lists(NAMES, max_size=3)


@given(NAMES, PATHS, st.data())
def test_a_created_secret_ends_in_the_users_name_and_any_other_name_is_refused(
    user_name: str, path: list[str], data: st.DataObject
) -> None:
    last = data.draw(st.just(user_name) | NAMES)
    claim = replace(CLAIM, user_name=user_name, secret_name="access-keys/" + "/".join([*path, last]))
    decision = decide_claim(claim, a_context(None), SETTINGS)
    assert decision.creates is (last == user_name)
    assert bool(decision.refusal) is (last != user_name)


@pytest.mark.parametrize("name", ["access-keys/orders", "access-keys/Alice", "access-keys/alice/x"])
def test_an_adopted_secret_may_have_any_name_because_an_administrator_bound_it(name: str) -> None:
    decision = decide_claim(
        replace(CLAIM, secret_name=name), a_context(replace(ADOPTED, name=name)), SETTINGS
    )
    assert (decision.refusal, decision.is_granted) == ("", True)


def test_a_later_rename_of_the_user_changes_nothing() -> None:
    renamed = replace(CLAIM, user_name="alicia")
    decision = decide_claim(renamed, a_context(with_current(MADE, "later")), SETTINGS)
    assert (decision.refusal, decision.is_granted, decision.creates) == ("", True, False)


KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
NAMED = f"arn:aws:kms:eu-central-1:123456789012:key/{KEY_ID}"


@pytest.mark.parametrize("keys", [(NAMED,), (KEY_ID,), (KEY_ARN, NAMED), (NAMED, KEY_ID)])
def test_a_secret_under_a_key_that_the_deployer_names_is_adopted(keys: tuple[str, ...]) -> None:
    settings = replace(SETTINGS, other_key_arns=(NAMED,))
    secret = replace(ADOPTED, key_ids=keys)
    assert decide_claim(CLAIM, a_context(secret), settings).is_granted
    assert not decide_claim(CLAIM, a_context(secret), SETTINGS).is_granted
