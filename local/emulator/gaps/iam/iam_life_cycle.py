"""What CloudTrail's records of IAM calls say beyond the common fields.

AWS documents that IAM's records carry the request's parameters unless access was denied, and the created key
or user; a user's name is absent where a user manages its own keys, or root its own. Real records name IAM's
errors as exceptions (`NoSuchEntityException`). The emulator has none of this.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

from local.emulator.calls import xml_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.emulator.calls import Answer, Call
    from local.emulator.trail.record import Record

EXCEPTIONS: Final = frozenset(
    {"DeleteConflict", "EntityAlreadyExists", "InvalidInput", "LimitExceeded", "NoSuchEntity"}
)
MEMBER: Final = re.compile(r"(?P<list>\w+)\.member\.(?P<index>\d+)(?:\.(?P<field>\w+))?")


def in_iam(record: Record, call: Call, answer: Answer) -> Record:
    code = record.get("errorCode", "")
    named = {"errorCode": f"{code}Exception"} if code in EXCEPTIONS else {}
    denied = code == "AccessDenied"
    return {
        **record,
        **named,
        "requestParameters": None if denied else _request(call.parameters),
        "responseElements": _response(record["eventName"], call, answer),
    }


def _request(parameters: Mapping[str, list[str]]) -> dict[str, Any] | None:
    request: dict[str, Any] = {}
    for name, values in parameters.items():
        if member := MEMBER.fullmatch(name):
            _add_member(request, member, values[0])
        elif name not in {"Action", "Version"}:
            request[_lower_first(name)] = values[0]
    return request or None


def _add_member(request: dict[str, Any], member: re.Match[str], value: str) -> None:
    """`Tags.member.1.Key=a` is `{"tags": [{"key": "a"}]}`, `TagKeys.member.1=a` is `{"tagKeys": ["a"]}`."""
    members = request.setdefault(_lower_first(member["list"]), [])
    if member["field"] is None:
        members.append(value)
        return
    members.extend({} for _ in range(len(members), int(member["index"])))
    members[int(member["index"]) - 1][_lower_first(member["field"])] = value


def _response(operation: str, call: Call, answer: Answer) -> dict[str, Any] | None:
    if answer.error is not None or operation not in {"CreateAccessKey", "CreateUser"}:
        return None
    texts = xml_texts(answer.body)
    created = time.strptime(texts["CreateDate"], "%Y-%m-%dT%H:%M:%SZ")
    date = time.strftime(f"%b {created.tm_mday}, %Y {created.tm_hour % 12 or 12}:%M:%S %p", created)
    fields = {
        "CreateAccessKey": ("AccessKeyId", "Status", "UserName"),
        "CreateUser": ("Path", "Arn", "UserId", "UserName"),
    }[operation]
    entity = {_lower_first(field): texts[field] for field in fields if field in texts}
    return {_lower_first(operation.removeprefix("Create")): {**entity, "createDate": date, **_tags(call)}}


def _tags(call: Call) -> dict[str, Any]:
    """A created user's tags are those of the request, in the answer's record too."""
    tags = (_request(call.parameters) or {}).get("tags")
    return {"tags": tags} if tags else {}


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
