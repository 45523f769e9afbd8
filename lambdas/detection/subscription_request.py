"""The requests to `subscribe_logs`: CloudFormation's about its custom resource, and `{}` of the schedule.

CloudFormation user guide, Custom resource request types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambdas.aws.json_fields import mapping, text, texts
from lambdas.detection.subscriber import Subscriber

_PROPERTY = "LogGroups"
_PHYSICAL_ID = "log-subscriptions"


def respond(
    subscriber: Subscriber,
    event: Mapping[str, object],
    report: Callable[[Mapping[str, str]], None],
) -> dict[str, str]:
    """What CloudFormation is to get.

    A log group that cannot be subscribed to is reported, and fails no deployment. One that keeps the filter
    fails the deletion: nobody would know of the filter afterwards.
    """
    wanted = _log_groups(event, "ResourceProperties") if event["RequestType"] != "Delete" else []
    before = _log_groups(event, "OldResourceProperties") or _log_groups(event, "ResourceProperties")
    left = subscriber.unsubscribe(group for group in before if group not in wanted)
    report(subscriber.subscribe(wanted))
    return answer(event, "; ".join(f"{group}: {reason}" for group, reason in left.items()))


def answer(event: Mapping[str, object], failure: str) -> dict[str, str]:
    """CloudFormation user guide, Custom resource response objects."""
    identity = {name: text(event.get(name)) for name in ("StackId", "RequestId", "LogicalResourceId")}
    return {
        **identity,
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure,
        "PhysicalResourceId": text(event.get("PhysicalResourceId")) or _PHYSICAL_ID,
    }


def _log_groups(event: Mapping[str, object], field: str) -> list[str]:
    return texts(mapping(event.get(field)).get(_PROPERTY))
