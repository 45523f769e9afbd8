"""The name of the API operation behind a request, whatever the service's protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ministack.core.iam_actions import extract_iam_action
from ministack.core.router import detect_service

if TYPE_CHECKING:
    from local.emulator.calls import Call

S3_BY_DEPTH: Final = {
    ("GET", 0): "ListBuckets",
    ("HEAD", 1): "HeadBucket",
    ("GET", 1): "ListObjects",
    ("PUT", 1): "CreateBucket",
    ("DELETE", 1): "DeleteBucket",
    ("POST", 1): "DeleteObjects",
    ("HEAD", 2): "HeadObject",
    ("GET", 2): "GetObject",
    ("PUT", 2): "PutObject",
    ("DELETE", 2): "DeleteObject",
    ("POST", 2): "CreateMultipartUpload",
}
S3_SUBRESOURCES: Final = {
    "acl": "Acl",
    "cors": "Cors",
    "encryption": "Encryption",
    "lifecycle": "Lifecycle",
    "location": "Location",
    "logging": "Logging",
    "policy": "Policy",
    "publicAccessBlock": "PublicAccessBlock",
    "tagging": "Tagging",
    "versioning": "Versioning",
}


def operation_of(call: Call, service: str) -> str:
    if action := call.parameter("Action"):
        return action
    if target := call.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if "/operation/" in call.path:  # Smithy's RPC over CBOR: /service/<name>/operation/<operation>
        return call.path.rpartition("/")[2]
    return _s3_operation(call) if service == "s3" else _rest_operation(call)


def _s3_operation(call: Call) -> str:
    depth = len([part for part in call.path.split("/", 2) if part])
    subresource = next((S3_SUBRESOURCES[name] for name in call.query if name in S3_SUBRESOURCES), None)
    if depth and subresource:
        return f"{call.method.capitalize()}{'Bucket' if depth == 1 else 'Object'}{subresource}"
    return S3_BY_DEPTH.get((call.method, depth), f"{call.method.capitalize()}Request")


def _rest_operation(call: Call) -> str:
    service = detect_service(call.method, call.path, call.headers, call.query)
    action = extract_iam_action(service, call.method, call.path, call.headers, call.body, call.query)
    return (action or f":{call.method.capitalize()}Request").partition(":")[2]
