from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.domain.errors import TransientError
from lambdas.domain.evidence import Evidence, Owner
from lambdas.gather import gather
from tests.builders import LAST_USE, NOON, a_change, a_signal, key_id
from tests.fakes import FakeIam, FakeTrail

KEY, SIBLING, STRANGER = key_id(1), key_id(2), key_id(9)


def test_an_active_key_costs_two_calls_and_no_history() -> None:
    iam = FakeIam(users={"alice": {KEY: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True))
    assert evidence.key is not None
    assert evidence.key.is_active
    assert iam.calls == ["GetAccessKeyLastUsed", "ListAccessKeys"]


def test_an_inactive_key_comes_with_its_owner_siblings_last_use_and_history() -> None:
    iam = FakeIam(users={"alice": {KEY: "Inactive", SIBLING: "Active"}}, last_uses={KEY: LAST_USE})
    change = a_change("UpdateAccessKey", status="Inactive")
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (change,)}))
    assert evidence.owner is not None
    assert (evidence.owner.name, evidence.last_use, evidence.history) == ("alice", LAST_USE, (change,))
    assert [key.access_key_id for key in evidence.other_keys] == [SIBLING]


def test_a_name_for_a_key_that_is_no_longer_listed_means_deleted() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, stale={KEY: "alice"})
    evidence = gather(a_signal(KEY), iam, FakeTrail())
    assert evidence.owner is not None
    assert evidence.owner.exists
    assert evidence.key is None


def test_a_name_of_a_user_that_is_gone_means_that_its_key_is_gone_too() -> None:
    evidence = gather(a_signal(KEY), FakeIam(stale={KEY: "alice"}), FakeTrail())
    assert evidence.owner is not None
    assert not evidence.owner.exists


@pytest.mark.parametrize("unknown_is_denied", [True, False])
def test_a_deleted_key_has_the_owner_that_its_history_names(unknown_is_denied: bool) -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, unknown_is_denied=unknown_is_denied)
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (a_change("DeleteAccessKey"),)}))
    assert evidence.owner is not None
    assert evidence.owner.name == "alice"
    assert len(iam.calls) <= 4


@pytest.mark.parametrize("unknown_is_denied", [True, False])
def test_a_key_of_nobody_is_unknown_once_a_key_that_exists_has_resolved(unknown_is_denied: bool) -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, unknown_is_denied=unknown_is_denied)
    assert gather(a_signal(STRANGER), iam, FakeTrail()) == Evidence(asked=True)


@pytest.mark.parametrize("action", ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser"])
@pytest.mark.parametrize("key", [KEY, STRANGER])
@pytest.mark.parametrize("history", [(), (a_change("DeleteAccessKey"),), (a_change("CreateAccessKey"),)])
def test_a_missing_permission_is_never_read_as_a_fact(action: str, key: str, history: tuple) -> None:  # type: ignore[type-arg]
    users = {"alice": {KEY: "Inactive", SIBLING: "Active"}}
    trail = FakeTrail({STRANGER: history})
    complete = gather(a_signal(key), FakeIam(users=users), trail)
    try:
        evidence = gather(a_signal(key), FakeIam(users=users, denied={action}), trail)
    except TransientError:
        return
    assert evidence == complete


def test_an_unreadable_history_is_never_read_as_an_empty_one() -> None:
    iam = FakeIam(users={"alice": {KEY: "Inactive"}})
    for key in (KEY, STRANGER):
        with pytest.raises(TransientError):
            gather(a_signal(key), iam, FakeTrail(fails=True))


def test_a_key_that_is_listed_but_not_resolved_is_a_contradiction_and_no_fact() -> None:
    iam = FakeIam(users={"alice": {KEY: "Active"}}, denied={"GetAccessKeyLastUsed"})
    with pytest.raises(TransientError, match="lists a key that it does not resolve"):
        gather(a_signal(KEY), iam, FakeTrail({KEY: (a_change("CreateAccessKey"),)}))


@pytest.mark.parametrize(
    "signal",
    [
        a_signal(""),
        a_signal("no id"),
        a_signal(error_message="No account found for the given parameters"),
        a_signal(error_code="ExpiredToken"),
        a_signal(made_by_aws=True),
    ],
    ids=["no key", "malformed", "look-alike", "neighbour", "made by AWS"],
)
def test_what_nobody_can_answer_is_not_asked(signal) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    iam = FakeIam()
    assert gather(signal, iam, FakeTrail(fails=True)) == Evidence()
    assert iam.calls == []


def test_a_user_made_after_the_keys_end_is_a_namesake_and_not_its_owner() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, made_at=NOON + timedelta(days=1))
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (a_change("DeleteAccessKey"),)}))
    assert evidence.owner == Owner(name="alice", exists=False)
    assert evidence.other_keys == ()


def test_the_root_users_key_is_not_looked_up_since_what_iam_answers_for_it_is_not_documented() -> None:
    iam = FakeIam(stale={KEY: "root"})
    assert gather(a_signal(KEY, principal_type="Root"), iam, FakeTrail()) == Evidence()
    assert iam.calls == []
