"""The setting of Lambda's recursive loop detection, in a template and where the region has it.

AWS applies the property RecursiveLoop by PutFunctionRecursionConfig. Regions of the partition aws have this
API, except for two; the other partitions do not: https://github.com/aws/aws-lambda-roadmap/issues/18. The
emulator ignores the property, and has the API everywhere.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import error_response_json, get_region
from ministack.services import lambda_svc

from local.emulator.provisioning import also_apply

REGIONS_WITHOUT: Final = frozenset({"ap-southeast-6", "mx-central-1"})
PARTITIONS_WITHOUT: Final = ("cn-", "us-gov-")


def fill() -> None:
    put = lambda_svc._put_function_recursion_config

    def put_where_available(name: str, request: dict[str, Any]) -> Any:
        if is_missing_in(get_region()):
            text = f"PutFunctionRecursionConfig is not available in {get_region()}"
            return error_response_json("InvalidAction", text, 400)
        return put(name, request)

    def apply(name: str, properties: dict[str, Any]) -> Any:
        setting = properties.get("RecursiveLoop")
        return put_where_available(name, {"RecursiveLoop": setting}) if setting else None

    lambda_svc._put_function_recursion_config = put_where_available
    also_apply("AWS::Lambda::Function", apply)


def is_missing_in(region: str) -> bool:
    return region in REGIONS_WITHOUT or region.startswith(PARTITIONS_WITHOUT)
