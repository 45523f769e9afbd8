"""Translates SDK errors into TransientError or PermanentError, so that none is read as a fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lambdas.errors import PermanentError, TransientError

T = TypeVar("T")

_EXPLICIT = re.compile(r"explicit deny in an? ([A-Za-z -]+)")
_IMPLICIT = re.compile(r"because no ([A-Za-z -]+?) allows")


@contextmanager
def aws_errors(
    operation: str,
    *,
    permanent: frozenset[str] = frozenset(),
    known: Mapping[str, Exception] | None = None,
) -> Iterator[None]:
    """Raises TransientError for errors that may pass, a missing permission included.

    Raises PermanentError for a request that the SDK refuses to send, or that fails with a code in
    `permanent`. The error's text begins with `operation`. Raises what `known` has for the error's code.
    """
    try:
        yield
    except ParamValidationError as error:
        raise PermanentError(f"{operation}: the request is not valid") from error
    except ClientError as error:
        code = error_code(error)
        if known and code in known:
            raise known[code] from None
        kind = PermanentError if code in permanent else TransientError
        raise kind(f"{operation}: {code}") from error
    except BotoCoreError as error:
        raise TransientError(f"{operation}: {type(error).__name__}") from error


def unless_refused(operation: str, codes: Collection[str], call: Callable[[], T]) -> T | None:
    """None if AWS answers with one of the codes. Raises as aws_errors for other errors."""
    with aws_errors(operation):
        try:
            return call()
        except ClientError as error:
            if error_code(error) not in codes:
                raise
            return None


def denying_policy(error: ClientError) -> str:
    """The type of the policy that denies the request for good; empty if AWS names none, or only says that the
    caller's own policies do not allow it, which a deployment fixes (IAM user guide, "Troubleshoot access
    denied error messages": "with an explicit deny in a … policy", "because no … policy allows").
    """
    text = error.response.get("Error", {}).get("Message", "")
    if explicit := _EXPLICIT.search(text):
        return explicit[1]
    implicit = _IMPLICIT.search(text)
    return implicit[1] if implicit and implicit[1] != "identity-based policy" else ""


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
