"""The closed list of elements that perfpilot writes, and the properties that each may have.

`tree` builds only from this list and `guard.lint` refuses a plan with anything outside of it, so that
one table says what JMeter can be made to do. Names and classes: JMeter 5.6.3.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """An element: its class in the GUI (JMeter refuses a plan without it) and its property names."""

    gui_class: str
    properties: frozenset[str]


COMMENT = "TestPlan.comments"
"""The property in which every element may say what it is for."""


def _kind(gui_class: str, *properties: str) -> Kind:
    return Kind(gui_class, frozenset({COMMENT, *properties}))


_GROUP = (
    "ThreadGroup.num_threads", "ThreadGroup.ramp_time", "ThreadGroup.scheduler", "ThreadGroup.duration",
    "ThreadGroup.delay", "ThreadGroup.same_user_on_next_iteration", "ThreadGroup.delayedStart",
    "ThreadGroup.on_sample_error", "ThreadGroup.main_controller",
    "LoopController.loops", "LoopController.continue_forever",
)  # fmt: skip
_ARGUMENTS = ("HTTPsampler.Arguments", "Arguments.arguments")

ELEMENTS: dict[str, Kind] = {
    "TestPlan": _kind(
        "TestPlanGui", "TestPlan.functional_mode", "TestPlan.serialize_threadgroups",
        "TestPlan.tearDown_on_shutdown", "TestPlan.user_defined_variables", "Arguments.arguments",
    ),
    "ThreadGroup": _kind("ThreadGroupGui", *_GROUP),
    "OpenModelThreadGroup": _kind(
        "OpenModelThreadGroupGui", "OpenModelThreadGroup.schedule", "OpenModelThreadGroup.random_seed",
        "ThreadGroup.on_sample_error", "ThreadGroup.main_controller",
    ),
    "ConfigTestElement": _kind(
        "HttpDefaultsGui", "HTTPSampler.protocol", "HTTPSampler.domain", "HTTPSampler.port",
        "HTTPSampler.contentEncoding", "HTTPSampler.implementation", "HTTPSampler.connect_timeout",
        "HTTPSampler.response_timeout", *_ARGUMENTS,
    ),
    "HTTPSamplerProxy": _kind(
        "HttpTestSampleGui", "HTTPSampler.path", "HTTPSampler.method", "HTTPSampler.follow_redirects",
        "HTTPSampler.auto_redirects", "HTTPSampler.use_keepalive", "HTTPSampler.image_parser",
        "HTTPSampler.connect_timeout", "HTTPSampler.response_timeout", "HTTPSampler.postBodyRaw",
        "HTTPSampler.DO_MULTIPART_POST", "HTTPSampler.BROWSER_COMPATIBLE_MULTIPART",
        *_ARGUMENTS, "", "HTTPArgument.always_encode", "HTTPArgument.use_equals",
        "Argument.name", "Argument.value", "Argument.metadata",
        "HTTPsampler.Files", "HTTPFileArgs.files", "File.path", "File.paramname", "File.mimetype",
    ),
    "HeaderManager": _kind("HeaderPanel", "HeaderManager.headers", "", "Header.name", "Header.value"),
    "CookieManager": _kind(
        "CookiePanel", "CookieManager.cookies", "CookieManager.clearEachIteration",
        "CookieManager.controlledByThreadGroup", "CookieManager.policy", "CookieManager.implementation",
    ),
    "CacheManager": _kind(
        "CacheManagerGui", "clearEachIteration", "useExpires", "CacheManager.controlledByThread", "maxSize"
    ),
    "AuthManager": _kind(
        "AuthPanel", "AuthManager.auth_list", "AuthManager.controlledByThreadGroup", "", "Authorization.url",
        "Authorization.username", "Authorization.password", "Authorization.domain", "Authorization.realm",
        "Authorization.mechanism",
    ),
    "CSVDataSet": _kind(
        "TestBeanGUI", "filename", "fileEncoding", "variableNames", "ignoreFirstLine", "delimiter",
        "quotedData", "recycle", "stopThread", "shareMode",
    ),
    "JSONPostProcessor": _kind(
        "JSONPostProcessorGui", "JSONPostProcessor.referenceNames", "JSONPostProcessor.jsonPathExprs",
        "JSONPostProcessor.match_numbers", "JSONPostProcessor.defaultValues",
        "JSONPostProcessor.compute_concat",
    ),
    "RegexExtractor": _kind(
        "RegexExtractorGui", "RegexExtractor.useHeaders", "RegexExtractor.refname", "RegexExtractor.regex",
        "RegexExtractor.template", "RegexExtractor.default", "RegexExtractor.default_empty_value",
        "RegexExtractor.match_number",
    ),
    "ResponseAssertion": _kind(
        "AssertionGui", "Asserion.test_strings", "Assertion.custom_message", "Assertion.test_field",
        "Assertion.assume_success", "Assertion.test_type", "Assertion.scope", "Scope.variable",
        *(str(index) for index in range(100)),
    ),
    "JSONPathAssertion": _kind(
        "JSONPathAssertionGui", "JSON_PATH", "EXPECTED_VALUE", "JSONVALIDATION", "EXPECT_NULL", "INVERT",
        "ISREGEX",
    ),
    "DurationAssertion": _kind("DurationAssertionGui", "DurationAssertion.duration"),
    "TransactionController": _kind(
        "TransactionControllerGui", "TransactionController.parent", "TransactionController.includeTimers"
    ),
    "LoopController": _kind(
        "LoopControlPanel", "LoopController.loops", "LoopController.continue_forever"
    ),
    "IfController": _kind(
        "IfControllerPanel", "IfController.condition", "IfController.evaluateAll",
        "IfController.useExpression",
    ),
    "ConstantTimer": _kind("ConstantTimerGui", "ConstantTimer.delay"),
    "UniformRandomTimer": _kind("UniformRandomTimerGui", "ConstantTimer.delay", "RandomTimer.range"),
    "GenericController": _kind("LogicControllerGui"),
    "WhileController": _kind("WhileControllerGui", "WhileController.condition"),
    "TestAction": _kind(
        "TestActionGui", "ActionProcessor.action", "ActionProcessor.target", "ActionProcessor.duration"
    ),
}  # fmt: skip

ELEMENT_PROPERTY_TYPES = frozenset(
    {
        "Arguments",
        "HTTPArgument",
        "HTTPFileArgs",
        "HTTPFileArg",
        "Header",
        "Authorization",
        "LoopController",
        "OpenModelThreadGroupController",
    }
)
"""Values of `elementType` that may stand on an `elementProp`."""

PROPERTY_TAGS = frozenset({"stringProp", "boolProp", "intProp", "elementProp", "collectionProp"})
"""Tags of properties. `objProp` is not among them: it can make any Java object."""
