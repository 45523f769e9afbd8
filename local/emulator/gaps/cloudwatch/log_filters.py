"""The patterns and limits of subscription filters.

AWS documents that a phrase in quotes matches exactly and that of terms with a question mark any suffices
(CloudWatch Logs user guide, Filter pattern syntax); that a pattern has at most 1,024 characters and a log
group two filters (API reference, PutSubscriptionFilter); and that the destination's policy must let
CloudWatch Logs in. The emulator wants every word of a pattern, in any order, and checks nothing.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import cloudwatch_logs

from local.emulator.permissions import service_may

MAX_PATTERN: Final = 1024
MAX_FILTERS: Final = 2
SERVICE: Final = "logs.amazonaws.com"
TERM: Final = re.compile(r'(?P<optional>\??)(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')


def fill() -> None:
    put = cloudwatch_logs._put_subscription_filter

    def put_if_allowed(request: dict[str, Any]) -> Any:
        return _refusal(request) or put(request)

    cloudwatch_logs._put_subscription_filter = put_if_allowed
    cloudwatch_logs._subscription_pattern_matches = matches


def matches(pattern: str, message: str) -> bool:
    """For terms that are all optional, or all required: AWS ignores optional ones next to a required one."""
    terms = [(bool(each["optional"]), each["phrase"] or each["word"]) for each in TERM.finditer(pattern)]
    required = [term for optional, term in terms if not optional]
    if required:
        return all(term in message for term in required)
    return not terms or any(term in message for _, term in terms)


def _refusal(request: dict[str, Any]) -> Any:
    name = request.get("logGroupName", "")
    group = cloudwatch_logs._log_groups.get(name)
    if group is None:
        return None
    if len(request.get("filterPattern", "")) > MAX_PATTERN:
        return error_response_json("InvalidParameterException", "The pattern is too long", 400)
    others = group["subscriptionFilters"].keys() - {request.get("filterName")}
    if len(others) >= MAX_FILTERS:
        return error_response_json("LimitExceededException", "Resource limit exceeded.", 400)
    source = {"aws:SourceArn": f"{group['arn'].removesuffix(':*')}:*", "aws:SourceAccount": get_account_id()}
    if not service_may(SERVICE, "lambda:InvokeFunction", request.get("destinationArn", ""), source):
        text = "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission."
        return error_response_json("InvalidParameterException", text, 400)
    return None
