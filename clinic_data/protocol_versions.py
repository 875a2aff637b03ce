"""The protocols that the clinic's treatment plans use: the text of every version stays in the file."""

from functools import lru_cache
from pathlib import Path

from sqlite_utils import Database

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed
from lib.schedule import Protocol, ProtocolError, parse_protocol, read_protocols

SHIPPED = Path(__file__).parent / "protocols"
"""The protocol files that come with the program."""


def protocol_key(protocol_id: str, version: int) -> str:
    """The name of one version of a protocol, as the schedule's frames carry it."""
    return f"{protocol_id}@{version}"


def protocol_files(folder: Path | str = SHIPPED) -> dict[str, Protocol]:
    """The protocols of a folder by id; NotAllowed names file, key, value and what is allowed."""
    try:
        return read_protocols(folder)
    except ProtocolError as error:
        raise NotAllowed(str(error)) from error


def keep_protocol(change: Change, protocol_id: str, folder: Path | str = SHIPPED) -> Protocol:
    """Make sure that the file holds this protocol's text, as part of a larger change.

    NotAllowed where the folder has no such id, or where the same version is kept with another text: a
    changed protocol needs a new version, or it would judge anew what was planned under the old one.
    """
    protocols = protocol_files(folder)
    if protocol_id not in protocols:
        raise NotAllowed(f"protocol {protocol_id!r}: there is no such id in {folder}; there are {', '.join(protocols)}")
    protocol = protocols[protocol_id]
    for path in sorted(Path(folder).glob("*.toml")):
        text = path.read_text(encoding="utf-8-sig")
        if parse_protocol(text, path.name).id == protocol_id:
            break
    key = (protocol.id, protocol.version)
    kept = next(change.db.query("select content from protocols where id = ? and version = ?", list(key)), None)
    if kept is None:
        change.insert("protocols", {"id": protocol.id, "version": protocol.version, "content": text})
    elif kept["content"] != text:
        raise NotAllowed(
            f"{path.name}: version {protocol.version} of {protocol.id!r} is kept with another text; "
            f"raise `version` to {protocol.version + 1} or more"
        )
    return protocol


def kept_protocols(db: Database) -> dict[str, Protocol]:
    """Every version that the file holds, by key."""
    return {
        protocol_key(row["id"], row["version"]): _parsed(row["content"], protocol_key(row["id"], row["version"]))
        for row in db.query("select id, version, content from protocols order by id, version")
    }


@needs("see settings")
def read_kept_protocols(actor: Actor, store: Store) -> dict[str, Protocol]:
    """Every version that the clinic's file holds, by key."""
    with store.read() as db:
        return kept_protocols(db)


@lru_cache(maxsize=256)
def _parsed(text: str, key: str) -> Protocol:
    return parse_protocol(text, key)
