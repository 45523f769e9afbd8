"""Classifies the error codes and messages of calls with an access key.

The same failure has one code for each protocol (aws-facts 1.7). CloudTrail adds `Client.` to EC2's codes
(aws-facts 1.5). Healthy callers get the same codes with other messages (aws-facts 1.4), so the class depends
on both.
"""

from __future__ import annotations

import re
from enum import IntEnum

from lambdas.aws.domain.refusal_sentences import DEAD_KEY_SENTENCES

KEY_FAILURE_CODES = frozenset(
    {"AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"}
)
EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException"})
SIGNATURE_CODES = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch"})
TOKEN_CODES = frozenset({"InvalidToken"})
# The credential of the Authorization header has too many or too few slashes (IAM user guide, Troubleshoot
# Signature Version 4 signing). About a key only if a secret with a slash was sent as the id.
INCOMPLETE_CODES = frozenset({"IncompleteSignature", "IncompleteSignatureException"})
RELATED_CODES = EXPIRED_CODES | SIGNATURE_CODES | TOKEN_CODES
_REJECTED_KEY_MESSAGES = tuple(re.compile(sentence.pattern, re.IGNORECASE) for sentence in DEAD_KEY_SENTENCES)
_UNRELATED_MESSAGES = (
    "No account found for the given parameters",  # SNS, Glacier: an account id inside a parameter
    "Not authorized for images",  # EC2: an AMI that is not shared with the caller
    "permission on the S3 bucket",  # EC2: an export bucket's ACL
)


class ErrorClass(IntEnum):
    """What an error says about the caller's key. A higher class is more specific."""

    UNRELATED = 0
    NO_ERROR = 1  # a key was deactivated or deleted, so calls are about to fail
    RELATED_CREDENTIAL_ERROR = 2
    AMBIGUOUS = 3
    KEY_REJECTED = 4


def strip_client_prefix(code: str) -> str:
    return code.removeprefix("Client.")


def classify_error(code: str, message: str) -> ErrorClass:
    """AMBIGUOUS if the code is about keys but its message is absent or unknown: evidence has to decide."""
    if strip_client_prefix(code) in RELATED_CODES:
        return ErrorClass.RELATED_CREDENTIAL_ERROR
    if strip_client_prefix(code) not in KEY_FAILURE_CODES or _mentions(message, _UNRELATED_MESSAGES):
        return ErrorClass.UNRELATED
    is_rejected = any(pattern.search(message) for pattern in _REJECTED_KEY_MESSAGES)
    return ErrorClass.KEY_REJECTED if is_rejected else ErrorClass.AMBIGUOUS


def _mentions(message: str, texts: tuple[str, ...]) -> bool:
    return any(text.casefold() in message.casefold() for text in texts)
