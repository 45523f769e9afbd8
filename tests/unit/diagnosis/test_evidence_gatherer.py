from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.aws.domain.iam import ROOT, Issue, LastUse, Usage
from lambdas.aws.domain.principals import OWN_TEST_AGENT
from lambdas.decisions.domain.decision import decide
from lambdas.decisions.domain.guardrails import Action
from lambdas.decisions.domain.severity import rate_severity
from lambdas.diagnosis.domain.cause import Cause, Severity
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.diagnosis.domain.evidence import Evidence, NearMiss
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.evidence_gatherer import EvidenceGatherer
from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.near_miss import masked
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence, recorded
from lambdas.ledger.domain.owner import Owner
from lambdas.ledger.domain.user_entry import UserEntry
from tests.support.builders import (
    ACCOUNT,
    LAST_USE,
    NOON,
    OTHER_ACCOUNT,
    a_caller,
    a_case,
    a_change,
    a_predicted_outage,
    a_signal,
    key_id,
)
from tests.support.fakes import FakeAccounts, FakeIam, FakeLedger, FakeRotationService, FakeTrail

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lambdas.aws.domain.iam import KeyChange
    from lambdas.detection.domain.signal import Signal
    from lambdas.diagnosis.domain.diagnosis import Case
    from lambdas.ledger.domain.owner_record import OwnerRecord

KEY, SIBLING, STRANGER = key_id(1), key_id(2), key_id(9)
USED = Usage(caller=a_caller(), service="s3", region="eu-west-1", calls=3, last_at=NOON)
TESTED = replace(USED, caller=a_caller("192.0.2.1", f"Boto3/1.43 {OWN_TEST_AGENT}"))


def gather(
    signal: Signal,
    iam: FakeIam,
    trail: FakeTrail,
    accounts: FakeAccounts | None = None,
    ledger: FakeLedger | None = None,
    *,
    may_wait: bool = True,
) -> Evidence:
    sources = EvidenceGatherer(
        iam=iam,
        probe_key=iam,
        trail=trail,
        accounts=accounts or FakeAccounts(),
        ledger=ledger or FakeLedger(),
        rotation_contexts=FakeRotationService().enrolments,
        account=ACCOUNT,
        automations=("assumed-role/Rotator",),
    )
    return sources.gather(signal, may_wait=may_wait)


def test_an_active_key_takes_four_iam_calls_and_no_history() -> None:
    iam = FakeIam(users={"alice": {KEY: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True))
    assert evidence.key is not None
    assert evidence.key.is_active
    assert iam.calls == ["GetAccessKeyLastUsed", "ListAccessKeys", "ListAttachedUserPolicies", "GetUser"]


def test_an_inactive_key_has_its_owner_other_keys_last_use_and_history() -> None:
    iam = FakeIam(users={"alice": {KEY: "Inactive", SIBLING: "Active"}}, last_uses={KEY: LAST_USE})
    change = a_change("UpdateAccessKey", status="Inactive")
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (change,)}))
    assert evidence.owner is not None
    assert (evidence.owner.name, evidence.last_use, evidence.history) == ("alice", LAST_USE, (change,))
    assert [key.access_key_id for key in evidence.other_keys] == [SIBLING]


def test_a_key_that_iam_resolves_but_does_not_list_was_deleted() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, stale={KEY: "alice"})
    evidence = gather(a_signal(KEY), iam, FakeTrail())
    assert evidence.owner is not None
    assert evidence.owner.exists
    assert evidence.key is None


def test_a_key_that_iam_resolves_to_a_missing_user_has_an_owner_that_does_not_exist() -> None:
    evidence = gather(a_signal(KEY), FakeIam(stale={KEY: "alice"}), FakeTrail())
    assert evidence.owner is not None
    assert not evidence.owner.exists


def test_a_deleted_key_has_the_owner_from_its_history() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (a_change("DeleteAccessKey"),)}))
    assert evidence.owner is not None
    assert evidence.owner.name == "alice"
    assert len(iam.calls) <= 4


