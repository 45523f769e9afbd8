"""What the flood's measurement counts; the flood itself is for `python -m bench.flood`."""

from __future__ import annotations

from collections import Counter

from bench.flood.sample import FloodSample
from bench.flood.scenario import QUIET_SECONDS, Flood
from bench.storm.log import Log
from bench.storm.records import Records
from bench.storm.sample import StormSample
from bench.storm.scenario import Storm
from local.inbox import Received
from tests.support.builders import key_id

KNOWN, USED = key_id(1), key_id(2)


def an_alert(at: float, text: str, *, closed: bool = False, cause: str = "unknown-key") -> Received:
    subject = "closed: 1 call" if closed else "calls refused"
    return Received(subject=subject, body=text, attributes={"cause": cause} if cause else {}, at=at)


def a_sample(*alerts: Received) -> FloodSample:
    records = Records(calls=(), batches=(), processed=Counter(), last=0)
    storm = StormSample(
        storm=Storm(),
        sent={},
        records=records,
        log=Log(milliseconds=(1.0,), memory_mib=256, size=1),
        counts=Counter(),
        alerts=Counter(),
        item_bytes={},
        dead=0,
        left=0,
        seconds=1,
    )
    return FloodSample(
        flood=Flood(ids=0),
        storm=storm,
        began=0,
        alerts=alerts,
        acted_at={KNOWN: 10.0, USED: 20.0},
        used=frozenset({USED}),
        counted=0,
        incidents=0,
    )


def test_alerts_about_unknown_ids_are_counted_in_any_hour_without_closings_and_alarms() -> None:
    unknown = [an_alert(at, "another id") for at in (0, 1800, 3599, 3600, 7300)]
    others = [an_alert(1, "x", closed=True), an_alert(1, "x", cause=""), an_alert(1, f"of {KNOWN}")]
    assert a_sample(*unknown, *others).most_in_an_hour == 3


def test_the_alert_and_the_closing_of_a_known_key_have_times_of_their_own() -> None:
    sample = a_sample(
        an_alert(12, KNOWN), an_alert(12 + QUIET_SECONDS + 30, KNOWN, closed=True), an_alert(25, USED)
    )
    assert (sorted(sample.alert_seconds), sample.closing_seconds) == ([2, 5], [30])
