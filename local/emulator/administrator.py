"""The IAM user that deploys and looks around: as on AWS, nobody works as root.

Its key is chosen by the process that starts the server, and kept out of the environment that Lambda
functions inherit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ministack.core.responses import request_scope
from ministack.services import iam

from local.emulator.settings import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import MutableMapping

NAME: Final = "administrator"
POLICY: Final = "arn:aws:iam::aws:policy/AdministratorAccess"


def environment(access_key_id: str, secret_access_key: str) -> dict[str, str]:
    return {"LOCAL_AWS_ADMINISTRATOR": f"{access_key_id}:{secret_access_key}"}


def create_from(env: MutableMapping[str, str]) -> None:
    access_key_id, _, secret_access_key = env.pop("LOCAL_AWS_ADMINISTRATOR").partition(":")
    with request_scope(ACCOUNT, REGION):
        iam._create_user({"UserName": [NAME]})
        iam._attach_user_policy({"UserName": [NAME], "PolicyArn": [POLICY]})
        iam._access_keys[access_key_id] = {
            "UserName": NAME,
            "AccessKeyId": access_key_id,
            "SecretAccessKey": secret_access_key,
            "Status": "Active",
            "CreateDate": iam._now(),
        }
