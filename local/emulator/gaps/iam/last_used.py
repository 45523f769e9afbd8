"""When a key was last used.

AWS documents that GetAccessKeyLastUsed names the time, region and service of the key's last signed request;
it is reported that for an unknown key it answers AccessDenied. Whether a denied request counts is not
documented, so it can be chosen. In the emulator the last use never moves, and an unknown key is NoSuchEntity.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ministack.core.iam_evaluator import caller_arn
from ministack.services import iam

from local.emulator.calls import KEY_FAILURES
from local.emulator.gaps.iam.root_keys import without_user_name

if TYPE_CHECKING:
    from local.emulator.calls import Answer, Call
    from local.emulator.settings import UnknownKeyAnswer

KEY_ID: Final = re.compile(r"\w{16,128}", re.ASCII)


@dataclass
class LastUsed:
    unknown_key: UnknownKeyAnswer
    denied_calls_are_uses: bool
    uses: dict[str, dict[str, str]] = field(default_factory=dict)

    def fill(self) -> None:
        iam._IAM_HANDLERS["GetAccessKeyLastUsed"] = self.answer

    def observe(self, call: Call, answer: Answer) -> None:
        if call.scope is None or "arn" not in call.signer or not self._is_use(answer):
            return
        key, region, service = call.scope
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.uses[key] = {"LastUsedDate": now, "ServiceName": service, "Region": region}

    def _is_use(self, answer: Answer) -> bool:
        """Not if AWS rejected the credentials."""
        if answer.status < 400:
            return True
        is_rejected = answer.error is not None and answer.error.code in KEY_FAILURES
        return self.denied_calls_are_uses and not is_rejected

    def answer(self, parameters: dict[str, list[str]]) -> Any:
        key = iam._p(parameters, "AccessKeyId")
        if not KEY_ID.fullmatch(key):
            message = f"Value at 'accessKeyId' failed to satisfy constraint: {KEY_ID.pattern}"
            return iam._error(400, "ValidationError", message, ns="iam")
        if key not in iam._access_keys:
            return self._unknown(key)
        use = self.uses.get(key, {"ServiceName": "N/A", "Region": "N/A"})
        used = "".join(f"<{name}>{value}</{name}>" for name, value in use.items())
        user = f"<UserName>{iam._access_keys[key]['UserName']}</UserName>"
        result = f"{user}<AccessKeyLastUsed>{used}</AccessKeyLastUsed>"
        body = f"<GetAccessKeyLastUsedResult>{result}</GetAccessKeyLastUsedResult>"
        found = iam._xml(200, "GetAccessKeyLastUsedResponse", body, ns="iam")
        return found if iam._access_keys[key]["UserName"] in iam._users else without_user_name(found)

    def _unknown(self, key: str) -> Any:
        if self.unknown_key == "NoSuchEntity":
            message = f"The Access Key with id {key} cannot be found."
            return iam._error(404, "NoSuchEntity", message, ns="iam")
        action = "iam:GetAccessKeyLastUsed"
        message = f"User: {caller_arn()} is not authorized to perform: {action} on resource: access key {key}"
        return iam._error(403, "AccessDenied", message, ns="iam")
