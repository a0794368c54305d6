"""The texts and numbers that cases send. None holds a `$`, so that nothing in them could be a reference."""

from __future__ import annotations

LONGEST_IN_ADDRESS = "x" * 2_000
"""Servers refuse a request line above 4 to 16 KiB as a whole; a parameter should stand well below that."""

LONGEST_IN_BODY = "x" * 10_000

UNUSUAL = (
    "\"quoted\" 'single' <b>&amp;</b> back\\slash 100% \U0001f986 e\u0301 "
    "\u0634\u0643\u0631\u0627 \u05e9\u05dc\u05d5\u05dd"
)
"""Quotes, markup, a backslash, a per cent sign, an emoji, a combining accent, and text from right to left."""

VERY_LARGE = 99_999_999_999_999_999_999
"""Above 2^64, so that no machine integer holds it."""

LARGEST_PAGE = 10_000

FAR_PAGE = 1_000_000

UNKNOWN_NUMBER = "999999999"
"""Below 2^31: an id that could exist, so that the answer is about the item and not about the number."""

UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"

UNKNOWN_TEXT = "perfpilot-no-such-id"

WRONG_PASSWORD = "perfpilot-wrong-password"

WRONG_TOKEN = "perfpilot-no-such-token"

WRONG_BASIC = "Basic cGVyZnBpbG90LW5vYm9keTp3cm9uZw=="
"""The user perfpilot-nobody with the password `wrong`: no account can be locked by it."""

TRUNCATED_JSON = '{"truncated": "'

WRONG_FOR_A_NUMBER = "not a number"

WRONG_FOR_A_TEXT = {"not": ["a", "text"]}
