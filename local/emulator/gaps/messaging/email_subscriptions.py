"""E-mail subscriptions.

AWS documents that they wait for a confirmation, and that until then Subscribe answers `pending confirmation`
and the lists say `PendingConfirmation`. The emulator confirms them at once.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import new_uuid
from ministack.services import sns

EMAIL: Final = frozenset({"email", "email-json"})


def fill() -> None:
    handle, fan_out = sns.handle_request, sns._fanout

    async def handle_request(*request: Any) -> Any:
        status, headers, body = await handle(*request)
        for subscription in _pending():
            shown = b"pending confirmation" if b"<SubscribeResult>" in body else b"PendingConfirmation"
            body = body.replace(subscription["arn"].encode(), shown)
        return status, headers, body

    def fanout(*message: Any, **options: Any) -> Any:
        _pending()
        return fan_out(*message, **options)

    sns.handle_request, sns._fanout = handle_request, fanout


def _pending() -> list[dict[str, Any]]:
    """Every e-mail subscription gets its token once: until that is used, it is pending."""
    pending = []
    for topic in sns._topics.values():
        for subscription in topic["subscriptions"]:
            if subscription["protocol"] in EMAIL and "mailed" not in subscription:
                await_confirmation(subscription)
            if subscription["protocol"] in EMAIL and not subscription["confirmed"]:
                pending.append(subscription)
    return pending


def await_confirmation(subscription: dict[str, Any]) -> None:
    subscription.update(mailed=True, confirmed=False, token=new_uuid())
    subscription["attributes"]["PendingConfirmation"] = "true"
    sns.logger.info("An e-mail asks %s to confirm: token %s", subscription["endpoint"], subscription["token"])
