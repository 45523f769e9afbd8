from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given

from lambdas.aws.adapters.dynamodb import from_attributes, to_attributes
from lambdas.aws.domain.iam import ROOT
from lambdas.ledger.adapters.ledger_items import is_user, key_item, read_key, read_user, user_item
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.near_miss import middle, tail
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import Occurrence, recorded
from lambdas.ledger.domain.user_entry import UserEntry
from tests.support.builders import NOON, key_id
from tests.support.entries import KEY_ENTRIES, USER_ENTRIES


@given(KEY_ENTRIES)
@example(KeyEntry(access_key_id=key_id()))
@example(KeyEntry(access_key_id=key_id(), owner_name=Observed(value=ROOT, at=NOON, confirmed=True)))
def test_a_key_entry_survives_a_round_trip_in_every_field(entry: KeyEntry) -> None:
    item = from_attributes(to_attributes(key_item(entry)))
    assert read_key(item) == entry
    assert not is_user(item)


@given(USER_ENTRIES)
@example(UserEntry(name="alice", tags={"taken off": Observed(value=None, at=NOON, conflicting=True)}))
@example(UserEntry(name="alice", tags={"empty": Observed(value="", at=NOON)}))
def test_a_user_entry_survives_a_round_trip_in_every_field(entry: UserEntry) -> None:
    item = from_attributes(to_attributes(user_item(entry)))
    assert read_user(item) == entry
    assert is_user(item)


@given(KEY_ENTRIES)
def test_a_key_item_has_the_attributes_of_the_indexes_and_none_of_them_empty(entry: KeyEntry) -> None:
    item = key_item(entry)
    assert (item["tail"], item["middle"]) == (tail(entry.access_key_id), middle(entry.access_key_id))
    assert item.get("ownerName") == (entry.owner or None)
    assert item["state"] == entry.state


def test_the_item_of_a_deletion_that_a_sync_noticed_explains_the_missing_actor() -> None:
    missing = KeyEntry(access_key_id=key_id(), deletion=Occurrence(until=NOON))
    deletion = key_item(missing)["deletion"]
    assert "a sync found it missing" in deletion["unknown"]
    assert "by" not in deletion
    on_record = key_item(replace(missing, deletion=recorded(NOON, "")))["deletion"]
    assert (on_record["by"], "unknown" in on_record) == ("", False)
