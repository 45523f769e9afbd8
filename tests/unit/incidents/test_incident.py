from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.detection.domain.signal_group import MAX_CALLERS, group_by_key
from tests.support.builders import ACCOUNT, NOON, a_caller, a_signal, a_switch_off, key_id


def test_signals_of_one_key_fold_into_one_sightings_with_their_count_and_times() -> None:
    later = a_signal(occurred_at=NOON + timedelta(minutes=3))
    [sightings] = group_by_key([later, a_signal(), a_signal()])
    assert (sightings.count, sightings.first_seen, sightings.last_seen) == (
        3,
        NOON,
        NOON + timedelta(minutes=3),
    )


def test_signals_of_different_keys_stay_apart() -> None:
    assert [s.key for s in group_by_key([a_signal(key_id(1)), a_signal(key_id(2))])] == [key_id(1), key_id(2)]


def test_the_most_telling_signal_speaks_for_the_rest_so_that_a_look_alike_hides_nothing() -> None:
    look_alike = a_signal(
        error_message="No account found for the given parameters", occurred_at=NOON + timedelta(hours=1)
    )
    [sightings] = group_by_key([look_alike, a_signal(), look_alike])
    assert sightings.signal.error_class is ErrorClass.KEY_REJECTED


def test_callers_are_kept_the_most_frequent_first_and_no_more_than_the_limit() -> None:
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(MAX_CALLERS + 5)]
    [sightings] = group_by_key([*crowd, a_signal(), a_signal()])
    assert len(sightings.callers) == MAX_CALLERS
    assert sightings.callers[0] == a_caller()


def test_a_malformed_id_is_kept_as_a_hash_only() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    key = a_signal(secret).incident_key
    assert key.startswith("sha256:")
    assert secret not in key


def test_a_signal_without_a_key_is_kept_by_account_principal_and_source() -> None:
    assert a_signal("", principal="AIDAX").incident_key == f"none:{ACCOUNT}:AIDAX:203.0.113.7"


def test_a_neighbour_does_not_hide_an_unclear_failure_that_iam_would_judge() -> None:
    neighbour = a_signal(error_code="SignatureDoesNotMatch", occurred_at=NOON + timedelta(hours=1))
    [sightings] = group_by_key([neighbour, a_signal(error_message="?")])
    assert sightings.signal.error_class is ErrorClass.AMBIGUOUS


A_CHANGE = replace(a_switch_off(), predicted_outage=None, state_change=a_switch_off().predicted_outage)


def test_a_change_of_the_key_counts_no_call_and_does_not_speak_for_those_that_failed() -> None:
    [sightings] = group_by_key([a_signal(), A_CHANGE])
    assert (sightings.signal, sightings.count, sightings.state_change) == (a_signal(), 1, A_CHANGE)
    assert not sightings.is_state_change_only
    assert sightings.callers == (a_caller(),)
    [alone] = group_by_key([A_CHANGE])
    assert (alone.count, alone.is_state_change_only) == (0, True)


def test_a_switch_off_among_failures_is_kept_beside_them() -> None:
    [sightings] = group_by_key([a_switch_off(), a_signal()])
    assert (sightings.signal, sightings.predicted_outage) == (a_signal(), a_switch_off())


@pytest.mark.parametrize("after", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_switch_off_is_no_failure_in_time(after: timedelta) -> None:
    [sightings] = group_by_key([a_switch_off(at=NOON + after), a_signal()])
    assert (sightings.first_seen, sightings.last_seen) == (NOON, NOON)


def test_the_regions_of_failed_calls_are_kept_the_most_frequent_first() -> None:
    [sightings] = group_by_key([a_signal(region="us-east-1"), a_signal(), a_signal(), a_signal(region="")])
    assert sightings.regions == ("eu-central-1", "us-east-1")
