"""What the confined child is sent: a configuration and a bundle, and no third thing."""

import json

from policy.configuration import Configuration, parse_configuration
from worldmodel.canonical import canonical_json


def make_request(bundle: bytes, configuration: Configuration) -> bytes:
    """The configuration as one line of canonical JSON, which has no line ends inside.

    Then the bundle's bytes as they are.
    """
    return canonical_json(configuration.model_dump(mode="json")) + b"\n" + bundle


def parse_request(request: bytes) -> tuple[Configuration, bytes]:
    """The configuration and the bundle of a request."""
    line, _, bundle = request.partition(b"\n")
    return parse_configuration(json.loads(line), where="request"), bundle
