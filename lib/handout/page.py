"""The whole handout, in words: what a page or a PDF only sets out."""

from dataclasses import dataclass

from lib.handout.plan import Plan
from lib.handout.skin import Stage, counted_from, sources, stages
from lib.handout.visits import Line, NextVisit, done, has_review, later, next_visit, progress
from lib.messages import first_name
from lib.words import day


@dataclass(frozen=True)
class Handout:
    """Everything that stands on the page; an empty text or tuple is left out there."""

    clinic: str
    is_demo: bool
    name: str
    first_name: str
    treatment: str
    area: str
    next_visit: NextVisit
    stages: tuple[Stage, ...]
    counted_from: str
    progress: str
    done: tuple[Line, ...]
    later: tuple[Line, ...]
    about_reviews: str
    reach: str
    sources: str
    printed: str

    @property
    def now(self) -> tuple[Stage, ...]:
        """The stages of the day on which it is printed."""
        return tuple(stage for stage in self.stages if stage.is_now)

    @property
    def ahead(self) -> tuple[Stage, ...]:
        """The stages to come."""
        return tuple(stage for stage in self.stages if not stage.is_now)


def handout(plan: Plan, *, name: str, clinic: str, may_call: bool = True, is_demo: bool = False) -> Handout:
    """The handout of a plan for the day that it stands on; `may_call` says whether the clinic may call the patient."""
    shown = stages(plan)
    return Handout(
        clinic=_one_line(clinic),
        is_demo=is_demo,
        name=_one_line(name),
        first_name=first_name(name),
        treatment=plan.protocol.name,
        area=_one_line(plan.area),
        next_visit=next_visit(plan, may_call=may_call),
        stages=tuple(shown),
        counted_from=counted_from(plan) if shown else "",
        progress=progress(plan),
        done=tuple(done(plan)),
        later=tuple(later(plan)),
        about_reviews="At a review we look at your skin and do not treat it." if has_review(plan) else "",
        reach=f"A question, or something about your skin that worries you? Please call {_one_line(clinic)}.",
        sources=sources(shown),
        printed=day(plan.as_of),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
