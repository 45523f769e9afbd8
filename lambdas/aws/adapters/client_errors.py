"""Translates SDK errors into TransientError or PermanentError, so that none is read as a fact."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lambdas.errors import PermanentError, TransientError

T = TypeVar("T")


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


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
