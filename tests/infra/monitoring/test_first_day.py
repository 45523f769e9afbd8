"""Each alarm is evaluated, as CloudWatch does it, against the first day of a deployment, and documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from local.emulator.gaps.cloudwatch.evaluation import ALARM
from tests.docs.pages import DOCS, first_column, sections
from tests.infra.monitoring.first_day import MINUTES, NOTHING, Day, Series, happened_at, states
from tests.infra.synthesis import STACK, of_type, synthesise_all

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """Of a deployment with everything that can have an alarm."""
    config = Config.from_context(
        {"regions": ["us-west-2"], "chat": True, "applicationLogs": {"logGroups": ["web"]}}
    )
    return synthesise_all(config, tmp_path_factory.mktemp("first-day"), region="eu-central-1")


def rung(template: Json, day: Day) -> set[str]:
    """The alarms that rang, by their logical ids without the hash."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    return {
        name[:-8].removeprefix("Monitoring") for name, alarm in alarms.items() if ALARM in states(alarm, day)
    }


def stopped_at(minute: int, series: Series) -> Series:
    return [*series[:minute], *NOTHING[minute:]]


@pytest.mark.parametrize("queue_metrics_begin", [0, 15])
@pytest.mark.parametrize("first_sync_at", [2, 110])
def test_no_alarm_rings_on_a_healthy_first_day(
    templates: dict[str, Json], queue_metrics_begin: int, first_sync_at: int
) -> None:
    day = Day(queue_metrics_begin=queue_metrics_begin, first_sync_at=first_sync_at)
    assert [rung(template, day) for template in templates.values()] == [set()] * len(templates)


def test_one_failure_that_the_next_delivery_or_run_repairs_rings_no_alarm(templates: dict[str, Json]) -> None:
    day = Day()
    day.own |= {name: happened_at(300) for name in ("FailedRecords", "FailedSteps", "SecretsLeft")}
    day.errors = {"Remediate": happened_at(300), "RetireKeys": happened_at(360)}
    assert rung(templates[STACK], day) == set()


def test_a_failure_that_the_next_delivery_repeats_rings_its_alarm(templates: dict[str, Json]) -> None:
    day = Day()
    day.own |= {"FailedRecords": happened_at(300, 303), "FailedSteps": happened_at(300, 310)}
    day.errors = {"Remediate": happened_at(300, 303)}
    assert rung(templates[STACK], day) == {"FailedRecords", "FailedRotationSteps", "FunctionErrors"}


def test_a_failure_that_the_timer_repeats_after_five_minutes_rings_the_alarm(
    templates: dict[str, Json],
) -> None:
    day = Day()
    day.own["FailedRecords"] = happened_at(300, 305)
    assert rung(templates[STACK], day) == {"FailedRecords"}


def test_a_secret_that_fails_in_two_hourly_runs_rings_the_alarm(templates: dict[str, Json]) -> None:
    day = Day()
    day.own["SecretsLeft"] = happened_at(300, 360)
    assert rung(templates[STACK], day) == {"SecretsLeft"}


@pytest.mark.parametrize(
    ("function", "alarm"), [("AlertTimer", "TimerDidNotRun"), ("RetireKeys", "RetireKeysDidNotRun")]
)
def test_a_function_that_stops_running_rings_its_alarm(
    templates: dict[str, Json], function: str, alarm: str
) -> None:
    day = Day()
    day.runs[function] = stopped_at(300, day.runs[function])
    assert rung(templates[STACK], day) == {alarm}


@pytest.mark.parametrize(
    ("function", "alarm"), [("AlertTimer", "TimerDidNotRun"), ("RetireKeys", "RetireKeysDidNotRun")]
)
def test_a_function_that_never_runs_rings_its_alarm(
    templates: dict[str, Json], function: str, alarm: str
) -> None:
    day = Day()
    day.runs[function] = NOTHING
    assert rung(templates[STACK], day) == {alarm}


def test_hourly_runs_that_all_fail_ring_the_alarm(templates: dict[str, Json]) -> None:
    day = Day()
    day.errors = {"RetireKeys": day.runs["RetireKeys"]}
    assert rung(templates[STACK], day) == {"RetireKeysDidNotRun"}


def test_a_sync_that_never_finishes_rings_the_alarm_after_two_intervals(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    config = Config(sync_interval_seconds=6 * 60 * 60)
    template = synthesise_all(config, tmp_path_factory.mktemp("sync"))[STACK]
    day = Day(first_sync_at=MINUTES)
    assert rung(template, day) == {"SyncDidNotFinish"}


def test_a_dead_letter_and_an_event_that_reached_no_queue_ring_in_each_region(
    templates: dict[str, Json],
) -> None:
    day = Day()
    day.dead_letters = happened_at(300)
    day.events["InvocationsFailedToBeSentToDlq"] = happened_at(300)
    for template in templates.values():
        assert rung(template, day) == {"DeadLetters", "LostEvents"}


def test_a_message_that_waits_rings_the_alarm_of_late_messages(templates: dict[str, Json]) -> None:
    day = Day()
    day.queues = [601.0] * MINUTES
    assert rung(templates[STACK], day) == {"LateMessages"}


def test_every_alarm_of_every_template_has_its_row_in_the_documentation(templates: dict[str, Json]) -> None:
    ids = {alarm for template in templates.values() for alarm in of_type(template, "AWS::CloudWatch::Alarm")}
    described = first_column(sections(DOCS / "operations.md")["Alarms"])
    named_in_a_row = {alarm: [row for row in described if row in alarm] for alarm in ids}
    assert not [alarm for alarm, rows in named_in_a_row.items() if not rows]
    assert described == {row for rows in named_in_a_row.values() for row in rows}, "no row without an alarm"
