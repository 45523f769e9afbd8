"""The switches that work without a deployment: SSM parameters, read once a minute by default."""

from __future__ import annotations

import time
from collections.abc import Callable

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.ttl_cache import TtlCache
from lambdas.rotation.domain.modes import Mode, parse_mode

_SECONDS = 60.0
_OFF = "off"


class SsmSwitches:
    """Any value of the kill switch but `off` stops; any text that is no mode allows the least. An answer is
    cached for `seconds`.
    """

    def __init__(
        self,
        clients: Clients,
        kill_switch: str,
        mode: str = "",
        clock: Callable[[], float] = time.monotonic,
        seconds: float = _SECONDS,
    ) -> None:
        self._clients = clients
        self._kill_switch = kill_switch
        self._mode = mode
        self._answers: TtlCache[str] = TtlCache(seconds, clock)

    def stopped(self) -> bool:
        return self._value(self._kill_switch) != _OFF

    def mode(self) -> Mode:
        return parse_mode(self._value(self._mode))

    def _value(self, name: str) -> str:
        def ask() -> str:
            with aws_errors("ssm:GetParameter"):
                return self._clients.ssm.get_parameter(Name=name)["Parameter"]["Value"].strip()

        return self._answers.get(name, ask)
