"""The clinic's own words to patients, one text for each flag."""

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import one_of, text_or_none
from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from lib.messages import DEFAULTS, PLACEHOLDERS, misplaced


@needs("see settings")
def read_messages(actor: Actor, store: Store) -> dict[str, str]:
    """The text for each flag: the clinic's own where there is one, else the program's."""
    with store.read() as db:
        own = {row["flag"]: row["text"] for row in db.query("select flag, text from messages")}
    return {flag: own.get(flag, text) for flag, text in DEFAULTS.items()}


@needs("change settings")
def set_message(actor: Actor, store: Store, flag: str, text: str) -> None:
    """Other words for a flag; an empty text, or the program's own, brings the program's back.

    NotAllowed for an unknown flag, for braces that are none of lib.messages.PLACEHOLDERS, and where it is too long.
    """
    one_of(flag, DEFAULTS, "the flag")
    wanted = text_or_none(text, "the text")
    if wanted and misplaced(wanted):
        allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise NotAllowed(f"{', '.join(misplaced(wanted))} can't be filled in: what may stand in braces is {allowed}")
    with store.change(actor, "change the words for patients") as change:
        own = next(change.db.query("select text from messages where flag = ?", [flag]), None)
        if wanted in (None, DEFAULTS[flag]):
            if own:
                change.delete("messages", flag)
        elif own is None:
            change.insert("messages", {"flag": flag, "text": wanted})
        elif own["text"] != wanted:
            change.update("messages", flag, text=wanted)
