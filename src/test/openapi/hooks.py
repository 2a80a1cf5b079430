"""What schemathesis needs to know about Crier besides the OpenAPI document."""

import json

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation

@schemathesis.serializer("application/x-ndjson")
def lines_of_json(ctx, value):
    """Writes a batch: one JSON text for each line."""
    events = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(event) for event in events).encode()


@schemathesis.hook
def before_load_schema(ctx, raw_schema):
    """Prefers the names of declared channels, because a request for another one is rejected at once.

    Valid names are plain here: a schema cannot have the rule for names, which depends on the version of Unicode.
    """
    components = raw_schema["components"]
    components["parameters"]["channel"]["schema"] = name("^time$", "^news$", "^orders/[a-z]$", "^runs/[a-z]{1,2}$", "^[a-z]+$")
    components["schemas"]["ChannelNames"]["items"] = name("^/time$", "^/news$", "^/(orders|runs)/:?id$", "^/runs/[a-z]$", "^/[a-z]+$")


def name(*patterns):
    return {"anyOf": [{"type": "string", "pattern": pattern} for pattern in patterns]}


@schemathesis.hook
def filter_case(ctx, case):
    """Leaves out most requests that are valid by their parts, but not together: a schema has no such rule."""
    headers, query = case.headers or {}, case.query or {}
    text = case.media_type in (None, "text/plain", "application/json")
    ends = str((case.path_parameters or {}).get("channel")).startswith("runs")
    return not (
        "If-Match" in headers and "If-None-Match" in headers
        or "lines" in query and not text
        or "end" in query and not ends
    )


@schemathesis.hook
def filter_failure(ctx, failure, case, response):
    """Accepts invalid requests that are valid as they are sent.

    Crier ignores an invalid lastEventId beside the header Last-Event-ID. A body of a publication is a text: a value of the wrong
    type, such as false, becomes a valid one.
    """
    if not isinstance(failure, AcceptedNegativeData):
        return True
    is_text = case.operation.label == "POST /{channel}" and case.meta.is_negative_at(ParameterLocation.BODY)
    return not is_text and not case.headers.get("Last-Event-ID")


@schemathesis.check
class every_operation_succeeds:
    """Fails if an operation has never had a response with a status below 300: then little of it was tested."""

    def __init__(self):
        self.called = set()
        self.succeeded = set()

    def after_response(self, ctx, response, case):
        self.called.add(case.operation.label)
        if response.status_code < 300:
            self.succeeded.add(case.operation.label)

    def after_run(self, ctx):
        never = sorted(self.called - self.succeeded)
        assert not never, "never succeeded: " + ", ".join(never)
