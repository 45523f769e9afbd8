"""The setting of Lambda's recursive loop detection, in a template and where the region has it.

AWS applies the property RecursiveLoop by PutFunctionRecursionConfig. Regions of the partition aws have this
API, except for two; the other partitions do not: https://github.com/aws/aws-lambda-roadmap/issues/18. The
emulator ignores the property, and has the API everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import error_response_json, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

REGIONS_WITHOUT: Final = frozenset({"ap-southeast-6", "mx-central-1"})
PARTITIONS_WITHOUT: Final = ("cn-", "us-gov-")


def fill() -> None:
    put = lambda_svc._put_function_recursion_config
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]

    def put_where_available(name: str, request: dict[str, Any]) -> Any:
        if is_missing_in(get_region()):
            text = f"PutFunctionRecursionConfig is not available in {get_region()}"
            return error_response_json("InvalidAction", text, 400)
        return put(name, request)

    lambda_svc._put_function_recursion_config = put_where_available
    for action in ("create", "update"):
        handlers[action] = _applying_the_property(handlers[action])


def is_missing_in(region: str) -> bool:
    return region in REGIONS_WITHOUT or region.startswith(PARTITIONS_WITHOUT)


def _applying_the_property(handle: Callable[..., Any]) -> Callable[..., Any]:
    """`handle` takes the new properties next to last, and returns the function's name first."""

    def handle_and_apply(*arguments: Any) -> Any:
        provisioned = handle(*arguments)
        if setting := arguments[-2].get("RecursiveLoop"):
            name = provisioned[0]
            status, _, body = lambda_svc._put_function_recursion_config(name, {"RecursiveLoop": setting})
            if status != 200:
                raise ValueError(body.decode())
        return provisioned

    return handle_and_apply
