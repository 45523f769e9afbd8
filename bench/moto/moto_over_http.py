"""Serves moto on a loopback port. moto's own server needs Flask and closes every connection."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber

_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
_moto = BotocoreStubber()


def loopback_server() -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves whole

    def do_POST(self) -> None:
        answer = _moto.process_request(self._as_sent_to_aws())
        status, headers, text = answer or (404, {}, "")
        body = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def _as_sent_to_aws(self) -> AWSPreparedRequest:
        """Adds the host name by which moto selects the service, known here from the signature alone."""
        scope = _SCOPE.search(self.headers["Authorization"])
        if scope is None:
            raise ValueError("the request is not signed")
        url = f"https://{scope['service']}.{scope['region']}.amazonaws.com{self.path}"
        headers = HTTPHeaders.from_dict(dict(self.headers.items()))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        return AWSPreparedRequest("POST", url, headers, body, stream_output=False)
