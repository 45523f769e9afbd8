"""The owner of an access key: an IAM user, or what the ledger remembers of a deleted one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lambdas.aws.domain.iam import IamUser
    from lambdas.ledger.domain.occurrence import Occurrence


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The IAM user whose key it is. `user_id` is empty, and `exists` False, once no user of that name is
    there any more, or only another one that was given the same name later. `deletion` and `tags`, those
    that the user has or had, are the ledger's, and so is the `path` of one that is gone; it is empty where
    nothing tells it. `name_is_taken` says that somebody else has the name now.
    """

    name: str
    user_id: str = ""
    path: str = ""
    exists: bool = True
    created_at: datetime | None = None
    deletion: Occurrence | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    name_is_taken: bool = False

    @classmethod
    def from_iam(cls, name: str, user: IamUser | None) -> Owner:
        """`user` is None where IAM says that no user has the name."""
        if user is None:
            return cls(name=name, exists=False)
        return cls(
            name=name, user_id=user.user_id, path=user.path, created_at=user.created_at, tags=user.tags
        )
