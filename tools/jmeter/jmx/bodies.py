"""What a request carries: a raw body, the fields of a form, files, or the query of its address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import Endpoint, Method
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.addresses import query_is_encoded_by_jmeter, require_name
from perfpilot.tools.jmeter.jmx.outside_text import OutsideText
from perfpilot.tools.jmeter.jmx.uploads import MEDIA_TYPE

_WITHOUT_BODY = frozenset({Method.HEAD, Method.OPTIONS})
_WITH_FORM = frozenset({Method.POST, Method.PUT, Method.PATCH})
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def content_type(endpoint: Endpoint) -> str:
    """The content type that perfpilot gives a request; empty where the description or JMeter does."""
    if endpoint.body is not None and not isinstance(endpoint.body, str):
        return "application/json"
    return "application/x-www-form-urlencoded" if endpoint.form and not endpoint.files else ""


def add_content(
    node: etree._Element, endpoint: Endpoint, text: OutsideText, uploads: Mapping[str, str], where: str
) -> None:
    """Add body, form, files and query to a sampler.

    `uploads`: where the file of `Upload.path` stands in the attempt. Raises SpecError for what the method
    can't carry or JMeter would alter.
    """
    body = _body(endpoint, where)
    if body is not None:
        tree.boolean(node, "HTTPSampler.postBodyRaw", True)
    if endpoint.form or endpoint.files:
        _require_form(endpoint, where)
    if endpoint.files:
        tree.boolean(node, "HTTPSampler.DO_MULTIPART_POST", True)
        # Parts as a browser writes them; else every field has a content type of its own.
        tree.boolean(node, "HTTPSampler.BROWSER_COMPATIBLE_MULTIPART", True)
    values = tree.collection(tree.nested(node, "HTTPsampler.Arguments", "Arguments"), "Arguments.arguments")
    if body is not None:
        argument = tree.nested(values, "", "HTTPArgument")
        tree.boolean(argument, "HTTPArgument.always_encode", False)
        tree.string(argument, "Argument.value", text.write(body, f"{where}.body"))
        tree.string(argument, "Argument.metadata", "=")
    elif query_is_encoded_by_jmeter(endpoint):
        _add_fields(values, endpoint.query, text, f"{where}.query")
    else:
        _add_fields(values, endpoint.form, text, f"{where}.form")
    if endpoint.files:
        _add_files(node, endpoint, text, uploads, where)


def _body(endpoint: Endpoint, where: str) -> str | None:
    if endpoint.body is None or endpoint.body == "":
        return None
    if endpoint.method in _WITHOUT_BODY:
        raise SpecError(
            f"{where}.body: JMeter sends no body with {endpoint.method.value}",
            mend="remove the body, or use POST",
        )
    if isinstance(endpoint.body, str):
        return endpoint.body
    return json.dumps(endpoint.body, ensure_ascii=False)


def _require_form(endpoint: Endpoint, where: str) -> None:
    key = "form" if endpoint.form else "files"
    if endpoint.method not in _WITH_FORM:
        raise SpecError(
            f"{where}.{key}: JMeter sends no form with {endpoint.method.value} alone",
            mend="use POST, PUT or PATCH, or query for parameters of the address",
        )


def _add_fields(values: etree._Element, fields: Mapping[str, str], text: OutsideText, where: str) -> None:
    """Named arguments; JMeter encodes names and values when it sends them, in a multipart form not at all."""
    for name, value in fields.items():
        require_name(name, where)
        if _CONTROL.search(name):
            raise SpecError(f"{where}: {name!r} holds a control character", mend="rename it")
        argument = tree.nested(values, "", "HTTPArgument")
        tree.boolean(argument, "HTTPArgument.always_encode", True)
        tree.boolean(argument, "HTTPArgument.use_equals", True)
        tree.string(argument, "Argument.name", text.write(name, where))
        tree.string(argument, "Argument.value", text.write(value, f"{where}.{name}"))
        tree.string(argument, "Argument.metadata", "=")


def _add_files(
    node: etree._Element, endpoint: Endpoint, text: OutsideText, uploads: Mapping[str, str], where: str
) -> None:
    files = tree.collection(tree.nested(node, "HTTPsampler.Files", "HTTPFileArgs"), "HTTPFileArgs.files")
    for index, upload in enumerate(endpoint.files):
        place = f"{where}.files.{index}"
        require_name(upload.field, f"{place}.field")
        if _CONTROL.search(upload.field):
            raise SpecError(f"{place}.field: {upload.field!r} holds a control character", mend="rename it")
        if not MEDIA_TYPE.fullmatch(upload.type):
            raise SpecError(f"{place}.type: {upload.type!r} is no media type", mend="write image/png")
        argument = tree.nested(files, "", "HTTPFileArg")
        tree.string(argument, "File.path", uploads[upload.path])
        tree.string(argument, "File.paramname", text.write(upload.field, f"{place}.field"))
        tree.string(argument, "File.mimetype", upload.type)
