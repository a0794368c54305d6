"""What a user keeps between requests, as a browser would: cookies, and answers that need no new request."""

from __future__ import annotations

from lxml import etree

from perfpilot.domain.spec import Environment
from perfpilot.tools.jmeter.jmx import tree

MOST_CACHED = 5000
"""Addresses that a user's cache holds, JMeter's own default."""


def add_browser(
    children: etree._Element, environment: Environment, *, new_user_each_iteration: bool, cache: bool
) -> None:
    """Add cookies and cache where the environment has them.

    Where each iteration is a new user both are emptied in between. `cache`: false leaves the cache out, for
    a pass in which every request must be sent.
    """
    if environment.cookies:
        _add_cookies(children, clear=new_user_each_iteration)
    if environment.cache and cache:
        _add_cache(children, clear=new_user_each_iteration)


def _add_cookies(children: etree._Element, *, clear: bool) -> None:
    node = tree.element(children, "CookieManager", "cookies").node
    tree.comment(node, f"Each user keeps the cookies that it is given{_until(clear)}.")
    tree.collection(node, "CookieManager.cookies")
    tree.boolean(node, "CookieManager.clearEachIteration", clear)
    tree.boolean(node, "CookieManager.controlledByThreadGroup", False)
    tree.string(node, "CookieManager.policy", "standard")
    tree.string(
        node, "CookieManager.implementation", "org.apache.jmeter.protocol.http.control.HC4CookieHandler"
    )


def _add_cache(children: etree._Element, *, clear: bool) -> None:
    """What the cache answers makes no request and no row (property `cache_manager.cached_resource_mode`)."""
    node = tree.element(children, "CacheManager", "cache").node
    tree.comment(
        node,
        f"Each user has a browser's cache{_until(clear)}. What it holds and is still fresh (Expires, "
        "max-age) is not asked again and makes no sample.",
    )
    tree.boolean(node, "clearEachIteration", clear)
    tree.boolean(node, "useExpires", True)
    tree.boolean(node, "CacheManager.controlledByThread", False)
    tree.integer(node, "maxSize", MOST_CACHED)


def _until(clear: bool) -> str:
    return ", emptied before each iteration: it is a new user" if clear else ""
