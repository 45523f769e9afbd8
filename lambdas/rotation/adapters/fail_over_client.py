"""The `fail_over` function as others call it: it reads the secrets that they may not read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.item_codec import time_of
from lambdas.errors import TransientError
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.ports import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_lambda import LambdaClient


class LambdaFailOver:
    """Answers are those of handlers/fail_over.py."""

    def __init__(self, client: Callable[[], LambdaClient], function_name: str) -> None:
        self._client = client
        self._function_name = function_name

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        return self._ask({"secret": secret_name, "token": token})

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        return self._ask({"secret": secret_name, "backup": backup, "token": token})

    def _ask(self, request: Mapping[str, str]) -> FailOverResult:
        with aws_errors("lambda:InvokeFunction"):
            answer = self._client().invoke(
                FunctionName=self._function_name, Payload=json.dumps(request).encode()
            )
            payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise TransientError("the function fail_over has failed")
        return _carried(json.loads(payload))


def _carried(answer: Mapping[str, str]) -> FailOverResult:
    if answer["outcome"] == "refused":
        raise RefusedError(answer["reason"])
    return FailOverResult(
        access_key_id=answer["accessKeyId"],
        since=time_of(answer["since"]),
        lender=answer["lender"],
        moved=answer["outcome"] == "failed-over",
    )
