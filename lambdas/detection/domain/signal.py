"""A signal: one failed call that says where to look. It proves nothing by itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account, is_long_term, looks_like_an_id
from lambdas.aws.domain.error_codes import EXPIRED_CODES, ErrorClass, bare, read_error

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller
    from lambdas.ledger.domain.key_state_change import KeyStateChange


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A failed call. Every text but `account` may be hostile, or empty where the record had none;
    `account` is the one whose trail recorded the call. With `switched_off` no call has failed: the key was
    taken out of service while it was in use, and `caller` means nothing. With `changed` none has either: a
    change of the key that matters only to an incident that is open, its reactivation or deletion.
    """

    access_key_id: str
    error_code: str
    error_message: str
    service: str
    operation: str
    region: str
    account: str
    principal: str
    principal_type: str
    caller: Caller
    made_by_aws: bool
    occurred_at: datetime
    switched_off: KeyStateChange | None = None
    changed: KeyStateChange | None = None

    @property
    def is_a_failed_call(self) -> bool:
        return self.switched_off is None and self.changed is None

    @property
    def has_usable_id(self) -> bool:
        return looks_like_an_id(self.access_key_id)

    @property
    def reading(self) -> ErrorClass:
        """A call made by an AWS service is no key's failure. Neither is one whose message is unclear and of
        whose key IAM cannot tell whether it is good; nor a wrong signature of a key that the record does
        not name.
        """
        if self.switched_off:
            return ErrorClass.SWITCHED_OFF
        reading = read_error(self.error_code, self.error_message)
        return ErrorClass.UNRELATED if self.made_by_aws or self._says_nothing(reading) else reading

    def _says_nothing(self, reading: ErrorClass) -> bool:
        if reading is ErrorClass.AMBIGUOUS:
            return not self._iam_can_tell
        has_expired = bare(self.error_code) in EXPIRED_CODES
        return reading is ErrorClass.RELATED_CREDENTIAL_ERROR and not self.access_key_id and not has_expired

    @property
    def is_root(self) -> bool:
        return self.principal_type == "Root"

    @property
    def _iam_can_tell(self) -> bool:
        """It knows its own users' long-term keys: not the root user's, nor another account's."""
        long_term = self.has_usable_id and is_long_term(self.access_key_id)
        ours = decode_account(self.access_key_id) in {None, self.account}
        return long_term and ours and not self.is_root

    @property
    def incident_key(self) -> str:
        """The key under which incidents are kept: the access key id; the hash of one that no key can
        have, because it may be a secret; or who called, where the record names no key at all.
        """
        if self.has_usable_id:
            return self.access_key_id
        if self.access_key_id:
            return "sha256:" + hashlib.sha256(self.access_key_id.encode(errors="replace")).hexdigest()
        return f"none:{self.account}:{self.principal}:{self.caller.source}"
