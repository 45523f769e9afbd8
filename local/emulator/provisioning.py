"""What CloudFormation does with a resource's properties in addition to what the emulator does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

# With the physical name and the properties. An answer that is not a success fails the resource.
Apply: TypeAlias = "Callable[[str, dict[str, Any]], tuple[int, Any, bytes | str] | None]"
_POSITION_OF_PROPERTIES = {"create": 1, "update": 2}


def also_apply(resource_type: str, apply: Apply) -> None:
    """After each creation and update of a resource of the type."""
    handlers = provisioners._RESOURCE_HANDLERS[resource_type]
    for action, position in _POSITION_OF_PROPERTIES.items():
        handlers[action] = _followed_by(apply, handlers[action], position)


def _followed_by(apply: Apply, handle: Callable[..., Any], position: int) -> Callable[..., Any]:
    def handle_and_apply(*arguments: Any) -> Any:
        provisioned = handle(*arguments)
        answer = apply(provisioned[0], arguments[position])
        if answer and answer[0] != 200:
            raise ValueError(answer[2])
        return provisioned

    return handle_and_apply
