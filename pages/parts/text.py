"""Texts that people typed, made safe for places that render Markdown."""

import re

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_LINKS = re.compile(r"(?<=www)(?=\\\.)|(?=\\:\\/)|(?=\\@)", re.IGNORECASE)
_APART = "\u2060"  # a word joiner: it takes no room, and what it parts is not made a link of


def literally(text: str) -> str:
    """The text as Markdown that shows exactly its letters: no markup, link, emoji name or formula in it."""
    return _LINKS.sub(_APART, _MARKUP.sub(r"\\\1", " ".join(text.split())))
