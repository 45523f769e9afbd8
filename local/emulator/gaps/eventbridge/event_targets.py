"""What EventBridge may deliver to.

AWS documents that a queue, topic or function needs a resource policy that lets events.amazonaws.com in, and
an encrypted queue or topic a key policy too, whose conditions cannot name the rule or its account; an event
bus asks as `bus_targets` says. What may not be delivered counts as FailedInvocations and goes to the target's
dead-letter queue, or, where that may not be used either, counts as InvocationsFailedToBeSentToDlq. The
metrics of a rule on a custom bus have the bus's name too. The emulator delivers without asking, and knows no
dead-letter queues.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, eventbridge, sns, sqs

from local.emulator.gaps.eventbridge import bus_targets
from local.emulator.gaps.eventbridge.event_refusal import EVENTS, Refusal
from local.emulator.permissions import customer_key_arn, service_may

ACTIONS: Final = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
KEY_ACTIONS: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def fill() -> None:
    deliver = eventbridge._invoke_target

    def invoke_target(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        if (refusal := _refusal(target, rule, event)) is None:
            deliver(target, event, rule, view)
        else:
            _give_up(target, rule, view or eventbridge._pattern_event_view(event), refusal)

    eventbridge._invoke_target = invoke_target


def _refusal(target: dict[str, Any], rule: dict[str, Any], event: dict[str, Any]) -> Refusal | None:
    arn = target["Arn"]
    if ":event-bus/" in arn:
        return bus_targets.refusal(target, rule, event)
    denied = _denied(arn, rule)
    message = f"{EVENTS} is not authorized to perform: {denied}"
    return Refusal("NO_PERMISSIONS", message) if denied else None


def _denied(arn: str, rule: dict[str, Any]) -> str | None:
    action = ACTIONS.get(arn.split(":")[2])
    if action is None:
        return None
    source = {"aws:SourceArn": rule["Arn"], "aws:SourceAccount": get_account_id()}
    if not service_may(EVENTS, action, arn, source):
        return f"{action} on resource: {arn}"
    key = customer_key_arn(_attributes(arn))
    denied = [action for action in KEY_ACTIONS if key and not service_may(EVENTS, action, key, {})]
    return f"{denied[0]} on resource: {key}" if denied else None


def _attributes(arn: str) -> dict[str, str]:
    found = {"sqs": sqs._queue_by_arn, "sns": sns._topic_by_arn_any_scope}.get(arn.split(":")[2])
    attributes: dict[str, str] = ((found(arn) if found else None) or {}).get("attributes", {})
    return attributes


def _give_up(target: dict[str, Any], rule: dict[str, Any], view: Any, refusal: Refusal) -> None:
    eventbridge.logger.warning("%s", refusal.message)
    _count("FailedInvocations", rule)
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters and (sqs._queue_by_arn(dead_letters) is None or _denied(dead_letters, rule)):
        _count("InvocationsFailedToBeSentToDlq", rule)
    elif dead_letters:
        _count("InvocationsSentToDlq", rule)
        payload = json.dumps(view.event_with_detail())
        eventbridge._dispatch_to_sqs(parse_arn(dead_letters), payload)
        _explain(dead_letters, target, rule, refusal)


def _count(metric: str, rule: dict[str, Any]) -> None:
    dimensions = {"RuleName": rule["Name"]}
    bus = rule.get("EventBusName") or "default"
    if bus != "default":
        dimensions["EventBusName"] = bus
    cloudwatch.record_metric("AWS/Events", metric, 1, "Count", dimensions)


def _explain(dead_letters: str, target: dict[str, Any], rule: dict[str, Any], refusal: Refusal) -> None:
    texts = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": refusal.code,
        "ERROR_MESSAGE": refusal.message,
    }
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    sqs._queue_by_arn(dead_letters)["messages"][-1]["message_attributes"] = attributes
