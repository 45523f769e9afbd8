"""Sets the switches of a deployed stack as an operator does, with immediate effect."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deployment import Deployment


@contextmanager
def kill_switch_on(deployment: Deployment) -> Iterator[None]:
    """Stops the stack by the kill switch."""
    set_kill_switch(deployment, "on")
    try:
        yield
    finally:
        set_kill_switch(deployment, "off")


def set_kill_switch(deployment: Deployment, value: str) -> None:
    parameters: Any = deployment.aws.session().client("ssm")
    name = deployment.outputs["KillSwitchParameter"]
    parameters.put_parameter(Name=name, Value=value, Overwrite=True)
    clear_cached_switches(deployment)


def clear_cached_switches(deployment: Deployment) -> None:
    """Restarts the functions that cache the switches for a minute."""
    for output in ("RemediateFunctionName", "EnrolUsersFunctionName", "RotationFunctionArn"):
        restart_function(deployment, deployment.outputs[output].rpartition(":")[2])


def restart_function(deployment: Deployment, function_name: str) -> None:
    """Restarts a function by changing its configuration."""
    functions: Any = deployment.aws.session().client("lambda")
    memory = functions.get_function_configuration(FunctionName=function_name)["MemorySize"]
    for size in (memory + 1, memory):
        functions.update_function_configuration(FunctionName=function_name, MemorySize=size)
