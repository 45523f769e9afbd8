"""The permission that a batch of messages needs.

AWS documents (Service Authorization Reference, Amazon SQS and Amazon SNS) no actions for batches: sending,
deleting and publishing several messages takes the permission for one. The emulator asks for an action named
like the operation, which no policy allows or denies.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core import iam_actions

ACTIONS: Final = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}


def fill() -> None:
    extract = iam_actions.extract_iam_action

    def extract_iam_action(*request: Any) -> str | None:
        action = extract(*request)
        return ACTIONS.get(action, action) if action else None

    iam_actions.extract_iam_action = extract_iam_action
