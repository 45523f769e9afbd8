"""The remediator's subscription filters, one in each configured log group."""

from __future__ import annotations

from lambdas.aws.adapters.client_errors import aws_errors, unless_refused
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.domain.refusal_sentences import filter_pattern
from lambdas.errors import PermanentError

_NOT_FOUND = "ResourceNotFoundException"
# CloudWatch Logs API reference, PutSubscriptionFilter. The class Infrequent Access has no subscription
# filters (CloudWatch Logs user guide, Log classes).
_REFUSALS = {
    _NOT_FOUND: "it does not exist",
    "LimitExceededException": "it already has as many subscription filters as CloudWatch Logs allows",
    "InvalidOperationException": "its log class has no subscription filters",
    "InvalidParameterException": "CloudWatch Logs does not accept a subscription filter for it",
}


class CloudWatchLogSubscriptions:
    """Changes no filter but that of the given name."""

    def __init__(self, clients: Clients, *, filter_name: str, function_arn: str) -> None:
        self._clients = clients
        self._filter_name = filter_name
        self._function_arn = function_arn

    def put(self, log_group: str) -> None:
        """Raises PermanentError, whose text is the reason, if the log group cannot have the filter."""
        known = {code: PermanentError(reason) for code, reason in _REFUSALS.items()}
        with aws_errors("logs:PutSubscriptionFilter", known=known):
            self._clients.logs.put_subscription_filter(
                logGroupName=log_group,
                filterName=self._filter_name,
                filterPattern=filter_pattern(),
                destinationArn=self._function_arn,
            )

    def remove(self, log_group: str) -> None:
        """Also succeeds if there is no filter, or no log group."""
        unless_refused(
            "logs:DeleteSubscriptionFilter",
            {_NOT_FOUND},
            lambda: self._clients.logs.delete_subscription_filter(
                logGroupName=log_group, filterName=self._filter_name
            ),
        )
