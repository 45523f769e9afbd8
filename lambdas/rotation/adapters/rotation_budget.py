"""The tokens of the rotations that were started in this hour: one item of the lease table for each hour, with
a set of all tokens and one of each user's.

A rotation that is started again, for a message that was delivered twice, counts once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.rotation.domain.rotation_context import BUDGET_SPENT
from lambdas.rotation.ports import BudgetSpentError

_OPERATION = "dynamodb:budget"
BUDGET_PREFIX = "rotations:"  # of the items' names; the permissions name it
_TTL_SECONDS = 2 * 60 * 60
_ALL = "startedTokens"
_USER = "user:"  # begins the name of the set of a user's tokens


@dataclass(frozen=True, kw_only=True)
class HourlyLimits:
    account: int  # rotations of all users
    user: int  # rotations of one user

    @property
    def for_first_keys(self) -> HourlyLimits:
        """Half of the account's rotations, rounded up: the rest is kept for incidents, because users can
        often enrol themselves, in any number.
        """
        return HourlyLimits(account=self.account - self.account // 2, user=self.user)


class DynamoRotationBudget:
    def __init__(
        self,
        clients: Clients,
        lease_table: str,
        *,
        limits: HourlyLimits,
        clock: Callable[[], datetime],
    ) -> None:
        self._table = ItemTable(clients, lease_table)
        self._limits = limits
        self._clock = clock

    def is_spent(self, user_id: str) -> bool:
        with aws_errors(_OPERATION):
            item = self._table.get(self._key(), consistent=True)
        account, user = len(item.get(_ALL, ())), len(item.get(_USER + user_id, ()))
        return account >= self._limits.account or user >= self._limits.user

    def spend(self, token: str, user_id: str) -> None:
        """One write counts and checks both, so that no two of them exceed either limit."""
        expires = int(self._clock().timestamp()) + _TTL_SECONDS
        is_counted = "contains(#all, :token) AND contains(#user, :token)"
        has_room = f"{_fewer('#all', ':account')} AND {_fewer('#user', ':limit')}"
        with aws_errors(_OPERATION):
            spent = self._table.update(
                self._key(),
                "ADD #all :tokens, #user :tokens SET expiresAt = :expires",
                condition=f"({is_counted}) OR ({has_room})",
                values={
                    ":tokens": {token},
                    ":token": token,
                    ":expires": expires,
                    ":account": self._limits.account,
                    ":limit": self._limits.user,
                },
                names={"#all": _ALL, "#user": _USER + user_id},
            )
        if spent is None:
            raise BudgetSpentError(BUDGET_SPENT)

    def was_spent_by(self, token: str) -> bool:
        with aws_errors(_OPERATION):
            return token in self._table.get(self._key(), consistent=True).get(_ALL, ())

    def _key(self) -> dict[str, str]:
        return {"name": f"{BUDGET_PREFIX}{self._clock():%Y-%m-%dT%H}"}


def _fewer(tokens: str, limit: str) -> str:
    return f"(attribute_not_exists({tokens}) OR size({tokens}) < {limit})"
