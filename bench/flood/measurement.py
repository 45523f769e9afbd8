"""Measures a flood on a local AWS of its own, with the stack deployed."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.console import console
from bench.events.refused_call import RefusedCall
from bench.flood.sample import FloodSample
from bench.flood.scenario import QUIET_SECONDS, Flood
from bench.processes import REGION
from bench.storm.item_size import item_bytes
from bench.storm.log import read_log
from bench.storm.measurement import await_calm, function_of, messages_in, start_the_workers
from bench.storm.records import read_records
from bench.storm.sample import StormSample
from bench.storm.scenario import Storm
from bench.storm.sending import send
from local.demo.scenarios import ANOTHER_ACCOUNT, deactivated, working
from local.deployment import open_deployment
from local.emulator.key_ids import key_id
from local.emulator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from local.demo.application import Application
    from local.deployment import Deployment

_SECONDS_BETWEEN = 10  # two calls with known keys
_SECONDS_FOR_THE_LAST = QUIET_SECONDS + 180


def measure_flood(flood: Flood) -> FloodSample:
    with console.status(f"Flood of {flood.name}"), TemporaryDirectory() as home:
        journal = Path(home) / "journal"
        settings = Settings(journal=str(journal))
        with open_deployment(Path(home) / "aws", settings, incidentQuietSeconds=QUIET_SECONDS) as deployment:
            return _Measurement(deployment, flood, journal).measure()


@dataclass
class _Measurement:
    deployment: Deployment
    flood: Flood
    journal: Path
    acted_at: dict[str, float] = field(default_factory=dict)  # by known key, on the monotonic clock
    began: float = 0.0  # likewise

    def measure(self) -> FloodSample:
        known = [deactivated(self.deployment.aws) for _ in range(self.flood.known_keys)]
        used = [working(self.deployment.aws) for _ in range(self.flood.predictions)]
        for application in (*known, *used):
            self.deployment.ledger.await_entry(application.access_key_id, bool)
        start_the_workers(self.deployment)
        began, self.began = time.time(), time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send, self.deployment, self._calls())
            acts: list[Callable[[], None]] = [
                *(partial(self._call, it) for it in known),
                *(partial(self._deactivate, it) for it in used),
            ]
            self._act(acts)
            while not sending.done():
                self._receive(1)
            sent = sending.result()
        await_calm(self.deployment)
        drained = time.time()
        self._receive(_SECONDS_FOR_THE_LAST)
        return self._sample(sent, known, used, began, drained)

    def _act(self, acts: list[Callable[[], None]]) -> None:
        for act in acts:
            act()
            self._receive(_SECONDS_BETWEEN)

    def _receive(self, seconds: float) -> None:
        self.deployment.alerts.wait_for(lambda _: False, seconds=seconds)

    def _call(self, application: Application) -> None:
        self.acted_at[application.access_key_id] = time.monotonic()
        call = RefusedCall(
            access_key_id=application.access_key_id, account=self.deployment.aws.account, region=REGION
        )
        self.deployment.inject(call.as_event())

    def _deactivate(self, application: Application) -> None:
        self.acted_at[application.access_key_id] = time.monotonic()
        application.deactivate_key()

    def _calls(self) -> Iterator[RefusedCall]:
        draw = random.Random(self.flood.ids)  # noqa: S311 - nothing secret is drawn
        accounts = (self.deployment.aws.account, ANOTHER_ACCOUNT)
        for number in range(self.flood.ids):
            yield RefusedCall(
                access_key_id=key_id("AKIA", accounts[number % 2]),
                account=self.deployment.aws.account,
                region=REGION,
                source=f"198.51.100.{draw.randrange(self.flood.sources)}",
            )

    def _sample(
        self,
        sent: dict[str, RefusedCall],
        known: list[Application],
        used: list[Application],
        began: float,
        drained: float,
    ) -> FloodSample:
        function, items = function_of(self.deployment), self._incidents()
        role = function["Role"].rpartition("/")[2]
        records = read_records(self.journal, self.deployment.outputs["SignalQueueUrl"], role, since=began)
        sizes = {item["accessKeyId"]["S"]: item_bytes(item) for item in items}
        storm = StormSample(
            storm=Storm(events=self.flood.ids, regions=(REGION,)),
            sent=sent,
            records=records,
            log=read_log(self.deployment, function["LoggingConfig"]["LogGroup"], since=began),
            counts=Counter(),
            alerts=Counter(),
            item_bytes=sizes,
            dead=messages_in(self.deployment, "DeadLetterQueueUrl"),
            left=messages_in(self.deployment, "SignalQueueUrl"),
            seconds=drained - began,
        )
        return FloodSample(
            flood=self.flood,
            storm=storm,
            began=self.began,
            alerts=tuple(self.deployment.alerts.received),
            acted_at=self.acted_at,
            used=frozenset(it.access_key_id for it in used),
            counted=sum(int(it["count"]["N"]) for it in items if it["accessKeyId"]["S"] not in self.acted_at),
            incidents=len(items) - len(known) - len(used),
        )

    def _incidents(self) -> list[dict[str, Any]]:
        pages = (
            self.deployment.aws.session()
            .client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.deployment.outputs["IncidentTableName"])
        )
        return [item for page in pages for item in page["Items"]]
