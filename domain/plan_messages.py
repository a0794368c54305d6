"""What a plan of ours writes into `failureMessage`: by it the analysis tells one failure from another."""

from __future__ import annotations

STATUS_MESSAGE = "unexpected status"
TEXT_MESSAGE = "expected text is missing"
EXTRACTION_MESSAGE = "nothing extracted for "
"""Followed by the name of the variable."""
