"""Bearer tokens: a user's number and an expiry, signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
import time

from perfpilot.demo.messages import Refused

_CLAIMS = struct.Struct(">Qd")  # user id, expiry in seconds since the epoch


class Tokens:
    """Issues and checks tokens that live for `ttl_s` seconds."""

    def __init__(self, key: bytes, ttl_s: float) -> None:
        self.ttl_s = ttl_s
        self._key = key

    def issue(self, user_id: int) -> str:
        claims = _CLAIMS.pack(user_id, time.time() + self.ttl_s)
        return base64.urlsafe_b64encode(claims + self._signature(claims)).decode()

    def user_of(self, authorization: str) -> int:
        """The user id of an `Authorization: Bearer ...` value; raises `Refused` 401."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _unauthorized("a bearer token is required: log in first")
        try:
            raw = base64.b64decode(token.strip(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise _unauthorized("the token is not valid") from error
        claims, signature = raw[: _CLAIMS.size], raw[_CLAIMS.size :]
        if not hmac.compare_digest(signature, self._signature(claims)):
            raise _unauthorized("the token is not valid")
        user_id, expiry = _CLAIMS.unpack(claims)
        if time.time() >= expiry:
            raise _unauthorized("the token has expired: log in again")
        return int(user_id)

    def _signature(self, claims: bytes) -> bytes:
        return hmac.digest(self._key, claims, hashlib.sha256)


def _unauthorized(message: str) -> Refused:
    return Refused(401, message, WWW_Authenticate="Bearer")
