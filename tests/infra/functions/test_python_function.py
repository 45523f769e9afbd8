"""The runtime of each function of the stack, and the resources named in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.functions.bundling import PYTHON_VERSION
from lambdas.enrolment.enrolment_batch import SECONDS_FOR_A_CLAIM
from lambdas.rotation.deletion_evidence import MAX_RUN_TIME
from tests.infra.synthesis import named, of_type, ref

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

FUNCTIONS = {
    "Remediate": ("remediate", 30),
    "AlertTimer": ("alert_timer", 40),
    "TrackKeys": ("track_keys", 30),
    "SyncKeys": ("sync_keys", 300),
    "EnrolUsers": ("enrol_users", 60),
    "RotateKey": ("rotate_key", 120),
    "RetireKeys": ("retire_keys", 300),
    "FailOver": ("fail_over", 20),
    "ReadLogs": ("read_logs", 60),
    "SubscribeLogs": ("subscribe_logs", 300),
}
VARIABLES = {
    "LEDGER_TABLE_NAME": ("AWS::DynamoDB::Table", "Ledger"),
    "INCIDENT_TABLE_NAME": ("AWS::DynamoDB::Table", "Incidents"),
    "LEASE_TABLE_NAME": ("AWS::DynamoDB::Table", "Leases"),
    "EXEMPTION_TABLE_NAME": ("AWS::DynamoDB::Table", "Exemptions"),
    "SIGNAL_QUEUE_URL": ("AWS::SQS::Queue", "Signals"),
    "DEAD_LETTER_QUEUE_URL": ("AWS::SQS::Queue", "DeadLetters"),
    "ENROLMENT_QUEUE_URL": ("AWS::SQS::Queue", "Enrolments"),
    "KILL_SWITCH_PARAMETER": ("AWS::SSM::Parameter", "KillSwitch"),
    "MODE_PARAMETER": ("AWS::SSM::Parameter", "Mode"),
    "ROTATION_ROLE_NAME": ("AWS::IAM::Role", "RotateKey"),
    "RETIREMENT_ROLE_NAME": ("AWS::IAM::Role", "RetireKeys"),
    "FAIL_OVER_FUNCTION_NAME": ("AWS::Lambda::Function", "FailOver"),
}
REMEDIATION = {
    "LEDGER_TABLE_NAME",
    "INCIDENT_TABLE_NAME",
    "LEASE_TABLE_NAME",
    "EXEMPTION_TABLE_NAME",
    "DEAD_LETTER_QUEUE_URL",
    "KILL_SWITCH_PARAMETER",
    "MODE_PARAMETER",
    "FAIL_OVER_FUNCTION_NAME",
    "RETIREMENT_ROLE_NAME",
}
ROTATION = {
    "LEDGER_TABLE_NAME",
    "SIGNAL_QUEUE_URL",
    "KILL_SWITCH_PARAMETER",
    "ROTATION_ROLE_NAME",
    "RETIREMENT_ROLE_NAME",
}
GIVEN = {
    "Remediate": REMEDIATION,
    "AlertTimer": REMEDIATION,
    "TrackKeys": {
        "LEDGER_TABLE_NAME",
        "SIGNAL_QUEUE_URL",
        "DEAD_LETTER_QUEUE_URL",
        "ENROLMENT_QUEUE_URL",
        "ROTATION_ROLE_NAME",
        "RETIREMENT_ROLE_NAME",
    },
    "SyncKeys": {"LEDGER_TABLE_NAME", "LEASE_TABLE_NAME", "ENROLMENT_QUEUE_URL"},
    "EnrolUsers": {
        "LEDGER_TABLE_NAME",
        "LEASE_TABLE_NAME",
        "SIGNAL_QUEUE_URL",
        "DEAD_LETTER_QUEUE_URL",
        "ENROLMENT_QUEUE_URL",
        "KILL_SWITCH_PARAMETER",
        "MODE_PARAMETER",
    },
    "RotateKey": ROTATION,
    "RetireKeys": ROTATION | {"INCIDENT_TABLE_NAME", "LEASE_TABLE_NAME"},
    "FailOver": {"LEDGER_TABLE_NAME", "KILL_SWITCH_PARAMETER", "SIGNAL_QUEUE_URL"},
    "ReadLogs": {"LEDGER_TABLE_NAME", "SIGNAL_QUEUE_URL"},
    "SubscribeLogs": {"LEDGER_TABLE_NAME"},
}


def test_every_function_of_the_stack_is_among_these(template: Json) -> None:
    assert len(of_type(template, "AWS::Lambda::Function")) == len(FUNCTIONS) == len(GIVEN)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_function_runs_a_current_python_on_arm(template: Json, name: str) -> None:
    _, function = named(template, "AWS::Lambda::Function", name)
    module, timeout = FUNCTIONS[name]
    assert function["Runtime"] == f"python{PYTHON_VERSION}"
    assert function["Architectures"] == ["arm64"]
    assert (function["MemorySize"], function["Timeout"]) == (256, timeout)
    assert function["Handler"] == f"lambdas.handlers.{module}.handler"
    assert "ReservedConcurrentExecutions" not in function


@pytest.mark.parametrize("name", ["RotateKey", "FailOver"])
def test_a_run_has_ended_before_it_counts_as_dead(name: str) -> None:
    assert FUNCTIONS[name][1] < MAX_RUN_TIME.total_seconds()


def test_a_run_that_enrols_users_has_time_for_two_claims() -> None:
    assert FUNCTIONS["EnrolUsers"][1] >= 2 * SECONDS_FOR_A_CLAIM


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_environment_names_exactly_the_resources_of_the_function(template: Json, name: str) -> None:
    _, function = named(template, "AWS::Lambda::Function", name)
    given = {
        variable: value
        for variable, value in function["Environment"]["Variables"].items()
        if variable in VARIABLES
    }
    assert given == {variable: ref(named(template, *VARIABLES[variable])[0]) for variable in GIVEN[name]}
