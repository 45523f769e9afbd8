"""The sentences in which AWS refuses a call for its credentials, as its services write them.

The sentence is a better sign than the code: many programs print one without the other, and other products and
ordinary code use the same code words. CloudTrail's records are classified by code and sentence
together (error_codes.py), lines of logs by the sentence alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class RefusalKind(StrEnum):
    DEAD_KEY = "dead-key"
    SIGNATURE = "signature"
    EXPIRED = "expired"
    TOKEN = "token"  # noqa: S105 -- a kind of refusal


@dataclass(frozen=True, kw_only=True)
class Sentence:
    kind: RefusalKind
    words: str  # as a service answers, without what differs between services at its beginning and end
    code: str  # for a line that shows none; of several codes for one sentence, the most frequent
    variants: str = ""  # a pattern of all forms in AWS's documents; empty if `words` is the only one

    @property
    def pattern(self) -> str:
        return self.variants or re.escape(self.words)


SENTENCES = (
    Sentence(  # the query and JSON protocols (aws-facts 1.7)
        kind=RefusalKind.DEAD_KEY,
        words="security token included in the request is invalid",
        code="InvalidClientTokenId",
    ),
    Sentence(  # DynamoDB developer guide, Error handling
        kind=RefusalKind.DEAD_KEY,
        words="Access Key ID or security token is invalid",
        code="UnrecognizedClientException",
    ),
    Sentence(  # S3 (user guide, List of error codes, also without "that"), and each service's Common Errors
        kind=RefusalKind.DEAD_KEY,
        words="AWS Access Key Id you provided does not exist in our records",
        variants="AWS access key ID (?:that )?(?:you )?provided does(?: not|n't) exist in our records",
        code="InvalidAccessKeyId",
    ),
    Sentence(  # EC2; SimpleDB says "keys" (developer guide, API error codes)
        kind=RefusalKind.DEAD_KEY,
        words="not able to validate the provided access credentials",
        variants="not able to validate the provided access (?:credentials|keys)",
        code="AuthFailure",
    ),
    Sentence(  # IAM user guide, Troubleshoot Signature Version 4 signing; S3, SignatureDoesNotMatch
        kind=RefusalKind.SIGNATURE,
        words="request signature we calculated does not match the signature you provided",
        code="SignatureDoesNotMatch",
    ),
    Sentence(  # STS and the JSON protocols
        kind=RefusalKind.EXPIRED,
        words="security token included in the request is expired",
        code="ExpiredTokenException",
    ),
    Sentence(  # S3 user guide, List of error codes, ExpiredToken
        kind=RefusalKind.EXPIRED,
        words="provided token has expired",
        code="ExpiredToken",
    ),
    Sentence(  # S3 user guide, List of error codes, InvalidToken
        kind=RefusalKind.TOKEN,
        words="provided token is malformed or otherwise invalid",
        code="InvalidToken",
    ),
)
DEAD_KEY_SENTENCES = tuple(each for each in SENTENCES if each.kind is RefusalKind.DEAD_KEY)


def filter_pattern() -> str:
    """The filter pattern of CloudWatch Logs by which a line with any of the sentences passes.

    A phrase in quotes matches case and spaces exactly; `?` makes it one of several alternatives
    (CloudWatch Logs user guide, Filter pattern syntax, unstructured log events).
    """
    return " ".join(f'?"{sentence.words}"' for sentence in SENTENCES)