def test_a_key_is_unknown_only_after_an_existing_key_has_been_resolved() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    assert gather(a_signal(STRANGER), iam, FakeTrail()) == Evidence(looked_up=True, lookup_confirmed=True)


def test_a_key_is_unknown_without_confirmation_if_the_account_has_no_keys() -> None:
    assert gather(a_signal(STRANGER), FakeIam(), FakeTrail()) == Evidence(looked_up=True)


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
    assert evidence == complete or evidence.unread


def test_an_unreadable_history_is_never_read_as_an_empty_one() -> None:
    iam = FakeIam(users={"alice": {KEY: "Inactive"}})
    assert gather(a_signal(KEY), iam, FakeTrail(fails=True)).is_unread(Source.HISTORY)
    with pytest.raises(TransientError):
        gather(a_signal(STRANGER), iam, FakeTrail(fails=True))
    evidence = gather(a_signal(STRANGER), iam, FakeTrail(fails=True), may_wait=False)
    assert evidence.is_unread(Source.HISTORY)


class UnreadableLedger(FakeLedger):
    def key(self, access_key_id: str) -> KeyEntry | None:
        raise TransientError(f"dynamodb:ledger: {access_key_id}")

    def owner_record(self, name: str, access_key_id: str) -> OwnerRecord:
        raise TransientError(f"dynamodb:ledger: {name}, {access_key_id}")

    def keys_with_tail(self, text: str) -> dict[str, str]:
        raise TransientError(f"dynamodb:ledger: {text}")


IAM_ACTIONS = ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListAttachedUserPolicies"]
DOWN: dict[str, dict[str, Any]] = {
    **{action: {"iam": {action}} for action in IAM_ACTIONS},
    "all of IAM": {"iam": set(IAM_ACTIONS)},
    "LookupEvents": {"trail": True},
    "ledger": {"ledger": True},
    "everything": {"iam": set(IAM_ACTIONS), "trail": True, "ledger": True},
}
ACTIVE_KEY, GONE_KEY, FOREIGN_KEY = key_id(5), key_id(6), key_id(7, account=OTHER_ACCOUNT)
STALE_KEY = key_id(8)  # deleted, but IAM still names its user
SESSION = key_id(prefix="ASIA")


def gather_while_down(
    key: str, *, iam: Collection[str] = (), trail: bool = False, ledger: bool = False
) -> Case:
    users = {"alice": {KEY: "Inactive", SIBLING: "Active"}, "bob": {ACTIVE_KEY: "Active"}}
    histories: dict[str, tuple[KeyChange, ...]] = {GONE_KEY: (a_change("DeleteAccessKey"),)}
    signal = a_signal(key)
    evidence = gather(
        signal,
        FakeIam(users=users, stale={STALE_KEY: "alice"}, denied=set(iam)),
        FakeTrail(histories, fails=trail),
        ledger=UnreadableLedger() if ledger else FakeLedger(),
        may_wait=False,
    )
    return a_case(signal, evidence)


@pytest.mark.parametrize("down", DOWN)
@pytest.mark.parametrize("key", [KEY, ACTIVE_KEY, GONE_KEY, STALE_KEY, STRANGER, FOREIGN_KEY, SESSION])
def test_an_alert_that_waits_no_more_has_the_right_cause_or_none_and_says_what_was_not_read(
    key: str, down: str
) -> None:
    complete = diagnose(gather_while_down(key))
    case = gather_while_down(key, **DOWN[down])
    diagnosis = diagnose(case)
    assert diagnosis.cause in {complete.cause, Cause.UNKNOWN_KEY}
    lines = [fact for fact in diagnosis.facts if fact.startswith("Could not be read: ")]
    assert len(lines) == len(case.evidence.unread)
    if case.evidence.unread:
        assert diagnosis.confidence is not Confidence.CERTAIN
        assert rate_severity(case, diagnosis, Action.NOTIFY) is not None
    if diagnosis.cause is Cause.UNKNOWN_KEY and complete.cause is not Cause.UNKNOWN_KEY:
        assert diagnosis.confidence is Confidence.POSSIBLE
    if case.evidence.is_unread(Source.HISTORY):
        assert "days show" not in " ".join(diagnosis.facts)
        assert "show no creation" not in " ".join(diagnosis.facts)


