"""Invokes the `fail_over` function, which may read secret values as its callers may not."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.codec import from_plain
from lambdas.errors import TransientError
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.ports import RefusedError


class LambdaFailOver:
    """See rotation/fail_over_request.py for request and response."""

    def __init__(self, clients: Clients, function_name: str) -> None:
        self._clients = clients
        self._function_name = function_name

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        return self._invoke({"secret": secret_name, "token": token})

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        return self._invoke({"secret": secret_name, "backup": backup, "token": token})

    def _invoke(self, request: Mapping[str, str]) -> FailOverResult:
        with aws_errors("lambda:InvokeFunction"):
            answer = self._clients.functions.invoke(
                FunctionName=self._function_name, Payload=json.dumps(request).encode()
            )
            payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise TransientError("the function fail_over has failed")
        result = json.loads(payload)
        if result["outcome"] == "refused":
            raise RefusedError(result["reason"])
        return from_plain(FailOverResult, result)
