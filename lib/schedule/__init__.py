"""When is a patient expected: RULES.md and nothing else."""

from lib.schedule.expected import expected_visits
from lib.schedule.protocols import Protocol, ProtocolError, read_protocols

__all__ = ["Protocol", "ProtocolError", "expected_visits", "read_protocols"]