def test_who_issued_a_session_is_not_waited_for() -> None:
    evidence = gather(a_signal(SESSION), FakeIam(), FakeTrail(fails=True))
    diagnosis = diagnose(a_case(a_signal(SESSION), evidence))
    assert diagnosis.cause is Cause.TEMPORARY_CREDENTIAL
    assert "do not show who issued it" not in " ".join(diagnosis.facts)
    assert diagnosis.facts[-1].startswith("Could not be read: who issued the session")


def test_who_deleted_a_key_is_not_waited_for_where_a_sync_found_it_deleted() -> None:
    ledger = a_ledger(an_entry(deletion=Occurrence(after=NOON - timedelta(days=1), until=NOON)))
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True), ledger=ledger)
    diagnosis = diagnose(a_case(a_signal(KEY), evidence))
    assert (diagnosis.cause, diagnosis.confidence) == (Cause.KEY_DELETED, Confidence.LIKELY)
    assert "Somebody deleted it between" in " ".join(diagnosis.facts)


@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_a_key_that_is_listed_but_not_resolved_is_diagnosed_by_its_listing_in_the_end(status: str) -> None:
    iam = FakeIam(users={"alice": {KEY: status}}, denied={"GetAccessKeyLastUsed"})
    trail = FakeTrail({KEY: (a_change("CreateAccessKey"),)})
    evidence = gather(a_signal(KEY), iam, trail, may_wait=False)
    assert evidence.key is not None
    assert (evidence.key.status, evidence.is_unread(Source.KEY)) == (status, True)


def test_a_key_that_is_listed_but_not_resolved_is_a_transient_error() -> None:
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
def test_nothing_is_read_for_a_signal_that_cannot_be_looked_up(signal) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    iam = FakeIam()
    assert gather(signal, iam, FakeTrail(fails=True)) == Evidence()
    assert iam.calls == []


def test_a_user_created_after_the_keys_deletion_is_not_its_owner() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, made_at=NOON + timedelta(days=1))
    evidence = gather(a_signal(KEY), iam, FakeTrail({KEY: (a_change("DeleteAccessKey"),)}))
    assert evidence.owner == Owner(name="alice", exists=False, name_is_taken=True)
    assert evidence.other_keys == ()


def test_the_root_users_key_is_not_looked_up_because_iams_answer_is_not_documented() -> None:
    iam = FakeIam(stale={KEY: "root"})
    assert gather(a_signal(KEY, principal_type="Root"), iam, FakeTrail()) == Evidence()
    assert iam.calls == []


OLD_FORM = "AKIAJ2345672345672AB"


def test_sts_is_asked_for_the_account_of_ids_of_the_old_format_only() -> None:
    accounts = FakeAccounts({OLD_FORM: OTHER_ACCOUNT, STRANGER: OTHER_ACCOUNT})
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    assert gather(a_signal(OLD_FORM), iam, FakeTrail(), accounts).sts_account == OTHER_ACCOUNT
    assert gather(a_signal(STRANGER), iam, FakeTrail(), accounts).sts_account == ""


def test_cloudtrails_history_is_not_searched_for_a_key_of_another_account() -> None:
    foreign, iam = key_id(9, account=OTHER_ACCOUNT), FakeIam(users={"alice": {SIBLING: "Active"}})
    assert gather(a_signal(foreign), iam, FakeTrail(fails=True)).history == ()
    with pytest.raises(TransientError, match="LookupEvents"):
        gather(a_signal(STRANGER), iam, FakeTrail(fails=True))


def test_an_account_that_sts_does_not_return_is_a_transient_error() -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    with pytest.raises(TransientError):
        gather(a_signal(OLD_FORM), iam, FakeTrail(), FakeAccounts(fails=True))


def test_a_quarantine_policy_is_found_for_active_and_inactive_keys() -> None:
    for status in ("Active", "Inactive"):
        iam = FakeIam(users={"alice": {KEY: status}}, policies={"alice": "AWSCompromisedKeyQuarantineV3"})
        evidence = gather(a_signal(KEY), iam, FakeTrail())
        assert evidence.quarantine_policy == "AWSCompromisedKeyQuarantineV3"


