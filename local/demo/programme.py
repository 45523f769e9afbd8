"""The scenarios of the demo, in the order in which they run."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from local.demo import blocked_rotations, predictions
from local.demo.ended_enrolments import run_ended_enrolment
from local.demo.mail import check_mail, mail_user, rotate
from local.demo.rotations import (
    cautious_user,
    check_approval,
    check_fail_over,
    check_rotation,
    deactivate_by_automation,
    rotated_user,
    working_consumer,
)
from local.demo.scenario_runner import run_healthy_key, run_scenario
from local.demo.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from local.demo.consumer import Consumer
    from local.demo.enrolment import EnrolledUser
    from local.demo.outcome import Outcome
    from local.deployment import Deployment

    Run = Callable[[], Outcome]
    Step = Callable[[str], AbstractContextManager[object]]


def run_all(deployment: Deployment, step: Step) -> Iterator[tuple[Outcome, int]]:
    """Yields each outcome with the number of all scenarios.

    Starts the slow scenarios first, those that wait for a user's deletion or the test of a new key. The users
    are enrolled before them, so that this delays no measurement of an alert.
    """
    with ExitStack() as until_the_end:
        with step("Enrolling users for rotation"):
            consuming, consumer = until_the_end.enter_context(working_consumer(deployment))
            others = [cautious_user(deployment), rotated_user(deployment)]
            mailer = mail_user(deployment)
            scenarios = blocked_rotations.BLOCKED_ROTATIONS
            blocked = [blocked_rotations.prepare(deployment, scenario) for scenario in scenarios]
        with step("Deactivating and deleting keys that are in use"):
            outages = predictions.start(deployment, predictions.OUTAGES)
            rotations = _start_rotations([consuming, *others], consumer)
            started = [blocked_rotations.start(prepared) for prepared in blocked]
        rotated_at = rotate(mailer)
        runs: list[Run] = [
            *_diagnoses(deployment),
            *(partial(predictions.finish, deployment, it) for it in outages),
            *rotations,
            partial(check_mail, mailer, rotated_at),
        ]
        runs += [partial(blocked_rotations.finish, it) for it in started]
        runs += [partial(run_ended_enrolment, deployment)]
        runs += [partial(blocked_rotations.run_without_budget, deployment)]
        runs += [partial(blocked_rotations.run_with_kill_switch, deployment)]
        yield from ((run(), len(runs)) for run in runs)


def _diagnoses(deployment: Deployment) -> list[Run]:
    runs: list[Run] = [partial(run_scenario, deployment, scenario) for scenario in SCENARIOS]
    return [*runs, partial(run_healthy_key, deployment)]


def _start_rotations(users: Sequence[EnrolledUser], consumer: Consumer) -> list[Run]:
    rotated, approved, failed_over = [deactivate_by_automation(user) for user in users]
    return [
        partial(check_rotation, rotated, consumer),
        partial(check_approval, approved),
        partial(check_fail_over, failed_over),
    ]
