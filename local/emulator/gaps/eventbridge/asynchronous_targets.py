"""How EventBridge invokes a function.

AWS documents that it does so asynchronously, and that Lambda tries a failed invocation twice more. The
emulator tries once.
"""

from __future__ import annotations

import json

from ministack.services import eventbridge, lambda_svc


def fill() -> None:
    eventbridge._dispatch_to_lambda = dispatch_to_lambda


def dispatch_to_lambda(arn: str, payload: str) -> None:
    function, configuration, name = lambda_svc._get_func_record_for_ref(arn)
    if function and configuration:
        record = lambda_svc._execution_record_for_config(function, configuration)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))
    else:
        eventbridge.logger.warning("There is no function %s", name)
