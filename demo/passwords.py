"""How the shop keeps passwords: salted and stretched."""

from __future__ import annotations

import hashlib
import hmac

# Far fewer than a real shop needs (OWASP: 600,000): logging in shall not be what limits a healthy demo.
_ITERATIONS = 1000


def hash_password(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)


def password_matches(password: str, salt: bytes, expected: bytes) -> bool:
    return hmac.compare_digest(hash_password(password, salt), expected)
