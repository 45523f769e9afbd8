"""The time until a new key is listed.

AWS documents that IAM is eventually consistent (IAM user guide, "Changes that I make are not always
immediately visible"). It is reported that a new key works before ListAccessKeys shows it, some 15 seconds
later (https://github.com/aws/aws-sdk-js/issues/559). The emulator lists it at once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from ministack.services import iam

if TYPE_CHECKING:
    from collections.abc import Collection

NAMESPACE: Final = "https://iam.amazonaws.com/doc/2010-05-08/"


def fill(seconds: float) -> None:
    if not seconds:
        return
    generate, list_keys = iam._gen_access_key_id, iam._IAM_HANDLERS["ListAccessKeys"]
    born: dict[str, float] = {}

    def generate_key_id() -> str:
        key_id: str = generate()
        born[key_id] = time.monotonic()
        return key_id

    def answer(parameters: dict[str, list[str]]) -> Any:
        status, headers, body = list_keys(parameters)
        if status >= 400:
            return status, headers, body
        now = time.monotonic()
        unlisted = {key_id for key_id, since in born.items() if now - since < seconds}
        return status, headers, _without(body, unlisted)

    iam._gen_access_key_id = generate_key_id
    iam._IAM_HANDLERS["ListAccessKeys"] = answer


def _without(body: bytes, key_ids: Collection[str]) -> bytes:
    root = ET.fromstring(body)  # noqa: S314 - the server's own answer
    for keys in root.iter(f"{{{NAMESPACE}}}AccessKeyMetadata"):
        for key in list(keys):
            if key.findtext(f"{{{NAMESPACE}}}AccessKeyId") in key_ids:
                keys.remove(key)
    listed: bytes = ET.tostring(root, "utf-8", default_namespace=NAMESPACE)
    return listed
