"""The handout that a patient takes home: one treatment plan, her own dates, in plain words."""

from lib.handout.page import Handout, handout
from lib.handout.plan import Plan

__all__ = ["Handout", "Plan", "handout"]
