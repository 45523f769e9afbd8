from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

CODE = "def handler(event, context):\n    return 0\n"


def caller(bench: Workbench, *actions: str) -> Any:
    return bench.session(bench.key(bench.user(statement(list(actions))))).client("lambda")


def test_whether_there_is_a_function_is_answered_to_those_who_may_read_its_concurrency(
    bench: Workbench,
) -> None:
    name = bench.function(CODE)
    mine = caller(bench, "lambda:GetFunctionConcurrency")
    assert "ReservedConcurrentExecutions" not in mine.get_function_concurrency(FunctionName=name)
    bench.client("lambda").delete_function(FunctionName=name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        mine.get_function_concurrency(FunctionName=name)


@pytest.mark.parametrize("name", ["there", "missing"])
def test_without_the_permission_a_missing_function_is_refused_like_one_that_is_there(
    bench: Workbench, name: str
) -> None:
    asked = bench.function(CODE) if name == "there" else "missing"
    with pytest.raises(ClientError, match="AccessDenied"):
        caller(bench, "lambda:PutFunctionConcurrency").get_function_concurrency(FunctionName=asked)
