"""HTTP/1.1 with keep-alive, a thread for each connection."""

from __future__ import annotations

import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import parse_qsl, urlsplit

from perfpilot.demo.counters import Counters
from perfpilot.demo.messages import Refused, Request, Response, json_response
from perfpilot.demo.routes import UNMATCHED, Routes

_BODY_LIMIT = 64 * 1024


class Server(ThreadingMixIn, TCPServer):
    """Serves `routes` on 127.0.0.1 (`port` 0: any free one); after `hang_after_s` it never answers."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024  # a burst of new connections shall not be dropped by the kernel

    def __init__(
        self, port: int, routes: Routes, counters: Counters, hang_after_s: float | None, access_log: bool
    ) -> None:
        self.routes = routes
        self.counters = counters
        self.access_log = access_log
        self.draining = False
        self._hangs_at = None if hang_after_s is None else time.monotonic() + hang_after_s
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def hanging(self) -> bool:
        return self._hangs_at is not None and time.monotonic() >= self._hangs_at

    def drain(self, limit_s: float) -> None:
        """Take no new connection and let the requests in flight end, for `limit_s` at most."""
        self.draining = True
        self.shutdown()
        self.server_close()
        until = time.monotonic() + limit_s
        while self.counters.in_flight and not self.hanging and time.monotonic() < until:
            time.sleep(0.01)

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client that leaves is no error of ours
            traceback.print_exc()


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 120  # seconds; how long an idle connection is kept
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together, in one segment where they fit

    def _serve(self) -> None:
        url = urlsplit(self.path)
        template = self.server.routes.template_of(url.path)
        counters = self.server.counters
        counters.arrived(template)
        try:
            response = self._answer(template, url.path, url.query)
            if self.server.hanging:
                self._fall_silent()
                return
            counters.answered(template, response.status)
            self._send(response)
        finally:
            counters.left()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def _answer(self, template: str, path: str, query: str) -> Response:
        try:
            body = self._read_body()
            endpoint = self.server.routes.endpoint_of(template, self.command)
            authorization = self.headers.get("Authorization", "")
            request = Request(self.command, path, dict(parse_qsl(query)), authorization, body)
            return endpoint(request)
        except Refused as refusal:
            return refusal.response()
        except ConnectionError:
            raise
        except Exception:
            traceback.print_exc()
            return Refused(500, "internal error").response()

    def _read_body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refused(411, "send the body with a Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdecimal()):
            self.close_connection = True
            raise Refused(400, "Content-Length is not a number")
        if int(length) > _BODY_LIMIT:
            self.close_connection = True
            raise Refused(413, f"the body is longer than {_BODY_LIMIT} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the client left in the middle of its body")
        return body

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        if self.close_connection or self.server.draining:
            self.send_header("Connection", "close")  # sets close_connection, too
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _fall_silent(self) -> None:
        """Read on without a word until the client gives up, so that its leaving frees the thread."""
        self.close_connection = True
        self.connection.settimeout(None)
        while self.rfile.read1(65536):
            pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server says about a request it cannot parse, as JSON in place of its HTML page."""
        self.close_connection = True
        self.command = self.command or ""
        self.server.counters.arrived(UNMATCHED)
        self.server.counters.left()
        self.server.counters.answered(UNMATCHED, code)
        self._send(json_response(code, {"error": message or "the request is not valid HTTP"}))

    def version_string(self) -> str:
        return "shop"

    def log_message(self, format: str, *arguments: object) -> None:
        if self.server.access_log:
            super().log_message(format, *arguments)
