"""Messages of the enrolment queue: a user whose claim is to be processed."""

from __future__ import annotations

import json

from lambdas.aws.json_fields import json_object, text
from lambdas.errors import PermanentError
from lambdas.text import is_user_name


def enrolment_body(user_name: str, previous_secret: str = "") -> str:
    return json.dumps({"userName": user_name, "previousSecret": previous_secret})


def parse_enrolment(body: str) -> tuple[str, str]:
    """The user's name, and a secret that the user may have claimed before; empty if there is none. Raises
    PermanentError if the message names no user.
    """
    message = json_object(body)
    user_name = text(message.get("userName"))
    if not is_user_name(user_name):
        raise PermanentError("the message names no user")
    return user_name, text(message.get("previousSecret"))
