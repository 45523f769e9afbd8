"""The permission to read a function's reserved concurrency.

AWS asks for lambda:GetFunctionConcurrency (Service Authorization Reference, AWS Lambda). The emulator asks
for lambda:PutFunctionConcurrency whatever the method.
"""

from __future__ import annotations

from ministack.core import iam_actions


def fill() -> None:
    action = iam_actions._lambda_action

    def lambda_action(method: str, path: str) -> str | None:
        found: str | None = action(method, path)
        reads = method == "GET" and found == "PutFunctionConcurrency"
        return "GetFunctionConcurrency" if reads else found

    iam_actions._lambda_action = lambda_action
