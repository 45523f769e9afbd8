"""Finds the stack's lease table, which no output names because nobody outside the stack uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.emulator.process import LocalAws


def find_lease_table(aws: LocalAws, outputs: Mapping[str, str]) -> Any:  # noqa: ANN401 -- a boto3 resource is untyped
    session = aws.session()
    functions: Any = session.client("lambda")
    name = outputs["SyncKeysFunctionName"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]
    tables: Any = session.resource("dynamodb")
    return tables.Table(environment["Variables"]["LEASE_TABLE_NAME"])
