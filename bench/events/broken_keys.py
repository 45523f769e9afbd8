"""Breaks keys of a test user and records it in either the ledger or CloudTrail's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.events.owner import KeyOwner
from bench.events.recorded_keys import record_events
from bench.moto.history import ACCOUNT, KeyEvent
from lambdas.diagnosis.domain.cause import Cause
from local.emulator.key_ids import key_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.events.scenarios import Scenario


@dataclass(frozen=True, kw_only=True)
class BrokenKey:
    """A broken key and the events of the key and its user."""

    access_key_id: str
    events: tuple[KeyEvent, ...] = ()
    history: tuple[KeyEvent, ...] = ()


class KeyBreaker:
    def __init__(self, user_name: str) -> None:
        self._owner = KeyOwner(user_name)
        self._ways: dict[Cause, Callable[[], BrokenKey]] = {
            Cause.UNKNOWN_KEY: self._made_up,
            Cause.KEY_INACTIVE: self._deactivated,
            Cause.KEY_DELETED: self._deleted,
            Cause.SUPERSEDED_KEY: self._superseded,
            Cause.USER_DELETED: self._deleted_with_its_user,
            Cause.MISTYPED_KEY: self._mistyped,
        }

    def break_key(self, scenario: Scenario) -> BrokenKey:
        """Leaves out of the history what the ledger has, so that it cannot have been read there."""
        self._owner.delete_what_is_left()
        broken = self._ways[scenario.cause]()
        if scenario.in_ledger:
            record_events(broken.events)
            return BrokenKey(access_key_id=broken.access_key_id)
        return BrokenKey(access_key_id=broken.access_key_id, history=broken.events)

    @staticmethod
    def _made_up() -> BrokenKey:
        return BrokenKey(access_key_id=key_id("AKIA", ACCOUNT))

    def _deactivated(self) -> BrokenKey:
        created = self._owner.create_key()
        return _broken(created, self._owner.deactivate(created))

    def _deleted(self) -> BrokenKey:
        created = self._owner.create_key()
        return _broken(created, self._owner.delete(created))

    def _superseded(self) -> BrokenKey:
        created = self._owner.create_key()
        deleted = self._owner.delete(created)
        return _broken(created, deleted, self._owner.create_key_in_use())

    def _deleted_with_its_user(self) -> BrokenKey:
        other = self._owner.another()
        created = other.create_key()
        return _broken(created, other.delete(created), other.leave())

    def _mistyped(self) -> BrokenKey:
        """Replaces the last character of the id."""
        created = self._owner.create_key()
        right, last = created.access_key_id[:-1], created.access_key_id[-1]
        wrong = right + ("A" if last != "A" else "B")
        return BrokenKey(access_key_id=wrong, events=(created,))


def _broken(created: KeyEvent, *others: KeyEvent) -> BrokenKey:
    return BrokenKey(access_key_id=created.access_key_id, events=(created, *others))
