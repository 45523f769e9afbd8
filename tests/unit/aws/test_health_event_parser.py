"""AWS Health's events in their documented shape, and in others."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.exposure import Exposure
from lambdas.aws.health_event_parser import parse_exposures
from lambdas.errors import PermanentError
from tests.support.builders import NOON, key_id
from tests.support.health_events import EXPOSED, a_health_event

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def test_each_key_that_is_affected_is_exposed_once_at_the_time_of_the_event() -> None:
    event = a_health_event(key_id(2), key_id(1), key_id(2))
    assert parse_exposures(event) == tuple(
        Exposure(access_key_id=key, event_type=EXPOSED, at=NOON) for key in sorted((key_id(1), key_id(2)))
    )


def test_entities_that_are_no_access_keys_are_left_out() -> None:
    event = a_health_event("alice", key_id(1), "arn:aws:iam::123456789012:user/alice")
    assert [it.access_key_id for it in parse_exposures(event)] == [key_id(1)]


@pytest.mark.parametrize("event_type", ["AWS_RISK_IP_MISMATCH", "AWS_EC2_OPERATIONAL_ISSUE", "", None])
def test_an_event_of_another_type_exposes_nothing(event_type: object) -> None:
    assert parse_exposures(a_health_event(key_id(), eventTypeCode=event_type)) == ()


@pytest.mark.parametrize(
    "event",
    [
        a_health_event(),
        a_health_event("alice"),
        a_health_event(key_id(), affectedEntities=None),
        a_health_event(key_id()) | {"time": None},
        a_health_event(key_id()) | {"time": "yesterday"},
    ],
)
def test_an_event_that_names_no_key_or_no_time_is_rejected(event: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match="which key was exposed, or when"):
        parse_exposures(event)


@given(st.sampled_from(["affectedEntities", "eventTypeCode", "eventArn"]), ANYTHING, ANYTHING)
def test_no_value_of_a_field_makes_anything_but_an_id_a_key(name: str, value: object, entity: object) -> None:
    event = a_health_event(key_id(), **{name: value})
    event["detail"]["affectedEntities"] = [entity, {"entityValue": entity}]
    with contextlib.suppress(PermanentError):
        assert all(looks_like_an_id(it.access_key_id) for it in parse_exposures(event))
