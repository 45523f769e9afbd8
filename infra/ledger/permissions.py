"""The permission that `track_keys` and `sync_keys` share: they write the entries of keys and users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.storage.retained_table import only_items, only_items_without
from lambdas.ledger.adapters.ledger_items import NO_KEY_CONTAINS, USER_PREFIX

if TYPE_CHECKING:
    from infra.functions.python_function import PythonFunction


def allow_writing_entries(function: PythonFunction) -> None:
    """Neither function may write the state of a rotation, by which keys are deactivated and deleted. Ids of
    keys have no common beginning, but none contains what separates the kinds of all other items.
    """
    ledger = function.resources.storage.ledger_table.table_arn
    function.allow(["dynamodb:PutItem"], on=ledger, when=only_items_without(NO_KEY_CONTAINS))
    function.allow(["dynamodb:PutItem"], on=ledger, when=only_items(f"{USER_PREFIX}*"))
