"""When is a patient expected: docs/rules.md and nothing else."""

from lib.schedule.expected import expected_visits
from lib.schedule.explain import explain, grounds
from lib.schedule.protocols import Protocol, ProtocolError, parse_protocol, read_protocols

__all__ = ["Protocol", "ProtocolError", "expected_visits", "explain", "grounds", "parse_protocol", "read_protocols"]
