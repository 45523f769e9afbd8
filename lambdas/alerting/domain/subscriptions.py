"""The subscriptions to the two topics for people: those in the configuration, and what SNS lists of them.

What is stored and shown of an endpoint names it for its operator alone: an address is personal, and a URL may
contain a key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

_LONGEST_NAME = 40
_USER_INFO = re.compile(r"//[^/@]*@")  # SNS lists a URL with its password masked


class PeopleTopic(StrEnum):
    ALERTS = "alerts"
    OPERATIONS = "operations"


@dataclass(frozen=True, kw_only=True)
class DeployedSubscriptions:
    """By topic and digest: the masked endpoint."""

    by_topic: Mapping[PeopleTopic, Mapping[str, str]] = field(default_factory=dict)
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ListedSubscription:
    protocol: str
    endpoint: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class TopicStatus:
    topic: PeopleTopic
    confirmed: int  # subscriptions, those that were added by hand included
    missing: tuple[str, ...]  # masked endpoints of the deployed ones that are not confirmed

    @property
    def is_complete(self) -> bool:
        return self.confirmed > 0 and not self.missing


def topic_status(
    topic: PeopleTopic, deployed: DeployedSubscriptions, listed: Iterable[ListedSubscription]
) -> TopicStatus:
    confirmed = [digest_of(it.protocol, it.endpoint) for it in listed if it.confirmed]
    expected = deployed.by_topic.get(topic, {})
    missing = tuple(shown for digest, shown in expected.items() if digest not in confirmed)
    return TopicStatus(topic=topic, confirmed=len(confirmed), missing=missing)


def digest_of(protocol: str, endpoint: str) -> str:
    return hashlib.sha256(f"{protocol} {_USER_INFO.sub('//', endpoint)}".encode()).hexdigest()[:12]


def masked(protocol: str, endpoint: str) -> str:
    """The protocol and what is left of an address, a URL or an ARN: `email a***@example.com`."""
    if protocol == "https":
        name = f"https://{urlsplit(endpoint).hostname}/***"
    elif "@" in endpoint:
        local, _, domain = endpoint.rpartition("@")
        name = f"{local[0]}***@{domain}"
    else:
        name = endpoint.rpartition(":")[2]
    return f"{protocol} {name}"[:_LONGEST_NAME]
