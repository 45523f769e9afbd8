"""Measures a storm on a local AWS of its own, with the stack deployed."""

from __future__ import annotations

import time
from collections import Counter
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.console import console
from bench.events.refused_call import RefusedCall
from bench.events.rig import WrongAnswerError
from bench.processes import REGION
from bench.storm.events import calls
from bench.storm.item_size import item_bytes
from bench.storm.keys import broken_keys
from bench.storm.log import read_log
from bench.storm.records import read_records
from bench.storm.sample import StormSample
from bench.storm.sending import send
from infra.remediation.remediate import BATCH_SIZE, MAX_CONCURRENCY
from local.deployment import open_deployment
from local.emulator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.storm.scenario import Storm
    from local.deployment import Deployment

_PATIENCE_SECONDS = 900
_WAITING = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def measure_storms(storms: Iterable[Storm]) -> list[StormSample]:
    samples = []
    for storm in storms:
        with console.status(f"Storm of {storm.name}"):
            samples.append(measure_storm(storm))
    return samples


def measure_storm(storm: Storm) -> StormSample:
    with TemporaryDirectory() as home:
        journal = Path(home) / "journal"
        settings = Settings(
            repeat_every=storm.repeat_every, call_seconds=storm.call_seconds, journal=str(journal)
        )
        with open_deployment(Path(home) / "aws", settings) as deployment:
            return _measure(deployment, storm, journal)


def _measure(deployment: Deployment, storm: Storm, journal: Path) -> StormSample:
    keys = broken_keys(deployment.aws, storm.keys)
    start_the_workers(deployment)
    if storm.hidden_seconds is not None:
        _hide_for(deployment, storm.hidden_seconds)
    function = function_of(deployment)
    began = time.time()
    sent = send(deployment, calls(storm, deployment.aws.account, keys))
    await_calm(deployment)
    records = read_records(
        journal, deployment.outputs["SignalQueueUrl"], function["Role"].rpartition("/")[2], since=began
    )
    deployment.alerts.wait_for(lambda _: False, seconds=3)  # reads all there are
    incidents = {key: deployment.incidents_of(key) for key in keys}
    return StormSample(
        storm=storm,
        sent=sent,
        records=records,
        log=read_log(deployment, function["LoggingConfig"]["LogGroup"], since=began),
        counts=Counter(
            {key: sum(int(item["count"]["N"]) for item in items) for key, items in incidents.items()}
        ),
        alerts=_alerts(keys, [alert.body for alert in deployment.alerts.received]),
        item_bytes={key: max(map(item_bytes, items), default=0) for key, items in incidents.items()},
        dead=messages_in(deployment, "DeadLetterQueueUrl"),
        left=messages_in(deployment, "SignalQueueUrl"),
        seconds=records.last - began,
    )


def _alerts(keys: Iterable[str], bodies: list[str]) -> Counter[str]:
    """Alerts by key, found by the key's id in the alert. Keys without an alert are left out."""
    return Counter({key: count for key in keys if (count := sum(key in body for body in bodies))})


def function_of(deployment: Deployment) -> Any:  # noqa: ANN401 -- as Lambda describes it
    client = deployment.aws.session().client("lambda")
    return client.get_function_configuration(FunctionName=deployment.outputs["RemediateFunctionName"])


def start_the_workers(deployment: Deployment) -> None:
    """Sends irrelevant signals first, because here a cold start counts as the function's time."""
    nothing_wrong = RefusedCall(
        access_key_id="", account=deployment.aws.account, region=REGION, error_code="", error_message=""
    )
    send(deployment, repeat(nothing_wrong, BATCH_SIZE * MAX_CONCURRENCY))
    await_calm(deployment)


def _hide_for(deployment: Deployment, seconds: int) -> None:
    deployment.aws.session().client("sqs").set_queue_attributes(
        QueueUrl=deployment.outputs["SignalQueueUrl"], Attributes={"VisibilityTimeout": str(seconds)}
    )


def await_calm(deployment: Deployment) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while messages_in(deployment, "SignalQueueUrl"):
        if time.monotonic() > deadline:
            raise WrongAnswerError(f"the storm was not processed within {_PATIENCE_SECONDS} s")
        time.sleep(1)


def messages_in(deployment: Deployment, queue: str) -> int:
    """The number of messages, visible or in flight."""
    client: Any = deployment.aws.session().client("sqs")
    answer = client.get_queue_attributes(QueueUrl=deployment.outputs[queue], AttributeNames=_WAITING)
    return sum(int(answer["Attributes"][name]) for name in _WAITING)
