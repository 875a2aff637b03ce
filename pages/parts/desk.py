"""Who is at the desk, and at which clinic."""

from clinic_data.actor import DESK, Actor
from clinic_data.database import Store, store_at
from clinic_data.settings import Settings, read_settings


def store() -> Store:
    """The clinic's file."""
    return store_at()


def actor() -> Actor:
    """Whoever uses the pages; nobody signs in."""
    return DESK


def settings() -> Settings:
    """The clinic's settings in force."""
    return read_settings(actor(), store())
