"""An IAM account in memory whose changes are recorded as CloudTrail would record them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import IamUser, ListedKey, Resolved, Unresolved
from lambdas.aws.domain.iam_events import IamEvent
from tests.support.builders import key_id
from tests.support.fakes import FakeIam

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse

BY = "user/admin"


@dataclass
class IamAccount(FakeIam):
    """`events` are the recorded changes. The methods of IAM and of its inventory show the current state."""

    there: dict[str, IamUser] = field(default_factory=dict)
    keys: dict[str, dict[str, ListedKey]] = field(default_factory=dict)
    uses: dict[str, LastUse] = field(default_factory=dict)
    events: list[IamEvent] = field(default_factory=list)
    created_count: int = 0

    def create_user(self, name: str, at: datetime, tags: dict[str, str] | None = None) -> None:
        self.created_count += 1
        user_id = f"AIDA{self.created_count:016d}"
        user = IamUser(name=name, user_id=user_id, path="/", created_at=at, tags=tags or {})
        self.there[name], self.keys[name] = user, {}
        self._record("CreateUser", name, at, user_id=user_id, path="/", tags=tags or {})

    def delete_user(self, name: str, at: datetime) -> None:
        for access_key_id in list(self.keys[name]):
            self.delete_key(name, access_key_id, at)
        del self.there[name], self.keys[name]
        self._record("DeleteUser", name, at)

    def rename(self, name: str, new_name: str, at: datetime) -> None:
        self.there[new_name] = replace(self.there.pop(name), name=new_name)
        self.keys[new_name] = self.keys.pop(name)
        self._record("UpdateUser", name, at, new_name=new_name)

    def tag(self, name: str, tag: str, value: str, at: datetime) -> None:
        self.there[name] = replace(self.there[name], tags={**self.there[name].tags, tag: value})
        self._record("TagUser", name, at, tags={tag: value})

    def untag(self, name: str, tag: str, at: datetime) -> None:
        tags = {other: value for other, value in self.there[name].tags.items() if other != tag}
        self.there[name] = replace(self.there[name], tags=tags)
        self._record("UntagUser", name, at, tags={tag: None})

    def create_key(self, name: str, at: datetime) -> str:
        self.created_count += 1
        access_key_id = key_id(self.created_count)
        listed = ListedKey(access_key_id=access_key_id, status="Active", created_at=at)
        self.keys[name][access_key_id] = listed
        self._record("CreateAccessKey", name, at, access_key_id=access_key_id)
        return access_key_id

    def set_status(self, name: str, access_key_id: str, status: str, at: datetime, by: str = BY) -> None:
        self.keys[name][access_key_id] = replace(self.keys[name][access_key_id], status=status)
        self._record("UpdateAccessKey", name, at, access_key_id=access_key_id, status=status, by=by)

    def delete_key(self, name: str, access_key_id: str, at: datetime, by: str = BY) -> None:
        del self.keys[name][access_key_id]
        self._record("DeleteAccessKey", name, at, access_key_id=access_key_id, by=by)

    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        self._call("ListAccessKeys")
        return tuple(self.keys[user_name].values()) if user_name in self.keys else None

    def describe(self, user_name: str) -> IamUser | None:
        self._call("GetUser")
        return self.there.get(user_name)

    def look_up(self, access_key_id: str) -> Resolved | Unresolved:
        self._call("GetAccessKeyLastUsed")
        for name, keys in self.keys.items():
            if access_key_id in keys:
                return Resolved(user_name=name, last_use=self.uses.get(access_key_id))
        return Unresolved()

    def _record(self, event_name: str, name: str, at: datetime, **fields: object) -> None:
        event = IamEvent(event_name=event_name, at=at, by=BY, user_name=name)
        self.events.append(replace(event, **fields))  # type: ignore[arg-type] # fields of that event
