"""What must not happen on the developer's machine.

The emulator also opens port 443 where it can, and removes Docker containers that carry its label.
"""

from __future__ import annotations

from ministack import app


def fill() -> None:
    app._port_is_bindable = lambda _host, _port: False
    app._docker_socket_present = lambda: False
