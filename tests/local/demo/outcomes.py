"""Outcomes of scenarios that were never run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.demo.outcome import Outcome
from local.inbox import Received


def an_alert(cause: str = "key-inactive", decision: str = "notify", at: float = 101.6) -> Received:
    attributes = {"cause": cause, "decision": decision, "severity": "high", "owner": "app-1"}
    return Received(f"[high] {cause}: app-1", "WHAT FAILED\n  sts GetCallerIdentity\n\n", attributes, at)


def an_outcome(**changes: Any) -> Outcome:
    outcome = Outcome(
        name="inactive key, STS call",
        description="An application calls STS with a key that was deactivated.",
        expected=("cause key-inactive, decision notify, within 5 s",),
        alert=an_alert(),
        seconds=1.6,
        problems=(),
    )
    return replace(outcome, **changes)


def a_prediction() -> Outcome:
    return an_outcome(
        name="key in use deleted",
        expected=("cause deleted-in-use, within 7 s", "cause key-deleted, within 5 s"),
        alert=an_alert("deleted-in-use"),
        later=an_alert("key-deleted"),
    )


def without_an_alert() -> Outcome:
    return an_outcome(name="healthy key", expected=("no alert",), alert=None, decision="suppress")


def a_failure() -> Outcome:
    return an_outcome(problems=("severity is high, not low", "the alert took 9.0 s, more than 5 s"))
