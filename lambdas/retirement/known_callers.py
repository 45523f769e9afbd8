"""Whether a retired key is missed by a caller that used it before, or by somebody who merely knows its id.

Who knows a key's id can make calls with it fail, from anywhere and with any user agent, but not from the
address of the application that used the key. So only the source counts, with the VPC endpoint, because in a
VPC of its own an attacker may use any address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lambdas.aws.domain.iam import Caller, LastUse
from lambdas.aws.domain.principals import is_own_test
from lambdas.aws.ports import TrailHistory


@dataclass(kw_only=True, eq=False, repr=False)
class KnownCallers:
    trail: TrailHistory
    failed_callers: Callable[[str], tuple[Caller, ...]]  # whose calls with the key failed

    def have_failed(self, access_key_id: str, last_use: LastUse | None) -> bool:
        """Raises TransientError if CloudTrail's event history of calls cannot be read."""
        usage = self.trail.count_usage(access_key_id, [last_use.region] if last_use else [])
        known = {_place(one.caller) for one in usage if not is_own_test(one.caller.user_agent)}
        return any(_place(caller) in known for caller in self.failed_callers(access_key_id))


def _place(caller: Caller) -> tuple[str, str]:
    return caller.source, caller.vpc_endpoint
