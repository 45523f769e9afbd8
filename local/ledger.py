"""Reads the stack's ledger table."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from local.lease_table import find_lease_table
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.emulator.process import LocalAws

Entry = dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    aws: LocalAws
    outputs: Mapping[str, str]

    def entry(self, access_key_id: str) -> Entry:
        """Empty if there is no entry."""
        answer = self._table.get_item(Key={"accessKeyId": access_key_id}, ConsistentRead=True)
        entry: Entry = answer.get("Item", {})
        return entry

    def user(self, name: str) -> Entry:
        return self.entry(f"user:{name}")

    def put(self, entry: Entry) -> None:
        self._table.put_item(Item=entry)

    def await_entry(self, access_key_id: str, condition: Callable[[Entry], object]) -> Entry:
        """The entry as soon as the condition holds, or its state after the timeout."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not condition(entry := self.entry(access_key_id)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return entry

    def await_user(self, name: str, condition: Callable[[Entry], object]) -> Entry:
        return self.await_entry(f"user:{name}", condition)

    def synchronise(self) -> str:
        """Runs a sync now, after a scheduled one that is in progress. Returns its error, if any."""
        began = int(time.time())
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            answer = self._functions.invoke(FunctionName=self.outputs["SyncKeysFunctionName"], Payload="{}")
            if "FunctionError" in answer:
                return str(answer["Payload"].read().decode())
            if self._last_sync() >= began:
                return ""
        return "no sync was completed in time"

    def _last_sync(self) -> int:
        """When the last completed sync started, in epoch seconds."""
        item = self._leases.get_item(Key={"name": "sync"}, ConsistentRead=True).get("Item", {})
        return int(item.get("lastStartedAt", 0))

    @cached_property
    def _functions(self) -> Any:  # noqa: ANN401 -- boto3 clients of a session are untyped
        return self.aws.session().client("lambda")

    @cached_property
    def _leases(self) -> Any:  # noqa: ANN401 -- as above
        return find_lease_table(self.aws, self.outputs)

    @cached_property
    def _table(self) -> Any:  # noqa: ANN401 -- as above
        tables: Any = self.aws.session().resource("dynamodb")
        return tables.Table(self.outputs["LedgerTableName"])