def test_a_temporary_key_has_its_issuer_from_the_history_and_is_not_looked_up_in_iam() -> None:
    session = key_id(prefix="ASIA")
    issue = Issue(event_name="AssumeRole", at=NOON, by="user/bob", to="role/app", account=ACCOUNT)
    iam = FakeIam(gone_principals={"role/app"})
    evidence = gather(a_signal(session), iam, FakeTrail(issues={session: issue}))
    assert evidence.issue == replace(issue, still_there=False)
    assert iam.calls == ["GetRole"]


def used(at: datetime) -> dict[str, LastUse]:
    return {SIBLING: LastUse(at=at, service="sts", region="us-east-1")}


@pytest.mark.parametrize(
    ("used_at", "is_successor"), [(NOON, True), (NOON - timedelta(days=8), True), (None, False)]
)
def test_a_newer_active_key_that_was_ever_used_is_the_successor(
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


DELETED, CREATED = (
    a_change("DeleteAccessKey"),
    replace(a_change("CreateAccessKey"), at=NOON - timedelta(days=5)),
)


@pytest.mark.parametrize(
    ("history", "age", "is_successor"),
    [
        ((DELETED,), 89, True),
        ((DELETED,), 91, False),
        ((a_change("UpdateAccessKey", status="Inactive"),), 89, True),
        ((a_change("UpdateAccessKey", status="Inactive"),), 91, False),
        ((), 89, True),
        ((), 91, False),
        ((CREATED, DELETED), 4, True),
        ((CREATED, DELETED), 6, False),
    ],
)
def test_a_key_whose_creation_is_not_in_the_history_is_older_than_the_history(
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


def test_a_last_use_before_the_history_makes_more_keys_count_as_newer() -> None:
    long_ago = replace(LAST_USE, at=NOON - timedelta(days=200))
    iam = FakeIam(
        users={"alice": {SIBLING: "Active"}},
        stale={KEY: "alice"},
        created={SIBLING: NOON - timedelta(days=199)},
        last_uses={KEY: long_ago} | used(NOON),
    )
    assert gather(a_signal(KEY), iam, FakeTrail()).successor is not None


def test_an_older_key_is_never_the_successor() -> None:
    iam = FakeIam(
        users={"alice": {KEY: "Inactive", SIBLING: "Active"}},
        created={SIBLING: NOON.replace(year=2004)},
        last_uses=used(NOON),
    )
    assert gather(a_signal(KEY), iam, FakeTrail()).successor is None


def test_a_placeholder_takes_one_iam_call_in_case_it_is_a_real_key() -> None:
    iam = FakeIam()
    assert gather(a_signal("AKIAIOSFODNN7EXAMPLE"), iam, FakeTrail(fails=True)) == Evidence()
    assert iam.calls == ["GetAccessKeyLastUsed"]


def test_a_role_of_another_account_does_not_count_as_deleted() -> None:
    session = key_id(prefix="ASIA")
    issue = Issue(event_name="AssumeRole", at=NOON, by="user/bob", to="role/app", account=OTHER_ACCOUNT)
    iam = FakeIam(gone_principals={"role/app"})
    assert gather(a_signal(session), iam, FakeTrail(issues={session: issue})).issue == issue
    assert iam.calls == []


DELETED_AT = NOON - timedelta(minutes=5)


def a_ledger(*entries: KeyEntry, user: UserEntry | None = None) -> FakeLedger:
    ledger = FakeLedger()
    for entry in entries:
        ledger.merge_key(entry)
    if user:
        ledger.merge_user(user)
    return ledger


def an_entry(access_key_id: str = KEY, **fields: Any) -> KeyEntry:
    owner = Observed(value="alice", at=NOON - timedelta(days=300))
    sane: dict[str, Any] = {
        "owner_name": owner,
        "created_at": NOON - timedelta(days=300),
        "created_by": "user/bob",
    }
    return KeyEntry(access_key_id=access_key_id, **(sane | fields))


def test_a_deleted_key_of_the_ledger_takes_two_reads_and_no_history() -> None:
    ledger = a_ledger(an_entry(deletion=recorded(DELETED_AT, "user/carol"), last_use=LAST_USE))
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, made_at=NOON - timedelta(days=400))
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True), ledger=ledger)
    deletion = evidence.latest("DeleteAccessKey")
    assert deletion is not None
    assert (deletion.by, deletion.at) == ("user/carol", DELETED_AT)
    assert (evidence.last_use, ledger.reads) == (LAST_USE, 2)


