"""What a plan of ours writes into `failureMessage`: by it the analysis tells one failure from another."""

from __future__ import annotations

STATUS_MESSAGE = "unexpected status"
TEXT_MESSAGE = "expected text is missing"
LACKS_MESSAGE = "a text that must not be there is there"
EXTRACTION_MESSAGE = "nothing extracted for "
"""Followed by the name of the variable."""

TOO_SLOW_MESSAGE = "The operation lasted too long"
"""How JMeter begins what it says of an answer that came later than `expect.within`."""
