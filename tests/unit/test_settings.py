from __future__ import annotations

import pytest

from lambdas.settings import RemediateSettings, SettingsError

SETTINGS = RemediateSettings(
    account="123456789012",
    partition="aws",
    stage_mode="notify",
    incident_table_name="Incidents",
    lease_table_name="Leases",
    alert_topic_arn="arn:aws:sns:us-east-1:123456789012:Alerts",
    incident_bus_name="Bus",
    dead_letter_queue_url="https://example.invalid/queue",
    incident_quiet_seconds=21_600,
    incident_retention_seconds=7_776_000,
    unknown_key_recheck_seconds=900,
    known_accounts={"123456789012": "production"},
    organization_accounts=frozenset({"123456789012"}),
)


def test_what_is_written_to_the_environment_is_read_back_the_same() -> None:
    assert RemediateSettings.from_env(SETTINGS.to_env()) == SETTINGS


@pytest.mark.parametrize("name", sorted(SETTINGS.to_env()))
def test_a_missing_variable_is_named(name: str) -> None:
    environ = SETTINGS.to_env()
    del environ[name]
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        RemediateSettings.from_env(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [("INCIDENT_RETENTION_SECONDS", "soon"), ("KNOWN_ACCOUNTS", "{"), ("KNOWN_ACCOUNTS", "[]")],
)
def test_a_malformed_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        RemediateSettings.from_env(SETTINGS.to_env() | {name: value})
