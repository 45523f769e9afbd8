"""moto's AWS in a process of its own, on loopback, answering as IAM does where the cost depends on it."""

from __future__ import annotations

import multiprocessing
import warnings
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from moto.core.responses import ActionResult
from moto.iam.exceptions import IAMException, NotFoundException
from moto.iam.responses import IamResponse

from bench.moto_over_http import loopback_server
from bench.processes import aws_environment, enter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

_USERS_A_PAGE = 100  # what IAM returns unless asked for more (IAM API, ListUsers, MaxItems)
_START_SECONDS = 30

_get_access_key_last_used = IamResponse.get_access_key_last_used


@contextmanager
def moto_server() -> Iterator[str]:
    """The URL of a server that has nothing in it yet."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise TimeoutError(f"moto's server did not start within {_START_SECONDS} seconds")
        yield ours.recv()
    finally:
        server.terminate()
        server.join()


def _serve(parent: Connection) -> None:
    """Ends with the parent, whose end of the pipe then closes."""
    enter(aws_environment())
    _fill_the_gaps()
    server = loopback_server()
    Thread(target=server.serve_forever, daemon=True).start()
    parent.send(f"http://127.0.0.1:{server.server_port}")
    parent.poll(None)


def _fill_the_gaps() -> None:
    warnings.filterwarnings("ignore", "Exception.*AccessDenied does not match", UserWarning)  # moto's models
    IamResponse.list_users = _list_users_by_the_page  # type: ignore[method-assign]
    IamResponse.get_access_key_last_used = _deny_unknown_keys  # type: ignore[method-assign]


def _list_users_by_the_page(self: IamResponse) -> ActionResult:
    """All users at once, as moto 5.2.5 returns them, would flatter whoever lists them."""
    users = list(self.backend.list_users(self._get_param("PathPrefix"), None, None))
    start = int(self._get_param("Marker", "0"))
    end = start + int(self._get_param("MaxItems", _USERS_A_PAGE))
    more = {"IsTruncated": True, "Marker": str(end)} if end < len(users) else {"IsTruncated": False}
    return ActionResult({"Users": users[start:end], **more})


def _deny_unknown_keys(self: IamResponse) -> ActionResult:
    """AWS is reported to deny the look-up of a key that is not there (aws-facts 4.4), which could also
    mean a missing permission and so costs more to clear up than the NoSuchEntity of moto.
    """
    try:
        return _get_access_key_last_used(self)
    except NotFoundException as error:
        raise IAMException("AccessDenied", "User is not authorized: iam:GetAccessKeyLastUsed") from error
