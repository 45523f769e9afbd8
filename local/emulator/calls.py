"""A request to the local AWS and its response, for the gap fills."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.emulator.identity import UserIdentity

CREDENTIAL: Final = re.compile(r"Credential=(.*?)/\d{8}/([^/]+)/([^/]+)/aws4_request")
# By which AWS rejects credentials, so that nobody is authenticated.
KEY_FAILURES: Final = frozenset(
    {
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    },
)


@dataclass(frozen=True)
class ApiError:
    code: str
    message: str


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    signer: UserIdentity

    @cached_property
    def scope(self) -> tuple[str, str, str] | None:
        """Access key id, region and service, from the header's or the presigned URL's credential."""
        signed = self.headers.get("authorization", "")
        presigned = self.query.get("X-Amz-Credential", [""])[0]
        match = CREDENTIAL.search(signed or f"Credential={presigned}")
        return (match[1], match[2], match[3]) if match else None

    @cached_property
    def parameters(self) -> Mapping[str, list[str]]:
        """The query protocol's parameters, which the SDKs send in the body."""
        if "x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return self.query
        return {**self.query, **parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)}

    def parameter(self, name: str) -> str:
        return self.parameters.get(name, [""])[0]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """AWS numbers every answer; the emulator leaves its refusals without."""
        return self.headers.get("x-amzn-requestid") or str(uuid.uuid4())

    @cached_property
    def error(self) -> ApiError | None:
        """What the SDK would raise; an answer to HEAD has no body and so no code."""
        if self.status < 400 or not self.body:
            return None
        if self.body.lstrip().startswith(b"<"):
            return xml_error(self.body)
        return json_error(self.headers, self.body)


def xml_error(body: bytes) -> ApiError | None:
    texts = xml_texts(body)
    return ApiError(texts["Code"], texts.get("Message", "")) if "Code" in texts else None


def xml_texts(body: bytes) -> dict[str, str]:
    """The text of each element by its name; the server's own answers, so nothing hostile is parsed."""
    root = ET.fromstring(body)  # noqa: S314 - see above
    return {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}


def json_error(headers: Mapping[str, str], body: bytes) -> ApiError | None:
    """Query-compatible services (SQS) name in a header the code that the SDK raises."""
    try:
        document: dict[str, Any] = json.loads(body)
    except ValueError:
        return None
    code = headers.get("x-amzn-query-error", "").partition(";")[0] or document.get("__type", "")
    code = code or headers.get("x-amzn-errortype", "").partition(":")[0]
    return ApiError(code.rpartition("#")[2], document.get("message") or document.get("Message") or "")
