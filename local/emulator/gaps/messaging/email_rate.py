"""The rate of e-mail.

AWS documents that more than 10 messages a second to an e-mail endpoint suspend its subscription: it waits for
a new confirmation. https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
The emulator takes any number.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from typing import Any, Final

from ministack.services import sns

from local.emulator.gaps.messaging.email_subscriptions import EMAIL, await_confirmation

PER_SECOND: Final = 10


def fill() -> None:
    fan_out = sns._fanout
    sent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=PER_SECOND + 1))

    def fanout(topic_arn: str, *message: Any, **options: Any) -> Any:
        fan_out(topic_arn, *message, **options)
        for subscription in _recipients(topic_arn, *message):
            times = sent[subscription["endpoint"]]
            times.append(time.monotonic())
            if len(times) > PER_SECOND and times[-1] - times[0] < 1:
                await_confirmation(subscription)

    sns._fanout = fanout


def _recipients(
    topic_arn: str, _id: str, text: str, _subject: str, structure: str = "", attributes: Any = None
) -> list[dict[str, Any]]:
    topic = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
    confirmed = [it for it in topic["subscriptions"] if it["protocol"] in EMAIL and it["confirmed"]]
    return [
        subscription
        for subscription in confirmed
        if sns._matches_filter_policy(
            subscription,
            attributes or {},
            sns._resolve_message_for_protocol(text, structure, subscription["protocol"]),
        )
    ]
