"""The pages of IAM's lists.

AWS documents for ListUsers, ListAccessKeys and GetAccountAuthorizationDetails: at most MaxItems entries, 100
by default, and where there are more IsTruncated and a Marker; ListUsers leaves the tags out. The emulator
answers everything at once, with the tags.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from ministack.services import iam

if TYPE_CHECKING:
    from collections.abc import Callable

PAGED: Final = ("ListUsers", "ListAccessKeys", "GetAccountAuthorizationDetails")
DEFAULT_ITEMS: Final = 100
MAX_ITEMS: Final = 1000
NAMESPACE: Final = "https://iam.amazonaws.com/doc/2010-05-08/"


def fill() -> None:
    for action in PAGED:
        iam._IAM_HANDLERS[action] = _paged(iam._IAM_HANDLERS[action])


def _paged(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(parameters: dict[str, list[str]]) -> Any:
        size = int(iam._p(parameters, "MaxItems") or DEFAULT_ITEMS)
        if not 1 <= size <= MAX_ITEMS:
            message = f"Value '{size}' at 'maxItems' failed to satisfy constraint: 1 to {MAX_ITEMS}"
            return iam._error(400, "ValidationError", message, ns="iam")
        status, headers, body = handler(parameters)
        if status >= 400:
            return status, headers, body
        root = ET.fromstring(body)  # noqa: S314 - the server's own answer
        _cut(root[0], iam._p(parameters, "Marker"), size)
        if iam._p(parameters, "Action") == "ListUsers":
            _leave_tags_out(root)
        return status, headers, ET.tostring(root, "utf-8", default_namespace=NAMESPACE)

    return answer


def _cut(result: ET.Element, marker: str, size: int) -> None:
    """The marker is the last entry shown: what comes and goes between two pages shifts no other."""
    entries = {_key(number, entry): (part, entry) for number, part in enumerate(result) for entry in part}
    after = base64.urlsafe_b64decode(marker).decode()
    left = sorted(key for key in entries if key > after)
    for part in result:
        for entry in list(part):
            part.remove(entry)
    for part, entry in map(entries.__getitem__, left[:size]):
        part.append(entry)
    if len(left) > size:
        _named(result, "IsTruncated").text = "true"
        _named(result, "Marker").text = base64.urlsafe_b64encode(left[size - 1].encode()).decode()


def _key(part: int, entry: ET.Element) -> str:
    """Each entry begins with what identifies it in its list: a name, or a key's id."""
    return f"{part}:{entry[0].text}"


def _named(result: ET.Element, name: str) -> ET.Element:
    found = result.find(f"{{{NAMESPACE}}}{name}")
    return ET.SubElement(result, f"{{{NAMESPACE}}}{name}") if found is None else found


def _leave_tags_out(root: ET.Element) -> None:
    for user in root.iter(f"{{{NAMESPACE}}}member"):
        for tags in user.findall(f"{{{NAMESPACE}}}Tags"):
            user.remove(tags)
