from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.detection.domain.callers import MAX_CALLERS
from lambdas.detection.domain.signal_group import group_by_key
from tests.support.builders import ACCOUNT, NOON, a_caller, a_predicted_outage, a_signal, key_id


def test_signals_of_one_key_are_one_group_with_their_count_and_times() -> None:
    later = a_signal(occurred_at=NOON + timedelta(minutes=3))
    [group] = group_by_key([later, a_signal(), a_signal()])
    assert (group.count, group.first_seen, group.last_seen) == (
        3,
        NOON,
        NOON + timedelta(minutes=3),
    )


def test_signals_of_different_keys_stay_apart() -> None:
    assert [s.key for s in group_by_key([a_signal(key_id(1)), a_signal(key_id(2))])] == [key_id(1), key_id(2)]


def test_the_most_specific_signal_represents_the_group_so_that_an_unrelated_error_hides_nothing() -> None:
    look_alike = a_signal(
        error_message="No account found for the given parameters", occurred_at=NOON + timedelta(hours=1)
    )
    [group] = group_by_key([look_alike, a_signal(), look_alike])
    assert group.signal.error_class is ErrorClass.KEY_REJECTED


def test_callers_are_kept_the_most_frequent_first_and_no_more_than_the_limit() -> None:
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(MAX_CALLERS + 5)]
    [group] = group_by_key([*crowd, a_signal(), a_signal()])
    assert len(group.callers) == MAX_CALLERS
    assert group.callers[0] == a_caller()


def test_a_malformed_id_is_kept_as_a_hash_only() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    key = a_signal(secret).incident_key
    assert key.startswith("sha256:")
    assert secret not in key


def test_a_signal_without_a_key_is_kept_by_account_principal_and_source() -> None:
    assert a_signal("", principal="AIDAX").incident_key == f"none:{ACCOUNT}:AIDAX:203.0.113.7"


def test_a_related_credential_error_does_not_hide_an_ambiguous_failure() -> None:
    neighbour = a_signal(error_code="SignatureDoesNotMatch", occurred_at=NOON + timedelta(hours=1))
    [group] = group_by_key([neighbour, a_signal(error_message="?")])
    assert group.signal.error_class is ErrorClass.AMBIGUOUS


A_CHANGE = replace(
    a_predicted_outage(), predicted_outage=None, state_change=a_predicted_outage().predicted_outage
)


def test_a_change_of_the_key_counts_no_call_and_does_not_speak_for_those_that_failed() -> None:
    [group] = group_by_key([a_signal(), A_CHANGE])
    assert (group.signal, group.count, group.state_change) == (a_signal(), 1, A_CHANGE)
    assert not group.is_state_change_only
    assert group.callers == (a_caller(),)
    [alone] = group_by_key([A_CHANGE])
    assert (alone.count, alone.is_state_change_only) == (0, True)


def test_a_deactivation_among_failures_is_kept_with_them() -> None:
    [group] = group_by_key([a_predicted_outage(), a_signal()])
    assert (group.signal, group.predicted_outage) == (a_signal(), a_predicted_outage())


@pytest.mark.parametrize("after", [timedelta(hours=-1), timedelta(hours=1)])
def test_the_times_of_a_group_are_those_of_its_failures(after: timedelta) -> None:
    [group] = group_by_key([a_predicted_outage(at=NOON + after), a_signal()])
    assert (group.first_seen, group.last_seen) == (NOON, NOON)


def test_the_regions_of_failed_calls_are_kept_the_most_frequent_first() -> None:
    [group] = group_by_key([a_signal(region="us-east-1"), a_signal(), a_signal(), a_signal(region="")])
    assert group.regions == ("eu-central-1", "us-east-1")
