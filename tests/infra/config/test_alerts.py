from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.config.alerts import AlertsConfig
from infra.config.config import Config
from infra.config.durations import DAY, HOUR
from infra.config.fields import ConfigError
from tests.infra.config.test_config import JSON_VALUES

FIELDS = st.sampled_from(
    ["countThresholds", "updateSeconds", "digestSeconds", "newKeyCheckSeconds", "subscriptionCheckSeconds"]
)


def read(alerts: object) -> AlertsConfig:
    return Config.from_context({"alerts": alerts}).alerts


def test_by_default_updates_are_at_most_hourly_and_digests_daily() -> None:
    assert read({}) == Config().alerts == AlertsConfig()
    assert AlertsConfig() == AlertsConfig(
        count_thresholds=(10, 100, 1000, 10_000, 100_000),
        update_seconds=HOUR,
        digest_seconds=DAY,
        new_key_check_seconds=300,
        subscription_check_seconds=86400,
    )


def test_every_field_is_read_and_may_be_a_second() -> None:
    fields = {"countThresholds": [2, 7], "updateSeconds": 1, "digestSeconds": 2, "newKeyCheckSeconds": 3}
    assert read(fields) == AlertsConfig(
        count_thresholds=(2, 7), update_seconds=1, digest_seconds=2, new_key_check_seconds=3
    )
    assert read({"countThresholds": []}).count_thresholds == ()


@pytest.mark.parametrize(
    ("alerts", "complaint"),
    [
        ({"countThresholds": [100, 10]}, "alerts.countThresholds: must be ascending"),
        ({"countThresholds": [10, 10]}, "alerts.countThresholds: must be ascending"),
        ({"countThresholds": [1]}, r"alerts.countThresholds\[0\]: must be a whole number, at least 2"),
        ({"countThresholds": [True]}, r"alerts.countThresholds\[0\]: must be a whole number"),
        ({"countThresholds": list(range(2, 30))}, "alerts.countThresholds: must be at most 20 numbers"),
        ({"countThresholds": [10, 10**12 + 1]}, r"countThresholds\[1\]: must be at most 1000000000000; got"),
        ({"updateSeconds": 0}, "alerts.updateSeconds: must be a whole number of seconds"),
        ({"digestSeconds": 10**12}, "alerts.digestSeconds: must be at most 315619200 seconds; got 10"),
        ({"digest": 1}, "alerts.digest: no such field"),
    ],
)
def test_a_wrong_field_is_rejected_with_its_path(alerts: object, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read(alerts)


@given(st.dictionaries(FIELDS, JSON_VALUES))
def test_any_value_is_accepted_or_rejected_with_its_path(alerts: dict[str, object]) -> None:
    try:
        read(alerts)
    except ConfigError as error:
        complaint = str(error)
    else:
        complaint = "alerts"
    assert "alerts" in complaint