def test_a_key_deleted_long_before_its_owner_was_renamed_names_the_owner_by_its_new_name() -> None:
    ledger = a_ledger(an_entry(deletion=recorded(DELETED_AT, "user/carol")))
    renamed = Observed(value="alicia", at=DELETED_AT + timedelta(days=1), by="user/carol")
    ledger.users["alice"] = UserEntry(name="alice", renamings=(renamed,))
    evidence = gather(a_signal(KEY), FakeIam(users={"alicia": {}}), FakeTrail(fails=True), ledger=ledger)
    assert evidence.owner is not None
    assert (evidence.owner.name, evidence.owner.exists) == ("alicia", True)


def test_who_deactivated_a_key_takes_one_read_of_the_ledger() -> None:
    deactivation = Observed(value="Inactive", at=DELETED_AT, by="user/carol")
    ledger = a_ledger(an_entry(recorded_status=deactivation))
    iam = FakeIam(users={"alice": {KEY: "Inactive"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True), ledger=ledger)
    change = evidence.latest("UpdateAccessKey", "Inactive")
    assert change is not None
    assert (change.by, ledger.reads) == ("user/carol", 1)


def test_the_history_is_read_for_a_deletion_that_a_sync_noticed() -> None:
    deletion = Occurrence(after=NOON - timedelta(days=1), until=NOON)
    ledger = a_ledger(an_entry(deletion=deletion))
    trail = FakeTrail({KEY: (a_change("DeleteAccessKey"),)})
    evidence = gather(a_signal(KEY), FakeIam(users={"alice": {}}), trail, ledger=ledger)
    assert evidence.latest("DeleteAccessKey") is not None
    assert evidence.deletion == deletion


def test_a_deleted_user_has_its_deletion_and_tags_from_the_ledger() -> None:
    user = UserEntry(
        name="alice",
        deletions=(recorded(DELETED_AT, "user/carol"),),
        tags={"team": Observed(value="payments", at=NOON - timedelta(days=300))},
    )
    evidence = gather(a_signal(KEY), FakeIam(), FakeTrail(), ledger=a_ledger(an_entry(), user=user))
    assert evidence.owner is not None
    assert not evidence.owner.exists
    assert evidence.owner.deletion == recorded(DELETED_AT, "user/carol")
    assert evidence.owner.tags == {"team": "payments"}


def test_a_later_user_of_the_same_name_is_not_the_owner_of_a_deleted_users_key() -> None:
    user = UserEntry(
        name="alice",
        user_id=Observed(value="AIDANEW", at=NOON),
        deletions=(recorded(DELETED_AT, "user/carol"),),
        tags={"team": Observed(value="of the new one", at=NOON)},
    )
    iam = FakeIam(users={"alice": {SIBLING: "Active"}}, made_at=NOON)
    evidence = gather(a_signal(KEY), iam, FakeTrail(), ledger=a_ledger(an_entry(), user=user))
    assert evidence.owner is not None
    assert (evidence.owner.exists, evidence.owner.name_is_taken, evidence.owner.tags) == (False, True, {})
    assert evidence.other_keys == ()


def test_contact_and_key_description_come_from_the_owners_tags() -> None:
    tags = {CONTACT_TAG: "payments@example.com", KEY: "nightly backup"}
    user = UserEntry(
        name="alice", tags={name: Observed(value=value, at=NOON) for name, value in tags.items()}
    )
    iam = FakeIam(users={"alice": {KEY: "Inactive"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(), ledger=a_ledger(an_entry(), user=user))
    assert evidence.description == "nightly backup"
    assert evidence.owner is not None
    assert evidence.owner.tags[CONTACT_TAG] == "payments@example.com"


@pytest.mark.parametrize("typo", [STRANGER[:-1] + "2", STRANGER[:7] + "7" + STRANGER[8:], STRANGER[1:]])
def test_an_unknown_id_one_typo_from_a_key_of_the_ledger_is_a_near_miss(typo: str) -> None:
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    ledger = a_ledger(an_entry(STRANGER))
    evidence = gather(a_signal(typo), iam, FakeTrail(), ledger=ledger)
    assert evidence.near_miss == NearMiss(masked_id=masked(STRANGER), owner_name="alice")


def test_a_possible_secret_is_not_looked_up_in_the_ledger() -> None:
    ledger = FakeLedger()
    gather(a_signal("wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"), FakeIam(), FakeTrail(), ledger=ledger)
    assert ledger.reads == 0


def test_a_root_users_key_of_the_ledger_is_recognised() -> None:
    owner = Observed(value=ROOT, at=NOON - timedelta(days=300))
    ledger = a_ledger(an_entry(owner_name=owner, created_by="root"))
    iam = FakeIam(users={"alice": {SIBLING: "Active"}})
    evidence = gather(a_signal(KEY), iam, FakeTrail(fails=True), ledger=ledger)
    assert diagnose(a_case(a_signal(KEY), evidence)).cause is Cause.ROOT_KEY


def test_a_predicted_outage_has_the_callers_who_used_the_key() -> None:
    iam = FakeIam(users={"alice": {KEY: "Inactive"}}, last_uses={KEY: LAST_USE})
    evidence = gather(a_predicted_outage(access_key_id=KEY), iam, FakeTrail(usages={KEY: (USED,)}))
    assert evidence.usage == (USED,)


@pytest.mark.parametrize("consumers", [(), (USED,)])
def test_the_tests_of_a_rotation_are_no_callers_of_a_predicted_outage(consumers: tuple[Usage, ...]) -> None:
    iam = FakeIam(users={"alice": {KEY: "Inactive"}})
    trail = FakeTrail(usages={KEY: (TESTED, *consumers)})
    evidence = gather(a_predicted_outage(access_key_id=KEY), iam, trail)
    assert evidence.usage == consumers
    assert evidence.only_own_tests is not bool(consumers)


def test_usage_is_not_read_for_a_reactivated_key() -> None:
    iam = FakeIam(users={"alice": {KEY: "Active"}})
    evidence = gather(a_predicted_outage(access_key_id=KEY), iam, FakeTrail(fails=True))
    assert evidence.key is not None
    assert evidence.key.is_active


def test_a_newer_key_used_since_the_old_ones_last_use_lowers_the_severity() -> None:
    later = replace(LAST_USE, at=LAST_USE.at + timedelta(minutes=5))
    iam = FakeIam(
        users={"alice": {KEY: "Inactive", SIBLING: "Active"}},
        created={SIBLING: NOON - timedelta(days=1)},
        last_uses={KEY: LAST_USE, SIBLING: later},
    )
    signal = a_predicted_outage(access_key_id=KEY)
    evidence = gather(signal, iam, FakeTrail())
    assert evidence.successor is not None
    case = a_case(signal, evidence)
    assert decide(case, diagnose(case)).severity is Severity.LOW


END = NOON - timedelta(minutes=1)
HOME_SOURCE, ELSEWHERE = "203.0.113.7", "198.51.100.66"
USED_FOR_WEEKS = replace(USED, last_at=NOON - timedelta(days=2))
USED_TODAY = replace(USED, caller=a_caller(source=ELSEWHERE), last_at=NOON - timedelta(hours=3))
BOT = "assumed-role/Rotator/run-1"


def rotated(
    *,
    by: str = "user/alice",
    ended_by: str = "user/alice",
    source: str = HOME_SOURCE,
    before: timedelta = timedelta(seconds=2),
    last_uses: Mapping[str, LastUse] | None = None,
    usages: tuple[Usage, ...] = (USED_FOR_WEEKS, USED_TODAY),
    history_fails: bool = False,
) -> Case:
    """The deletion of a key shortly after a newer one was created, which nobody has used yet."""
    created_at = END - before
    ledger = a_ledger(
        an_entry(deletion=recorded(END, ended_by), last_use=LAST_USE),
        KeyEntry(access_key_id=SIBLING, created_at=created_at, created_by=by, created_from=source),
    )
    iam = FakeIam(
        users={"alice": {SIBLING: "Active"}}, created={SIBLING: created_at}, last_uses=dict(last_uses or {})
    )
    trail = FakeTrail(usages={KEY: usages}, fails=history_fails)
    signal = a_predicted_outage("DeleteAccessKey", KEY, END)
    assert signal.predicted_outage is not None
    signal = replace(signal, predicted_outage=replace(signal.predicted_outage, by=ended_by))
    return a_case(signal, gather(signal, iam, trail, ledger=ledger))


def severity_of(case: Case) -> Severity:
    diagnosis = diagnose(case)
    return rate_severity(case, diagnosis, decide(case, diagnosis).action)


@pytest.mark.parametrize(
    ("changes", "severity", "said"),
    [
        ({}, Severity.LOW, "the owner rotates its own key"),
        ({"by": "user/ci/alice", "ended_by": "user/ci/alice"}, Severity.LOW, "the owner rotates its own key"),
        ({"by": BOT, "ended_by": BOT, "source": ELSEWHERE}, Severity.LOW, "a listed automation"),
        ({"by": BOT}, Severity.LOW, "a listed automation"),
        ({"source": ELSEWHERE}, Severity.MEDIUM, "made a key and deleted itself: user/alice created"),
        ({"source": "192.0.2.1"}, Severity.MEDIUM, "from 192.0.2.1."),
        ({"source": ""}, Severity.MEDIUM, "made a key and deleted itself"),
        ({"history_fails": True}, Severity.MEDIUM, "made a key and deleted itself"),
        ({"before": timedelta(hours=2)}, Severity.HIGH, "No other key has replaced it."),
        ({"by": "user/admin"}, Severity.HIGH, "No other key has replaced it."),
        ({"ended_by": "user/admin"}, Severity.HIGH, "No other key has replaced it."),
        ({"by": "user/admin", "ended_by": "user/admin"}, Severity.HIGH, "No other key has replaced it."),
        ({"by": "assumed-role/alice/alice"}, Severity.HIGH, "No other key has replaced it."),
        ({"last_uses": used(NOON)}, Severity.LOW, "not before this key's last use"),
    ],
)
def test_a_key_that_its_owner_replaces_is_a_rotation_as_ordinary_as_the_source_of_the_new_key(
    changes: dict[str, Any], severity: Severity, said: str
) -> None:
    case = rotated(**changes)
    diagnosis = diagnose(case)
    assert diagnosis.cause is Cause.DELETED_IN_USE
    assert severity_of(case) is severity
    assert said in " ".join(diagnosis.facts)
    commands = " ".join(command for remedy in diagnosis.remedies for command in remedy.commands)
    assert ("create-access-key" in commands) is (severity is Severity.HIGH or "last_uses" in changes)
    contains = f"--access-key-id {SIBLING} --status Inactive" in commands
    assert contains is (severity is Severity.MEDIUM)


def test_the_creator_of_the_new_key_is_read_from_the_history_where_the_ledger_does_not_have_it() -> None:
    creation = replace(
        a_change("CreateAccessKey"), at=END - timedelta(seconds=2), by="user/alice", source=HOME_SOURCE
    )
    iam = FakeIam(users={"alice": {KEY: "Inactive", SIBLING: "Active"}}, created={SIBLING: creation.at})
    trail = FakeTrail({SIBLING: (creation,)}, usages={KEY: (USED_FOR_WEEKS,)})
    signal = a_predicted_outage("UpdateAccessKey", KEY, END)
    assert signal.predicted_outage is not None
    signal = replace(signal, predicted_outage=replace(signal.predicted_outage, by="user/alice"))
    own = gather(signal, iam, trail).own_rotation
    assert own is not None
    assert (own.by, own.source, own.from_known_source) == ("user/alice", HOME_SOURCE, True)
