"""Translates SDK errors into TransientError or PermanentError, so that none is read as a fact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lambdas.errors import PermanentError, TransientError


@contextmanager
def aws_errors(operation: str, *, permanent: frozenset[str] = frozenset()) -> Iterator[None]:
    """Raises TransientError for errors that may pass, a missing permission included.

    Raises PermanentError for a request that the SDK refuses to send, or that fails with a code in
    `permanent`. The error's text begins with `operation`.
    """
    try:
        yield
    except ParamValidationError as error:
        raise PermanentError(f"{operation}: the request is not valid") from error
    except ClientError as error:
        code = error_code(error)
        kind = PermanentError if code in permanent else TransientError
        raise kind(f"{operation}: {code}") from error
    except BotoCoreError as error:
        raise TransientError(f"{operation}: {type(error).__name__}") from error


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
