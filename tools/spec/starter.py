"""The first description that an engineer sees: complete, runnable, and written to be edited."""

from __future__ import annotations

from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.short_form import endpoint_name_of, split_url, test_name_of
from perfpilot.tools.spec.write import scalar

_TEXT = """\
# A performance test for perfpilot. Run it:  perfpilot run {file}
# Check it without sending anything:        perfpilot validate {file}
version: 1
test_name: {test_name}
test_type: load            # smoke, load, stress, spike, soak, scalability, breakpoint or volume

environment:
  base_url: {base_url}
  # health: /health        # a path that answers when the service is well
  timeouts:
    connect: 3s
    response: 5s           # slower than this counts as failed
  # auth:                  # a token for every request, from an endpoint that logs in
  #   login: login
  #   token: $.token
  # servers:               # what the service depends on: proved to be there, then watched
  #   - {{name: db, kind: postgresql, host: 127.0.0.1, port: 5432, user: app,
  #      password: "${{env:PERFPILOT_SECRET_DB}}"}}

endpoints:
  - name: {endpoint}
    path: {path}
    # expect: {{status: [200], contains: ok}}
  # - name: login
  #   method: POST
  #   path: /login
  #   body: {{user: "${{user}}", password: "${{env:PERFPILOT_SECRET_PASSWORD}}"}}

# journeys:                # what one user does, in order; without journeys every endpoint gets its share
#   - name: visit
#     steps:
#       - {endpoint}
#       - {{endpoint: {endpoint}, think_time: 2s}}

# How load arrives: stages as here, or a shape by name, such as
#   - steps: {{start: 20, end: 100, step: 20, hold: 60s, ramp: 5s}}
# or only a level, `- rate_per_s: 20`, around which perfpilot draws what test_type asks for.
load_patterns:
  - model: open            # open: arrivals per second, whatever the service does. closed: users who wait
    stages:
      - {{rate_per_s: 20, duration: 10s, ramp: true}}    # from 0 to 20 arrivals per second
      - {{rate_per_s: 20, duration: 60s}}                # then hold

thresholds:                # the answer: GO if all are met, NO_GO if one is broken
  - p95 < 500ms            # your requirement; no standard sets one for an API
  - error_rate < 1%
  - achieved_load >= 95%   # the load that was asked for was really sent
  # - p99({endpoint}) < 1s
  # - cpu(target) < 85%
  # - abort if error_rate > 20% for 10s

# cases:                   # also send unusual and wrong requests, once each before the load
#   run: [edge, failure]   # `perfpilot plan {file} --show` lists them

# test_data:               # values for ${{user}} in paths, headers and bodies, handed out in turn
#   values:
#     user: [anna, ben, carla]

# limits:                  # bounds for this test; they can only tighten the operator's policy
#   requests: 100000
"""


def starter_spec(url: str, file: str = "perfpilot.yaml") -> str:
    """The commented YAML for an address. `file` is how its comments call it. Raises `SpecProblems`."""
    base_url, path = split_url(url)
    text = _TEXT.format(
        file=" ".join(file.split()),
        test_name=scalar(test_name_of(base_url)),
        base_url=scalar(base_url),
        endpoint=scalar(endpoint_name_of(path)),
        path=scalar(path),
    )
    parse_spec(text)  # whatever the address was, what is handed out can be read back
    return text
