"""A signal: one event that suggests that an access key fails. It proves nothing by itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.access_key_id import decode_account, is_long_term, looks_like_an_id
from lambdas.aws.domain.error_codes import (
    EXPIRED_CODES,
    INCOMPLETE_CODES,
    ErrorClass,
    classify_error,
    strip_client_prefix,
)
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.detection.domain.folding import folds_unrelated_errors
from lambdas.ledger.domain.key_state_change import KeyStateChange

# Identities and calls that present a token of an identity provider instead of an access key (CloudTrail user
# guide, userIdentity element; STS, IAM Identity Center portal and OIDC API references).
_WITHOUT_ACCESS_KEY = frozenset({"IdentityCenterUser", "SAMLUser", "WebIdentityUser"})
_CALLS_WITH_A_TOKEN = {
    "sts": frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}),
    "sso": frozenset(
        {"CreateToken", "GetRoleCredentials", "ListAccountRoles", "ListAccounts", "ListApplications"}
    ),
    "sso-oauth": frozenset({"CreateToken"}),
    "sso-oidc": frozenset({"CreateToken"}),
}


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A failed call, or a change of a key's state (then one of the last two fields is set).

    Every text may be empty. Every text but `account` may be hostile.
    """

    access_key_id: str  # as the caller sent it, so it may be malformed
    error_code: str
    error_message: str
    service: str
    operation: str
    region: str
    account: str  # the account whose trail recorded the call
    principal: str
    principal_type: str
    caller: Caller
    made_by_aws: bool  # an AWS service made the call
    occurred_at: datetime
    calls: int = 1  # that failed alike; more in a report or a line of a log only
    stated_flaw: str = ""  # of a malformed id that a report does not repeat; then without an id
    # What the record said before possible secrets were removed; None if error_code and error_message say it.
    raw_error_class: ErrorClass | None = None
    # A key in use was deactivated or deleted, or leaked; no call failed.
    predicted_outage: KeyStateChange | None = None
    state_change: KeyStateChange | None = None  # any other change; it matters to an open incident only
    event_id: str = ""  # of CloudTrail's record
    folded_into: str = ""  # the key of an incident that many ids share (folding.py); then without an id

    @property
    def is_failed_call(self) -> bool:
        return self.predicted_outage is None and self.state_change is None

    @property
    def is_leak(self) -> bool:
        return self.predicted_outage is not None and self.predicted_outage.is_leak

    @property
    def has_usable_id(self) -> bool:
        return looks_like_an_id(self.access_key_id)

    @property
    def error_class(self) -> ErrorClass:
        """What the error says about the key. UNRELATED also if an AWS service made the call, if it was made
        without an access key, or if the error is not specific and the record names no key that IAM can be
        asked about. A folded signal has the class that it had with its id. No error hides a leak.
        """
        if self.is_leak:
            return ErrorClass.KEY_REJECTED
        if self.predicted_outage:
            return ErrorClass.NO_ERROR
        error_class = self.raw_error_class
        if error_class is None:
            error_class = classify_error(self.error_code, self.error_message)
        if self._sends_a_secret_with_a_slash:
            error_class = ErrorClass.RELATED_CREDENTIAL_ERROR
        if self.folded_into:
            return ErrorClass.UNRELATED if folds_unrelated_errors(self.folded_into) else error_class
        is_unrelated = self.made_by_aws or self._has_no_access_key or self._is_inconclusive(error_class)
        return ErrorClass.UNRELATED if is_unrelated else error_class

    @property
    def _sends_a_secret_with_a_slash(self) -> bool:
        is_incomplete = strip_client_prefix(self.error_code) in INCOMPLETE_CODES
        return is_incomplete and may_hold_a_secret(self.access_key_id)

    def _is_inconclusive(self, error_class: ErrorClass) -> bool:
        if error_class is ErrorClass.AMBIGUOUS:
            return not self._has_key_of_own_user
        has_expired = strip_client_prefix(self.error_code) in EXPIRED_CODES
        is_related = error_class is ErrorClass.RELATED_CREDENTIAL_ERROR
        return is_related and not self.access_key_id and not has_expired

    @property
    def _has_no_access_key(self) -> bool:
        """The token of an identity provider was rejected: it expires every hour, and no key with it."""
        calls = _CALLS_WITH_A_TOKEN.get(self.service, frozenset())
        presents_token = self.principal_type in _WITHOUT_ACCESS_KEY or self.operation in calls
        return presents_token and not self.access_key_id

    @property
    def is_root(self) -> bool:
        return self.principal_type == "Root"

    @property
    def _has_key_of_own_user(self) -> bool:
        """IAM can only confirm long-term keys of this account's users, not those of the root user."""
        long_term = self.has_usable_id and is_long_term(self.access_key_id)
        own_account = decode_account(self.access_key_id) in {None, self.account}
        return long_term and own_account and not self.is_root

    @property
    def incident_key(self) -> str:
        """The partition key of the signal's incident: the access key id; the hash of a malformed id, which
        may be a secret, or of its flaw and who reports it; or account, principal and source address if the
        record names no key.
        """
        if self.folded_into:
            return self.folded_into
        if self.has_usable_id:
            return self.access_key_id
        withheld = self.access_key_id or (
            self.stated_flaw and f"{self.stated_flaw}\n{self.caller.user_agent}"
        )
        if withheld:
            return "sha256:" + hashlib.sha256(withheld.encode(errors="replace")).hexdigest()
        return f"none:{self.account}:{self.principal}:{self.caller.source}"
