from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.domain.errors import TransientError
from lambdas.domain.evidence import Evidence, Issue, LastUse, Owner
from lambdas.gather import Sources
from tests.builders import ACCOUNT, LAST_USE, NOON, OTHER_ACCOUNT, a_change, a_signal, key_id
from tests.fakes import FakeAccounts, FakeIam, FakeTrail

if TYPE_CHECKING:
    from lambdas.domain.evidence import KeyChange
    from lambdas.domain.signal import Signal

KEY, SIBLING, STRANGER = key_id(1), key_id(2), key_id(9)


def gather(signal: Signal, iam: FakeIam, trail: FakeTrail, accounts: FakeAccounts | None = None) -> Evidence:
    return Sources(iam=iam, trail=trail, accounts=accounts or FakeAccounts()).gather(signal)


def test_an_active_key_costs_three_calls_and_no_history() -> None:
    iam = FakeIam(users={"alice": {KEY: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True))
    assert evidence.key is not None
    assert evidence.key.is_active
    assert iam.calls == ["GetAccessKeyLastUsed", "ListAccessKeys", "ListAttachedUserPolicies"]


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


def test_a_deleted_key_has_the_owner_that_its_history_names() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (a_change("DeleteAccessKey"),)}))
    assert evidence.owner is not None
    assert evidence.owner.name == "alice"
    assert len(iam.calls) <= 4


def test_a_key_of_nobody_is_unknown_once_a_key_that_exists_has_resolved() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    assert gather(a_signal(STRANGER), iam, FakeTrail()) == Evidence(asked=True, witness=True)


def test_a_key_is_unknown_without_a_witness_where_the_account_has_no_key() -> None:
    assert gather(a_signal(STRANGER), FakeIam(), FakeTrail()) == Evidence(asked=True)


@pytest.mark.parametrize(
    "action", ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListAttachedUserPolicies"]
)
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
        a_signal(made_by_aws=True),
    ],
    ids=["no key", "malformed", "look-alike", "made by AWS"],
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


OLD_FORM = "AKIAJ2345672345672AB"


def test_the_account_of_an_id_of_the_old_form_is_asked_of_sts_and_of_no_other() -> None:
    accounts = FakeAccounts({OLD_FORM: OTHER_ACCOUNT, STRANGER: OTHER_ACCOUNT})
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    assert gather(a_signal(OLD_FORM), iam, FakeTrail(), accounts).account_told == OTHER_ACCOUNT
    assert gather(a_signal(STRANGER), iam, FakeTrail(), accounts).account_told == ""


def test_an_account_that_sts_cannot_be_asked_for_is_no_fact() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    with pytest.raises(TransientError):
        gather(a_signal(OLD_FORM), iam, FakeTrail(), FakeAccounts(fails=True))


def test_a_quarantined_owner_is_seen_whatever_the_state_of_the_key() -> None:
    for status in ("Active", "Inactive"):
        iam = FakeIam(users={"alice": {KEY: status}}, policies={"alice": "AWSCompromisedKeyQuarantineV3"})
        evidence = gather(a_signal(KEY), iam, FakeTrail())
        assert evidence.quarantine_policy == "AWSCompromisedKeyQuarantineV3"


def test_a_temporary_key_has_its_issuer_from_the_history_and_is_never_asked_of_iam() -> None:
    session = key_id(prefix="ASIA")
    issue = Issue(event_name="AssumeRole", at=NOON, by="user/bob", to="role/app", account=ACCOUNT)
    iam = FakeIam(gone_holders={"role/app"})
    evidence = gather(a_signal(session), iam, FakeTrail(issues={session: issue}))
    assert evidence.issue == replace(issue, still_there=False)
    assert iam.calls == ["GetRole"]


def used(at: datetime) -> dict[str, LastUse]:
    return {SIBLING: LastUse(at=at, service="sts", region="us-east-1")}


@pytest.mark.parametrize(
    ("used_at", "is_successor"), [(NOON, True), (NOON - timedelta(days=1), False), (None, False)]
)
def test_a_newer_active_key_that_has_been_used_since_is_the_successor(
    used_at: datetime | None, is_successor: bool
) -> None:
    history = (a_change("UpdateAccessKey", status="Inactive"),)
    iam = FakeIam(
        users={"alice": {KEY: "Inactive", SIBLING: "Active"}},
        created={SIBLING: NOON - timedelta(days=9)},
        last_uses=used(used_at) if used_at else {},
    )
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: history}))
    assert (evidence.successor is not None) is is_successor


DELETED, MADE = a_change("DeleteAccessKey"), replace(a_change("CreateAccessKey"), at=NOON - timedelta(days=5))


@pytest.mark.parametrize(
    ("history", "age", "is_successor"),
    [
        ((DELETED,), 89, True),
        ((DELETED,), 91, False),
        ((a_change("UpdateAccessKey", status="Inactive"),), 89, True),
        ((a_change("UpdateAccessKey", status="Inactive"),), 91, False),
        ((), 89, True),
        ((), 91, False),
        ((MADE, DELETED), 4, True),
        ((MADE, DELETED), 6, False),
    ],
)
def test_a_key_whose_creation_is_not_on_record_is_older_than_the_record(
    history: tuple[KeyChange, ...], age: int, *, is_successor: bool
) -> None:
    iam = FakeIam(
        users={"alice": {SIBLING: "Active"}},
        stale={} if history else {KEY: "alice"},
        created={SIBLING: NOON - timedelta(days=age)},
        last_uses=used(NOON),
    )
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: history}))
    assert (evidence.successor is not None) is is_successor


def test_a_last_use_before_the_record_begins_makes_more_keys_newer() -> None:
    long_ago = replace(LAST_USE, at=NOON - timedelta(days=200))
    iam = FakeIam(
        users={"alice": {SIBLING: "Active"}},
        stale={KEY: "alice"},
        created={SIBLING: NOON - timedelta(days=199)},
        last_uses={KEY: long_ago} | used(NOON),
    )
    assert gather(a_signal(KEY), iam, FakeTrail()).successor is not None


def test_an_older_key_is_no_successor_however_busy() -> None:
    iam = FakeIam(
        users={"alice": {KEY: "Inactive", SIBLING: "Active"}},
        created={SIBLING: NOON.replace(year=2004)},
        last_uses=used(NOON),
    )
    assert gather(a_signal(KEY), iam, FakeTrail()).successor is None


def test_a_placeholder_costs_one_call_for_the_case_that_it_is_none() -> None:
    iam = FakeIam()
    assert gather(a_signal("AKIAIOSFODNN7EXAMPLE"), iam, FakeTrail(fails=True)) == Evidence()
    assert iam.calls == ["GetAccessKeyLastUsed"]


def test_a_role_of_another_account_is_not_called_deleted_for_not_being_here() -> None:
    session = key_id(prefix="ASIA")
    issue = Issue(event_name="AssumeRole", at=NOON, by="user/bob", to="role/app", account=OTHER_ACCOUNT)
    iam = FakeIam(gone_holders={"role/app"})
    assert gather(a_signal(session), iam, FakeTrail(issues={session: issue})).issue == issue
    assert iam.calls == []
