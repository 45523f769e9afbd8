"""The KMS rights of those who send to, or read from, an encrypted queue or topic.

AWS documents that with a customer's key the sender needs kms:GenerateDataKey and kms:Decrypt, and the reader
kms:Decrypt, by their own policies and the key's. The emulator asks for neither.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import sns, sqs

from local.emulator.permissions import customer_key_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

SEND: Final = ("kms:GenerateDataKey", "kms:Decrypt")
SQS_ACTIONS: Final = {"SendMessage": SEND, "SendMessageBatch": SEND, "ReceiveMessage": ("kms:Decrypt",)}
SNS_ACTIONS: Final = {"Publish": SEND, "PublishBatch": SEND}


def fill() -> None:
    _guard(sqs, _sqs_attributes_and_needs, _sqs_refusal)
    _guard(sns, _sns_attributes_and_needs, _sns_refusal)


def _guard(service: Any, attributes_and_needs: Any, refusal: Any) -> None:
    handle = service.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        attributes, needs = attributes_and_needs(headers, body)
        if message := _denial(extract_access_key_id(headers, query), needs, customer_key_arn(attributes)):
            return refusal(message)
        return await handle(method, path, headers, body, query)

    service.handle_request = handle_request


def _denial(access_key_id: str, needs: tuple[str, ...], key: str | None) -> str | None:
    for action in needs if key else ():
        denied = iam_evaluator.enforce(access_key_id, action, "kms", get_region(), resource_arn=key)
        if denied:
            return f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {key}"
    return None


def _sqs_attributes_and_needs(headers: Mapping[str, str], body: bytes) -> tuple[Any, tuple[str, ...]]:
    needs = SQS_ACTIONS.get(headers.get("x-amz-target", "").rpartition(".")[2], ())
    name = str(json.loads(body)["QueueUrl"]).rpartition("/")[2] if needs else ""
    queue = sqs._queues.get(sqs._queue_url(name)) or {}
    return queue.get("attributes", {}), needs


def _sns_attributes_and_needs(_headers: Mapping[str, str], body: bytes) -> tuple[Any, tuple[str, ...]]:
    parameters = parse_qs(body.decode("utf-8", "replace"))
    needs = SNS_ACTIONS.get(parameters.get("Action", [""])[0], ())
    arn = (parameters.get("TopicArn") or parameters.get("TargetArn") or [""])[0]
    topic = (sns._topic_by_arn_any_scope(arn) if needs and arn else None) or {}
    return topic.get("attributes", {}), needs


def _sqs_refusal(message: str) -> Any:
    return sqs._json_err_resp("KMS.AccessDeniedException", message, 400)


def _sns_refusal(message: str) -> Any:
    return sns._error("KMSAccessDenied", message, 400)
