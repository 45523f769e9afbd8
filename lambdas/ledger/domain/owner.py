"""The owner of an access key: an IAM user, or what the ledger has of a deleted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lambdas.aws.domain.iam import IamUser
from lambdas.ledger.domain.occurrence import Occurrence


@dataclass(frozen=True, kw_only=True)
class Owner:
    name: str
    user_id: str = ""  # empty if unknown, or if the user no longer exists
    path: str = ""  # empty if unknown
    exists: bool = True
    created_at: datetime | None = None
    deletion: Occurrence | None = None  # from the ledger
    tags: Mapping[str, str] = field(default_factory=dict)  # current ones, or those before the deletion
    name_is_taken: bool = False  # another user has the name now

    @classmethod
    def from_iam(cls, name: str, user: IamUser | None) -> Owner:
        """`user` is None if IAM has no user of that name."""
        if user is None:
            return cls(name=name, exists=False)
        return cls(
            name=name, user_id=user.user_id, path=user.path, created_at=user.created_at, tags=user.tags
        )
