"""Asks AWS Lambda whether it has a function."""

from __future__ import annotations

from lambdas.aws.adapters.client_errors import unless_refused
from lambdas.aws.adapters.clients import Clients


class LambdaFunctions:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def has_function(self, arn: str) -> bool:
        """False only if Lambda says that there is no such function. Raises TransientError for any other
        error, a missing permission included.

        GetFunctionConcurrency returns one number; GetFunction would return a link to the code, and the
        environment (Lambda API reference, both with ResourceNotFoundException).
        """
        answer = unless_refused(
            "lambda:GetFunctionConcurrency",
            {"ResourceNotFoundException"},
            lambda: self._clients.functions.get_function_concurrency(FunctionName=arn),
        )
        return answer is not None
