"""Puts the answer of a custom resource where CloudFormation waits for it: at a URL that it has signed."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from lambdas.errors import TransientError

_TIMEOUT_SECONDS = 10
_ERRORS = 400


def put_answer(url: str, answer: Mapping[str, str], *, ca_bundle: str) -> None:
    """`ca_bundle` is empty for the system's certificates.

    No error shows the URL, by which anybody could answer.
    """
    parts = urlsplit(url)
    certificates = ssl.create_default_context(cafile=ca_bundle or None)
    connection = HTTPSConnection(parts.netloc, timeout=_TIMEOUT_SECONDS, context=certificates)
    try:
        # The signature covers an empty type (CloudFormation user guide, cfn-response module).
        target, headers = f"{parts.path}?{parts.query}", {"Content-Type": ""}
        connection.request("PUT", target, body=json.dumps(answer), headers=headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise TransientError(f"answer to CloudFormation: {type(error).__name__}") from None
    finally:
        connection.close()
    if status >= _ERRORS:
        raise TransientError(f"answer to CloudFormation: {status}")
