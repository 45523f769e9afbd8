"""RotationContext over a world in memory: each refusal, a crash at every call, and messages in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.enrolment.domain.claims import WaitReason
from lambdas.enrolment.domain.own_user_policy import PolicyFound, policy_found
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.domain.fail_overs import BorrowedKey
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.notification import NotificationKind
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, SecretDescription
from tests.support.builders import NOON, key_id
from tests.support.descriptions import a_description
from tests.support.enrolment_simulation import HOME, SETTINGS, Crash, EnrolmentWorld, lost_answer

SECRET = "access-keys/alice"


def world(mode: str = "auto", **other: object) -> EnrolmentWorld:
    made = EnrolmentWorld(**other)  # type: ignore[arg-type] # each of its own field's type
    made.claims("alice", mode)
    return made


@pytest.mark.parametrize(("mode", "days", "rotations"), [("approve", None, []), ("auto", 90, [SECRET])])
def test_a_tagged_user_gets_a_secret_of_its_own_that_is_rotated_as_its_mode_says(
    mode: str, days: int | None, rotations: list[str]
) -> None:
    it = world(mode)
    it.process("alice")
    secret, state = it.secrets[SECRET], it.states[SECRET]
    assert secret.tags == {USER_ID_TAG: "AIDAalice"}
    assert (secret.function, secret.is_rotation_on, secret.schedule_days) == (SETTINGS.function, True, days)
    assert (state.user_name, state.user_id) == ("alice", "AIDAalice")
    assert (it.rotations_begun, it.sent) == (rotations, [])


@pytest.mark.parametrize(
    ("mode", "deployed"), [("notify", Mode.AUTO), ("always", Mode.AUTO), ("auto", Mode.NOTIFY)]
)
def test_while_the_mode_in_effect_is_notify_no_secret_is_created(mode: str, deployed: Mode) -> None:
    it = world(mode, deployed_mode=deployed)
    for number in range(100):
        it.claims("alice", mode, secret=f"access-keys/{number}/alice")
        assert it.process("alice").waits_for is WaitReason.MODE
    assert (it.writes, it.secrets, it.states, it.reservations) == ([], {}, {}, {})
    it.claims("alice", "auto")
    it.deployed_mode = Mode.AUTO
    it.sync()
    assert {*it.secrets} == {SECRET}


def test_a_user_that_changes_its_tag_repeatedly_gets_one_secret() -> None:
    it = EnrolmentWorld()
    for number in range(200):
        it.claims("alice", secret=f"access-keys/{number}/alice")
        it.process("alice")
        it.end_rotations()
    assert {*it.secrets} == {"access-keys/0/alice"}
    assert it.sent[0].reason == "the user has the secret access-keys/0/alice already"
    assert len(reported(it)) == 1


def test_a_user_that_claims_the_name_of_another_user_first_does_not_get_it() -> None:
    it = EnrolmentWorld()
    it.claims("mallory", secret="access-keys/bob")
    it.process("mallory")
    assert (it.secrets, it.sent[0].reason) == (
        {},
        "a new secret must have the user's name after the last slash",
    )
    it.claims("bob")
    it.process("bob")
    assert it.secrets["access-keys/bob"].tags == {USER_ID_TAG: "AIDAbob"}


def test_a_user_whose_secret_was_deleted_for_good_gets_another_one() -> None:
    it = world()
    it.process("alice")
    it.secrets.clear()
    it.claims("alice", secret="access-keys/ci/alice")
    it.process("alice")
    assert {*it.secrets} == {"access-keys/ci/alice"}


def test_a_user_of_an_adopted_secret_gets_no_second_one_but_another_can_be_adopted() -> None:
    it = world(secrets=bound_to("AIDAalice"))
    it.process("alice")
    it.claims("alice", secret="access-keys/ci/alice")
    it.process("alice")
    assert {*it.secrets} == {SECRET}
    it.secrets["access-keys/orders"] = a_description(
        "prepared", "access-keys/orders", tags={USER_ID_TAG: "AIDAalice"}
    )
    it.claims("alice", secret="access-keys/orders")
    assert it.process("alice").is_granted


READABLE = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue"}}'


def test_a_planted_secret_that_others_may_read_is_not_adopted_until_its_policy_is_gone() -> None:
    it = world(secrets=bound_to("AIDAalice"), own_policies={SECRET: READABLE})
    it.process("alice")
    assert (it.writes, it.sent[0].reason) == ([], "its resource policy lets others read the secret")
    it.own_policies.clear()
    it.process("alice")
    assert it.secrets[SECRET].is_scheduled


def test_a_policy_that_an_administrator_writes_after_the_adoption_is_no_concern() -> None:
    it = world(secrets=bound_to("AIDAalice"))
    it.process("alice")
    it.own_policies[SECRET] = READABLE
    it.calls.clear()
    assert it.process("alice").is_granted
    assert f"GetResourcePolicy {SECRET}" not in it.calls


def test_a_policy_that_cannot_be_read_leaves_the_claim_to_a_retry() -> None:
    it = world(secrets=bound_to("AIDAalice"))
    it.process("alice")
    number = it.calls.index(f"GetResourcePolicy {SECRET}") + 1
    again = world(secrets=bound_to("AIDAalice"), error=lost_answer(), dies_at=(number, False))
    with pytest.raises(TransientError):
        again.process("alice")
    assert (again.writes, again.sent) == ([], [])


def test_a_planted_secret_under_the_default_key_is_refused() -> None:
    it = world(secrets=bound_to("AIDAalice", key_ids=("",)))
    it.process("alice")
    assert it.writes == []
    assert it.sent[0].reason.endswith(" but with the key aws/secretsmanager, which AWS manages")


@pytest.mark.parametrize("mode", ["notify", "approve", "auto", "sometimes"])
def test_processing_a_claim_again_writes_nothing(mode: str) -> None:
    it = world(mode)
    it.process("alice")
    for _ in range(2):
        it.writes.clear()
        it.process("alice")
        assert it.writes == []
        it.end_rotations()


def test_the_state_is_known_before_a_rotation_begins_that_writes_it_too() -> None:
    it = world()
    it.process("alice")
    assert it.writes == [
        "PutItem reservation",
        f"CreateSecret {SECRET}",
        f"PutItem {SECRET}",
        f"RotateSecret {SECRET} at-once",
    ]


def test_a_user_that_did_not_opt_in_costs_one_call() -> None:
    it = EnrolmentWorld(users={"alice": {"team": "blue"}})
    it.process("alice")
    it.process("nobody")
    assert it.calls == ["GetUser", "GetUser"]


def test_the_schedule_goes_with_the_mode_and_comes_back_without_another_first_rotation() -> None:
    it = world()
    it.process("alice")
    it.end_rotations()
    it.claims("alice", "approve")
    it.process("alice")
    assert not it.secrets[SECRET].is_scheduled
    it.claims("alice", "auto")
    it.process("alice")
    assert it.secrets[SECRET].is_scheduled
    assert it.rotations_begun == [SECRET]


def test_a_rotation_under_way_is_not_cancelled_when_the_mode_is_lowered() -> None:
    it = world()
    it.process("alice")
    it.claims("alice", "notify")
    assert it.process("alice").waits_for is WaitReason.ROTATION_UNDER_WAY
    assert it.secrets[SECRET].is_rotating
    assert it.secrets[SECRET].is_rotation_on
    it.end_rotations()
    it.sync()
    assert not it.secrets[SECRET].is_scheduled


def test_the_kill_switch_delays_the_first_rotation_until_the_next_sync() -> None:
    it = world(kill_switch=True)
    assert it.process("alice").waits_for is WaitReason.KILL_SWITCH
    assert (it.rotations_begun, it.secrets[SECRET].is_rotation_on) == ([], False)
    it.kill_switch = False
    it.sync()
    assert it.rotations_begun == [SECRET]


def test_first_rotations_stay_within_the_hourly_budget_and_the_others_are_retried() -> None:
    it = EnrolmentWorld(budget=10)
    names = [f"user{number}" for number in range(25)]
    for name in names:
        it.claims(name)
    it.sync()
    assert len(it.rotations_begun) == 10
    assert set(it.comes_again) == set(names) - {secret.partition("/")[2] for secret in it.rotations_begun}
    for _ in range(2):
        it.spent.clear()  # the next hour
        again, it.comes_again = dict.fromkeys(it.comes_again), []
        for name in again:
            it.process(name)
    assert (len(set(it.rotations_begun)), len(it.rotations_begun), it.comes_again) == (25, 25, [])


def test_a_first_rotation_that_is_started_again_counts_once() -> None:
    it = world(budget=2)
    it.dies_at = (13, False)
    with pytest.raises(Crash):
        it.process("alice")
    assert it.calls[-1] == f"RotateSecret {SECRET} at-once"
    it.process("alice")
    assert (it.rotations_begun, len(it.spent)) == ([SECRET], 1)


def test_of_two_that_spend_the_last_at_once_the_slower_is_retried() -> None:
    it = world(budget=1)
    look = it.is_spent

    def spent_meanwhile(user_id: str) -> bool:
        answer = look(user_id)
        it.spent.add("another's")
        return answer

    it.is_spent = spent_meanwhile  # type: ignore[method-assign]
    with pytest.raises(BusyError):
        it.process("alice")
    it.process("alice")
    assert (it.rotations_begun, it.comes_again) == ([], ["alice"])


def test_a_spent_budget_prevents_first_rotations_alone() -> None:
    it = world("approve", budget=0)
    it.process("alice")
    assert it.secrets[SECRET].is_rotation_on
    assert it.comes_again == []


def test_a_secret_that_an_administrator_prepared_is_adopted_and_its_key_stays() -> None:
    it = world(secrets={SECRET: a_description("prepared", tags={USER_ID_TAG: "AIDAalice"})})
    it.process("alice")
    assert it.secrets[SECRET].schedule_days == SETTINGS.schedule_days
    assert (it.rotations_begun, it.secrets[SECRET].labelled(CURRENT)) == ([], "prepared")


THEIRS = f"{HOME}:theirs"


def of_another_function(**other: object) -> dict[str, SecretDescription]:
    return bound_to("AIDAalice", is_rotation_on=True, function=THEIRS, **other)


@pytest.mark.parametrize("mode", ["approve", "auto"])
def test_a_secret_of_a_function_that_is_gone_is_taken_over_and_keeps_its_key(mode: str) -> None:
    it = world(mode, secrets=of_another_function(schedule_days=30))
    it.process("alice")
    assert (it.comes_again, it.secrets[SECRET].function) == (
        ["alice"] if mode == "approve" else [],
        SETTINGS.function,
    )
    it.process("alice")
    secret = it.secrets[SECRET]
    assert (secret.is_scheduled, secret.labelled(CURRENT)) == (mode == "auto", "prepared")
    assert (it.rotations_begun, it.sent) == ([], [])


def test_a_secret_of_a_function_that_exists_is_left_alone_and_the_claim_is_reported() -> None:
    it = world(secrets=of_another_function(), functions={SETTINGS.function, THEIRS})
    it.process("alice")
    assert (it.writes, [one.kind for one in it.sent]) == ([], [NotificationKind.CLAIM_REFUSED])


def test_a_failed_look_up_of_the_function_is_no_evidence_that_it_is_gone() -> None:
    it = world(secrets=of_another_function(), error=lost_answer())
    it.process("alice")
    number = it.calls.index(f"GetFunctionConcurrency {THEIRS}") + 1
    again = world(secrets=of_another_function(), error=lost_answer(), dies_at=(number, False))
    with pytest.raises(TransientError):
        again.process("alice")
    assert (again.writes, again.sent) == ([], [])


def test_no_function_is_looked_up_for_a_secret_of_our_own() -> None:
    it = world()
    it.process("alice")
    it.end_rotations()
    it.process("alice")
    assert not [call for call in it.calls if call.startswith("GetFunction")]


def bound_to(user_id: str, **other: object) -> dict[str, SecretDescription]:
    secret = a_description("prepared", tags={USER_ID_TAG: user_id})
    return {SECRET: replace(secret, **other)}  # type: ignore[arg-type] # as above


REFUSALS: list[tuple[str, dict[str, SecretDescription], str, str]] = [
    ("another's", bound_to("AIDAbob"), "bound to another user", "AIDAbob, bob."),
    ("an earlier user's", bound_to("AIDAearlier"), "an earlier one of the same name", "AIDAearlier."),
    ("nobody's", {SECRET: a_description()}, "names no user", ""),
    ("going", bound_to("AIDAalice", is_being_deleted=True), "deletion", "AIDAalice."),
    (
        "another function's",
        bound_to("AIDAalice", is_rotation_on=True, function="x"),
        "another function",
        "AIDAalice.",
    ),
]


@pytest.mark.parametrize(("what", "secrets", "reason", "owner"), REFUSALS, ids=[c[0] for c in REFUSALS])
def test_a_refusal_says_why_and_whose_the_secret_is_and_changes_nothing(
    what: str, secrets: dict[str, SecretDescription], reason: str, owner: str
) -> None:
    bobs = RotationState(secret_name=SECRET, user_name="bob", user_id="AIDAbob", version=1)
    it = world(secrets=dict(secrets), states={SECRET: bobs})
    it.process("alice")
    (notification,) = it.sent
    assert (notification.kind, notification.secret_name, notification.user_name) == (
        NotificationKind.CLAIM_REFUSED,
        SECRET,
        "alice",
    )
    assert reason in notification.reason, what
    assert notification.facts[0] == "alice (UserId AIDAalice) claims the secret access-keys/alice."
    assert [fact.rpartition("UserId ")[2] for fact in notification.facts[1:]] == ([owner] if owner else [])
    assert (it.writes, it.secrets) == ([], secrets)


def test_secrets_manager_is_asked_of_no_secret_outside_the_prefix() -> None:
    it = EnrolmentWorld()
    it.claims("alice", secret="database/orders")
    it.process("alice", "database/others")
    assert not [call for call in it.calls if "Secret" in call]
    assert it.sent[0].reason == "the secret is not under access-keys/"


def test_of_two_users_on_one_secret_the_second_is_refused_and_the_first_keeps_it() -> None:
    it = world()
    it.claims("mallory", secret=SECRET)
    it.process("alice")
    it.process("mallory")
    it.process("mallory")
    assert it.secrets[SECRET].tags == {USER_ID_TAG: "AIDAalice"}
    assert [notification.user_name for notification in it.sent] == ["mallory", "mallory"]
    assert len({notification.notification_id for notification in it.sent}) == 1
    assert it.sent[0].facts[1] == "The secret is bound to the UserId AIDAalice, alice."


def test_a_quarantined_user_gets_no_key() -> None:
    it = world(policies={"alice": "AWSCompromisedKeyQuarantineV3"})
    it.process("alice")
    assert (it.writes, it.secrets) == ([], {})
    assert it.sent[0].reason == "the user is quarantined by AWSCompromisedKeyQuarantineV3"


def test_a_user_may_read_its_own_secret_only_if_the_deployer_wants_that() -> None:
    for wanted in (False, True):
        it = world(users_read=wanted)
        it.process("alice")
        assert policy_found(it.own_policies.get(SECRET, ""), "AIDAalice") == (
            PolicyFound.OWN if wanted else PolicyFound.NONE
        )
        it.writes.clear()
        it.process("alice")
        assert it.writes == []


def test_a_quarantined_user_loses_access() -> None:
    it = world(users_read=True)
    it.process("alice")
    it.policies["alice"] = "AWSCompromisedKeyQuarantineV3"
    for _ in range(2):
        it.process("alice")
    assert it.own_policies[SECRET] == ""
    assert it.writes.count(f"DeleteResourcePolicy {SECRET}") == 1


def with_a_loan(it: EnrolmentWorld) -> None:
    loan = BorrowedKey(access_key_id=key_id(51), lender="bob", since=NOON)
    it.states[SECRET] = replace(it.states[SECRET], loan=loan, current_key_id=key_id(51))


def test_a_user_may_not_read_its_secret_while_it_contains_the_backups_key() -> None:
    it = world()
    it.process("alice")
    it.end_rotations()
    with_a_loan(it)
    it.users_read = True
    it.process("alice")
    assert it.own_policies == {}
    it.states[SECRET] = replace(it.states[SECRET], loan=None)
    it.process("alice")
    assert policy_found(it.own_policies[SECRET], "AIDAalice") is PolicyFound.OWN


def test_a_users_access_is_revoked_when_its_secret_borrows_the_backups_key() -> None:
    it = world(users_read=True)
    it.process("alice")
    with_a_loan(it)
    it.process("alice")
    assert it.own_policies[SECRET] == ""


def test_a_loan_that_is_recorded_while_the_user_is_granted_access_revokes_it_again() -> None:
    it = world(users_read=True)
    put_policy = it.put_policy

    def lent_meanwhile(secret_name: str, policy: str) -> None:
        with_a_loan(it)
        put_policy(secret_name, policy)

    it.put_policy = lent_meanwhile  # type: ignore[method-assign]
    it.process("alice")
    assert it.own_policies[SECRET] == ""


def test_the_policy_of_somebody_else_stays_and_is_reported() -> None:
    theirs = '{"Statement": {"Sid": "Theirs", "Effect": "Deny"}}'
    it = world(users_read=True, own_policies={SECRET: theirs}, secrets=bound_to("AIDAalice"))
    it.process("alice")
    assert it.own_policies == {SECRET: theirs}
    assert "a resource policy that somebody else wrote" in it.sent[0].reason
    assert it.secrets[SECRET].is_scheduled


def test_an_unknown_mode_is_reported_and_enrols_as_notify() -> None:
    it = world("sometimes", secrets=bound_to("AIDAalice"))
    it.process("alice")
    assert "the mode in the tag is unknown" in it.sent[0].reason
    assert (it.secrets[SECRET].is_rotation_on, it.secrets[SECRET].is_scheduled) == (True, False)


def reported(it: EnrolmentWorld) -> list[str]:
    """The reasons that people hear, as the notifications arrive (telling_notices.py)."""
    heard: dict[str, str] = {}
    for notification in it.sent:
        if not {notification.notification_id, notification.unless_sent} & heard.keys():
            heard |= {notification.notification_id: notification.reason, notification.counts_as: ""}
    return [reason for reason in heard.values() if reason]


def test_a_user_that_tags_itself_repeatedly_does_not_flood_people() -> None:
    it = EnrolmentWorld()
    for number in range(100):
        it.claims("mallory", secret=f"other/{number}")
        it.process("mallory")
        it.claims("mallory", mode=f"mode {number}")
        it.process("mallory")
    assert len(it.sent) == 200
    assert len(reported(it)) == 2


def test_a_lasting_refusal_is_reported_once_and_another_one_on_the_next_day() -> None:
    it = EnrolmentWorld()
    for _ in range(3):
        it.claims("alice", secret="elsewhere/a")
        it.process("alice")
        it.now += timedelta(days=1)
    assert len(reported(it)) == 1
    it.claims("alice", secret="elsewhere/b")
    it.process("alice")
    assert len(reported(it)) == 2


def test_what_a_hostile_user_names_is_harmless_in_the_notification() -> None:
    it = EnrolmentWorld()
    it.claims("alice", secret="http://evil.example/<a>\n")
    it.process("alice")
    shown = " ".join((it.sent[0].secret_name, *it.sent[0].facts))
    assert not [text for text in ("http://", "<", "\n", "evil.example") if text in shown]


def test_the_schedule_ends_with_the_tags_and_with_the_user() -> None:
    for gone in (False, True):
        it = world()
        it.process("alice")
        it.end_rotations()
        it.users = {} if gone else {"alice": {}}
        it.process("alice", SECRET)
        assert not it.secrets[SECRET].is_scheduled
        it.writes.clear()
        it.sync()
        assert it.writes == []


CALLS = {"notify": 8, "approve": 15, "auto": 16}
CRASHES = tuple(
    (mode, number, effect)
    for mode, calls in CALLS.items()
    for number in range(1, calls + 1)
    for effect in (False, True)
)


@pytest.mark.parametrize("mode", CALLS)
def test_the_calls_are_those_at_which_it_dies_below(mode: str) -> None:
    it = world(mode, users_read=True)
    it.process("alice")
    assert len(it.calls) == CALLS[mode]


@pytest.mark.parametrize("kind", ["crash", "lost"])
@pytest.mark.parametrize(("mode", "number", "effect"), CRASHES)
def test_no_crash_keeps_the_next_delivery_from_the_same_end(
    mode: str, number: int, kind: str, *, effect: bool
) -> None:
    whole, it = world(mode, users_read=True), world(mode, users_read=True)
    whole.process("alice")
    it.dies_at, it.error = (number, effect), Crash() if kind == "crash" else lost_answer()
    with pytest.raises((Crash, TransientError)):
        it.process("alice")
    it.process("alice")
    assert it.secrets == whole.secrets
    assert it.states == whole.states
    assert it.own_policies == whole.own_policies
    assert it.rotations_begun == whole.rotations_begun


USERS = ("alice", "bob", "carol")
SECRETS = (*(f"access-keys/{name}" for name in USERS), "elsewhere/x", "")
CHOICES = ("", "notify", "approve", "auto", "always")


@given(
    st.lists(st.sampled_from(CHOICES), min_size=3, max_size=3),
    st.sampled_from(tuple(Mode)),
    st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(SECRETS), st.integers(1, 12)), max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_messages_in_any_order_repeated_and_interrupted_end_in_the_same_state(
    modes: list[str], deployed: Mode, messages: list[tuple[str, str, int]]
) -> None:
    def facts() -> EnrolmentWorld:
        it = EnrolmentWorld(deployed_mode=deployed)
        for name, mode in zip(USERS, modes, strict=True):
            it.claims(name, mode)
        return it

    once, it = facts(), facts()
    once.sync()
    for name, formerly, dies_at in messages:
        it.calls.clear()
        it.dies_at = (dies_at, dies_at % 2 == 0)
        try:
            it.process(name, formerly)
        except Crash:
            continue
    it.dies_at = None
    it.sync()
    assert it.secrets == once.secrets
    assert {name: (s.user_name, s.user_id) for name, s in it.states.items()} == {
        name: (s.user_name, s.user_id) for name, s in once.states.items()
    }
    assert sorted(it.rotations_begun) == once.rotations_begun


CHANGES = st.one_of(
    st.tuples(st.just("tag"), st.sampled_from(USERS), st.sampled_from(CHOICES), st.sampled_from(SECRETS)),
    st.tuples(st.just("untag"), st.sampled_from(USERS)),
    st.tuples(st.just("deploy"), st.sampled_from(tuple(Mode))),
    st.tuples(st.just("stop"), st.booleans()),
    st.tuples(st.just("quarantine"), st.sampled_from(USERS), st.booleans()),
    st.tuples(st.just("end")),
    st.tuples(st.just("look"), st.sampled_from(USERS), st.sampled_from(SECRETS)),
)


def change(it: EnrolmentWorld, what: tuple[object, ...]) -> None:
    match what:
        case ("tag", str(name), str(mode), str(secret)):
            it.claims(name, mode, secret)
        case ("untag", str(name)):
            it.users[name] = {}
        case ("deploy", Mode() as deployed):
            it.deployed_mode = deployed
        case ("stop", bool(on)):
            it.kill_switch = on
        case ("quarantine", str(name), bool(on)):
            it.policies[name] = "AWSCompromisedKeyQuarantineV3" if on else ""
        case ("end",):
            it.end_rotations()
        case ("look", str(name), str(formerly)):
            it.process(name, formerly)


@given(st.lists(CHANGES, max_size=25))
@settings(max_examples=300, deadline=None)
def test_whatever_people_change_no_secret_changes_its_owner_and_no_key_is_created_unasked(
    changes: list[tuple[object, ...]],
) -> None:
    it = EnrolmentWorld()
    for name in USERS:
        it.claims(name, "")
    for what in changes:
        owners = {name: secret.tags for name, secret in it.secrets.items()}
        begun = len(it.rotations_begun)
        change(it, what)
        assert owners.items() <= {name: secret.tags for name, secret in it.secrets.items()}.items()
        assert all(name.startswith(SETTINGS.prefix) for name in it.secrets)
        for secret in it.rotations_begun[begun:]:
            owner = it.secrets[secret].tags[USER_ID_TAG].removeprefix("AIDA")
            assert (it.deployed_mode, it.kill_switch, it.policies.get(owner, "")) == (Mode.AUTO, False, "")
    it.kill_switch = False
    for _ in range(2):
        it.end_rotations()
        it.sync()
    it.writes.clear()
    it.end_rotations()
    it.sync()
    assert it.writes == []
