"""What a log line says about a refused call, in the forms in which SDKs and tools print it.

A line may hold anything, a secret too. So nothing is taken that is not in a closed list or has not exactly
the format of what it should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lambdas.aws.domain.access_key_id import find_flaw
from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, RELATED_CODES
from lambdas.aws.domain.redaction import may_hold_a_secret

_CODES = "|".join(sorted(KEY_FAILURE_CODES | RELATED_CODES, key=len, reverse=True))
# Some programs print the message directly after the code, which has sub-codes with other meanings in EC2.
_CODE = re.compile(rf"(?<![A-Za-z])(?:{_CODES})(?![a-z]|\.[A-Z])")
_KEY_ID = re.compile(r"(?<![A-Za-z0-9+/])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9+])")
# The elements and headers that name the key of the very call.
_KEY_ID_OF_CALL = re.compile(
    r"(?:<AWSAccessKeyId>|Credential=|AWSAccessKeyId=|\bAWS )\s*(A[KS]IA[A-Z0-9]{16})(?![A-Za-z0-9+])"
)
_SCOPE = re.compile(r"/[0-9]{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request", re.ASCII)
_HOST = re.compile(r"(?<![a-z0-9.-])((?:[a-z0-9-]{1,63}\.){1,8})amazonaws\.com(?:\.cn)?(?![a-z0-9-])")
_REGION = re.compile(r"(?:[a-z]{2,3}(?:-[a-z]{2,8}){0,2}-[a-z]{2,9})-[1-9][0-9]?")
_NAMED_REGION = re.compile(rf"\bregion\W{{1,5}}({_REGION.pattern})\b", re.IGNORECASE)
_SERVICE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_NAMED_SERVICES = (
    re.compile(r"\(Service: (?:Amazon|AWS)? ?([A-Za-z0-9]{2,40})[;,]"),  # Java
    re.compile(r"\boperation error ([A-Za-z0-9 ]{2,40}): [A-Z]"),  # Go
    re.compile(r"\bAws::([A-Za-z0-9]{2,40})::Errors::"),  # Ruby
    re.compile(r"@aws-sdk/client-([a-z0-9-]{2,40})/"),  # JavaScript 3
    re.compile(r"aws-sdk/lib/services/([a-z0-9]{2,40})\.js"),  # JavaScript 2
    re.compile(r"\bAmazon\.([A-Za-z0-9]{2,40})\.(?:Amazon|Model)[A-Za-z.]*Exception"),  # .NET
)
_OLD_S3_HOST = re.compile(r"s3-[a-z-]+-[1-9]")  # s3-us-west-2.amazonaws.com
_ENDPOINT_NAMES = {
    "cloudwatch": "monitoring",
    "cloudwatchevents": "events",
    "cloudwatchlogs": "logs",
    "cognitoidentity": "cognito-identity",
    "cognitoidentityprovider": "cognito-idp",
    "dynamodbv2": "dynamodb",
    "identitymanagement": "iam",
    "resourcegroupstaggingapi": "tagging",
    "securitytoken": "sts",
    "securitytokenservice": "sts",
    "ses": "email",
    "sfn": "states",
    "simpleemailservice": "email",
    "simplesystemsmanagement": "ssm",
}
_OPERATIONS = (
    re.compile(r"when calling the ([A-Z][A-Za-z0-9]{2,63}) operation"),  # botocore
    re.compile(r"\boperation error [A-Za-z0-9 ]{2,40}: ([A-Z][A-Za-z0-9]{2,63})\b"),  # Go
    re.compile(r"\bError executing \"([A-Z][A-Za-z0-9]{2,63})\" on"),  # PHP
    re.compile(r"\bde_([A-Z][A-Za-z0-9]{2,63})CommandError\b"),  # JavaScript 3
    re.compile(
        r"\bdeserializeAws_(?:json|query|ec2|restJson|restXml)[0-9_]*([A-Z][A-Za-z0-9]{2,63})CommandError\b"
    ),
)
_REQUEST_ID = re.compile(
    r"\brequest[ _]?id\W{1,4}([A-Za-z0-9][A-Za-z0-9-]{11,63})(?![A-Za-z0-9-])", re.IGNORECASE
)


def code(text: str, at: int) -> str:
    """The code nearest to the position of the sentence."""
    return min(_CODE.finditer(text), key=lambda found: abs(found.start() - at), default=[""])[0]


def access_key_id(text: str) -> str:
    """The id of the call, or the only one that the text names: of several, nothing says which was refused."""
    of_call = _only(found[1] for found in _KEY_ID_OF_CALL.finditer(text))
    return of_call or _only(found[0] for found in _KEY_ID.finditer(text))


def service(text: str) -> str:
    scope = _SCOPE.search(text)
    named = [scope[2]] if scope else [label for label, _ in _hosts(text)]
    named += [found[1] for pattern in _NAMED_SERVICES if (found := pattern.search(text))]
    return next(filter(_SERVICE.fullmatch, map(_endpoint_name, named)), "")


def operation(text: str, at: int) -> str:
    """The operation named nearest to the position of the sentence."""
    named = (found for pattern in _OPERATIONS for found in pattern.finditer(text))
    nearest = min(named, key=lambda found: abs(found.start() - at), default=None)
    return "" if nearest is None or may_hold_a_secret(nearest[1]) else nearest[1]


def region(text: str) -> str:
    scope, named = _SCOPE.search(text), _NAMED_REGION.search(text)
    candidates = [scope[1]] if scope else []
    candidates += [region for _, region in _hosts(text)]
    candidates += [named[1].lower()] if named else []
    return next(filter(_REGION.fullmatch, candidates), "")


def request_id(text: str) -> str:
    found = _REQUEST_ID.search(text)
    return found[1] if found else ""


def _hosts(text: str) -> Iterable[tuple[str, str]]:
    """Service and region of each endpoint: `s3.amazonaws.com`, `bucket.s3.eu-west-1.amazonaws.com`."""
    for found in _HOST.finditer(text):
        labels = found[1].rstrip(".").split(".")
        region = labels.pop() if len(labels) > 1 and _REGION.fullmatch(labels[-1]) else ""
        yield labels[-1], region


def _only(ids: Iterable[str]) -> str:
    usable = {each for each in ids if find_flaw(each) is None}
    return usable.pop() if len(usable) == 1 else ""


def _endpoint_name(name: str) -> str:
    """The SDKs' names of a service, as CloudTrail and endpoints write it."""
    compact = _OLD_S3_HOST.sub("s3", name.replace(" ", "").lower())
    return _ENDPOINT_NAMES.get(compact, compact)
