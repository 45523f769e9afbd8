"""Hourly runs one after another, over more secrets than one run has time for."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import TransientError
from lambdas.handlers import retire_keys
from lambdas.observability import FAILED_RECORDS, SECRETS_LEFT, metrics
from lambdas.retirement.domain.retirement import RetirementFacts, Step
from lambdas.retirement.retirement_run import RetirementRun
from lambdas.retirement.retirer import RetirementStep
from lambdas.rotation.domain.rotation_state import Superseded
from lambdas.rotation.ports import SecretGoneError
from tests.support.builders import NOON, key_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.retirement.retirement_run import RunOutcome

NAMES = [f"access-keys/{number:03}" for number in range(40)]


@dataclass
class Hourly:
    """Each secret takes one of the 30 seconds of a run; 20 are reserved for one that takes longer."""

    last: str = ""
    errors: dict[str, BaseException] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    unsendable: frozenset[str] = frozenset()
    sent: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    seconds_left: float = 30.0

    def use_case(self) -> RetirementRun:
        return RetirementRun(
            all_names=lambda: NAMES,
            cursor=self,
            retire=self.retire,
            notify=self.notify,
            report_deleted=self.deleted.append,
        )

    def run(self) -> RunOutcome:
        self.seconds_left = 30.0
        return self.use_case().process_all(lambda: self.seconds_left)

    def retire(self, name: str) -> list[RetirementStep]:
        self.seen.append(name)
        self.seconds_left -= 1
        if name in self.errors:
            raise self.errors[name]
        return [a_step(name)]

    def notify(self, step: RetirementStep) -> None:
        if step.secret_name in self.unsendable:
            raise TransientError("sqs:SendMessage: Throttling")
        self.sent.append(step.secret_name)

    def resume_order(self, names: Sequence[str]) -> list[str]:
        return sorted(names, key=lambda name: (name <= self.last, name))

    def start(self, name: str) -> None:
        self.last = name


def a_step(name: str) -> RetirementStep:
    return RetirementStep(
        secret_name=name,
        access_key_id=key_id(1),
        step=Step.WAIT,
        user_name="alice",
        record=Superseded(access_key_id=key_id(1), at=NOON, retire_after=NOON),
        facts=RetirementFacts(listed=None, last_use=None, successor_use=None, is_named=False),
    )


def test_each_run_begins_where_the_last_one_stopped() -> None:
    hourly = Hourly()
    for _ in range(4):
        hourly.run()
    assert hourly.seen[: len(NAMES)] == NAMES


def test_secrets_that_a_run_has_no_time_for_are_counted() -> None:
    hourly = Hourly()
    outcome = hourly.run()
    assert (outcome.failures, outcome.secrets_left) == (0, len(NAMES) - len(hourly.seen))
    assert len(hourly.seen) < len(NAMES)


def test_a_secret_that_crashes_a_run_does_not_block_the_others() -> None:
    hourly = Hourly(errors={NAMES[5]: SystemExit()})
    for _ in range(6):
        try:
            hourly.run()
        except SystemExit:
            continue
    assert set(hourly.seen) == set(NAMES)


@pytest.mark.parametrize("error", [TransientError("iam:ListAccessKeys: Throttling"), ZeroDivisionError()])
def test_a_secret_that_fails_is_counted_and_the_others_are_processed(error: Exception) -> None:
    hourly = Hourly(errors={NAMES[1]: error})
    assert hourly.run().failures == 1
    assert hourly.sent == [name for name in hourly.seen if name != NAMES[1]]
    assert len(hourly.sent) > 1


def test_a_notification_that_cannot_be_sent_is_counted_and_the_others_are_sent() -> None:
    hourly = Hourly(unsendable=frozenset({NAMES[0], NAMES[2]}))
    assert hourly.run().failures == 2
    assert NAMES[1] in hourly.sent


def test_a_deleted_secret_is_reported_and_is_no_failure() -> None:
    hourly = Hourly(errors={NAMES[0]: SecretGoneError("there is no such secret")})
    assert hourly.run().failures == 0
    assert hourly.deleted == [NAMES[0]]


def test_the_function_counts_what_failed_and_what_was_not_processed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hourly, counted = Hourly(unsendable=frozenset(NAMES[:3])), dict[str, float]()
    monkeypatch.setattr(retire_keys, "retire_function", hourly.use_case)
    add_metric = metrics.add_metric

    def count(name: str, unit: str, value: float) -> None:
        counted[name] = value
        add_metric(name=name, unit=unit, value=value)

    monkeypatch.setattr(metrics, "add_metric", count)
    context = SimpleNamespace(
        get_remaining_time_in_millis=lambda: hourly.seconds_left * 1000,
        function_name="f",
        memory_limit_in_mb=256,
        invoked_function_arn="a",
        aws_request_id="r",
    )
    retire_keys.handler({}, context)
    assert counted == {FAILED_RECORDS: 3, SECRETS_LEFT: 3 + len(NAMES) - len(hourly.seen)}
