"""SDK errors become one of the two kinds here, chained, so that none is ever read as a fact."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lambdas.errors import PermanentError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def aws_errors(doing: str, *, permanent: frozenset[str] = frozenset()) -> Iterator[None]:
    """Raises TransientError for whatever may work later, a missing permission included, and
    PermanentError for a request that can never be right: one that the SDK refuses to send, or that is
    answered with one of the codes in `permanent`. `doing` begins the error's text.
    """
    try:
        yield
    except ParamValidationError as error:
        raise PermanentError(f"{doing}: the request is not valid") from error
    except ClientError as error:
        code = error_code(error)
        kind = PermanentError if code in permanent else TransientError
        raise kind(f"{doing}: {code}") from error
    except BotoCoreError as error:
        raise TransientError(f"{doing}: {type(error).__name__}") from error


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
