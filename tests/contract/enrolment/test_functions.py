"""Whether AWS Lambda has a function: only its own denial says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from lambdas.enrolment.adapters.functions import LambdaFunctions
from lambdas.errors import TransientError

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

ARN = "arn:aws:lambda:us-east-1:123456789012:function:RotateKey"
OPERATION = "get_function_concurrency"


@pytest.mark.parametrize("answer", [{}, {"ReservedConcurrentExecutions": 0}])
def test_a_function_exists_whether_or_not_concurrency_is_reserved_for_it(
    clients: Clients, answer: dict[str, int]
) -> None:
    with Stubber(clients.functions) as stub:
        stub.add_response(OPERATION, answer, {"FunctionName": ARN})
        assert LambdaFunctions(clients).has_function(ARN) is True


def test_a_function_that_lambda_does_not_know_is_gone(clients: Clients) -> None:
    with Stubber(clients.functions) as stub:
        stub.add_client_error(OPERATION, "ResourceNotFoundException")
        assert LambdaFunctions(clients).has_function(ARN) is False


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",
        "ServiceException",
        "TooManyRequestsException",
        "InvalidParameterValueException",
        "UnrecognizedClientException",
    ],
)
def test_no_other_error_says_that_a_function_is_gone(clients: Clients, code: str) -> None:
    with Stubber(clients.functions) as stub:
        stub.add_client_error(OPERATION, code)
        with pytest.raises(TransientError, match=code):
            LambdaFunctions(clients).has_function(ARN)
