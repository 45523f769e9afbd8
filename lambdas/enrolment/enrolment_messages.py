"""Messages of the enrolment queue: a user whose claim is to be processed."""

from __future__ import annotations

from lambdas.aws.json_fields import json_object, text
from lambdas.errors import PermanentError
from lambdas.text import is_user_name


def parse_enrolment(body: str) -> tuple[str, str]:
    """The user's name and the secret. Raises PermanentError when it names no user."""
    said = json_object(body)
    user_name = text(said.get("userName"))
    if not is_user_name(user_name):
        raise PermanentError("the message names no user")
    return user_name, text(said.get("formerly"))
