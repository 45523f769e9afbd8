"""A boto3 session bound to one server, whatever the environment of the process says."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader

if TYPE_CHECKING:
    from pathlib import Path


class LocalSession(boto3.Session):
    """An endpoint given to the client outranks AWS_ENDPOINT_URL, which may name another server."""

    def __init__(self, endpoint_url: str, ca_bundle: Path, key: tuple[str, ...], region: str) -> None:
        core = botocore.session.Session()
        core.register_component("data_loader", _loader())
        access_key_id, secret, token = (*key, "")[:3]
        super().__init__(access_key_id, secret, token, region_name=region, botocore_session=core)
        self._server: dict[str, Any] = {"endpoint_url": endpoint_url, "verify": str(ca_bundle)}

    def client(self, *args: Any, **kwargs: Any) -> Any:
        session: Any = super()
        return session.client(*args, **{**kwargs, **self._server})

    def resource(self, *args: Any, **kwargs: Any) -> Any:
        session: Any = super()
        return session.resource(*args, **kwargs)  # which makes its client with the method above


@cache
def _loader() -> Loader:
    """Reading the services' models takes most of the time of making a client."""
    return create_loader()
