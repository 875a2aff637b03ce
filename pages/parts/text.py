"""Texts that people typed, made safe for places that render Markdown."""

import re

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def literally(text: str) -> str:
    """The text as Markdown that shows exactly its letters: no markup, link, emoji name or formula in it."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
