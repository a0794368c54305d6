"""The strict router: which endpoint answers a path and a method. A trailing slash makes another path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from perfpilot.demo.messages import Refused, Request, Response

Endpoint = Callable[[Request], Response]

PRODUCT = "/api/products/{id}"
UNMATCHED = "unmatched"
_PRODUCT_PATH = re.compile(r"/api/products/[0-9]{1,9}", re.ASCII)


class Routes:
    """Endpoints by path template and method."""

    def __init__(self, endpoints: Mapping[str, Mapping[str, Endpoint]]) -> None:
        self._endpoints = endpoints
        self.templates = (*endpoints, UNMATCHED)

    def template_of(self, path: str) -> str:
        """The path as it is counted: a template, so that the number of labels stays bounded."""
        if _PRODUCT_PATH.fullmatch(path):
            return PRODUCT
        return path if path in self._endpoints and path != PRODUCT else UNMATCHED

    def endpoint_of(self, template: str, method: str) -> Endpoint:
        """Raises `Refused` 404 for an unknown path and 405 with `Allow` for a wrong method."""
        methods = self._endpoints.get(template)
        if methods is None:
            raise Refused(404, "there is nothing at this path")
        if method not in methods:
            raise Refused(405, "this method is not allowed here", Allow=", ".join(methods))
        return methods[method]
