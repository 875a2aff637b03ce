"""Whether a request may come in: the cookie it brings, the address it comes from, the page it comes from."""

from dataclasses import dataclass
from ipaddress import ip_address

from starlette.requests import HTTPConnection

from clinic_data.access.sign_in import SignIn, who
from clinic_data.actor import READ_ONLY, Actor
from clinic_data.database import Store
from clinic_data.settings import read_settings

COOKIE = "clinic_sign_in"
SIGN_IN_HEADER, ADDRESS_HEADER = b"x-clinic-sign-in", b"x-clinic-address"
"""What the gate tells the pages; whatever a client sends under these names is thrown away (.streamlit/config.toml)."""

BY_ITSELF = ("/_stcore/", "/static/", "/gate/")
"""Addresses that a page asks for without anybody doing anything."""

_PROGRAM = Actor("gate", READ_ONLY)


@dataclass(frozen=True)
class Admission:
    """Who comes in: somebody who signed in, or, at a demo on its own machine, whoever sits at it."""

    address: str | None
    sign_in: SignIn | None = None

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the pages are told."""
        told = [(ADDRESS_HEADER, (self.address or "unknown").encode())]
        return [*told, (SIGN_IN_HEADER, str(self.sign_in.id).encode())] if self.sign_in else told


def admit(store: Store, connection: HTTPConnection) -> Admission | None:
    """Who comes in with this request; None where nobody may."""
    address = connection.client.host if connection.client else None
    if is_open_desk(store, connection):
        return Admission(address)
    token = connection.cookies.get(cookie_name(connection))
    # A page that lies open reconnects by itself: only asking for a page, or what comes through a websocket, is use.
    used = connection.scope["type"] == "http" and not connection.scope["path"].startswith(BY_ITSELF)
    sign_in = who(store, token, address=address, used=used) if token else None
    return Admission(address, sign_in) if sign_in else None


def is_open_desk(store: Store, connection: HTTPConnection) -> bool:
    """Whether this is a demo that is asked for on its own machine: by address, from there, and under its name.

    The name keeps out pages elsewhere that let their own name point to this machine, and proxies.
    """
    server = connection.scope.get("server") or ("", None)
    client = connection.client.host if connection.client else ""
    ours = all(is_loopback(host) for host in (server[0], client, connection.url.hostname or ""))
    return ours and read_settings(_PROGRAM, store).is_demo


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def comes_from_here(connection: HTTPConnection) -> bool:
    """Whether a request comes from a page of this app; programs, which send no Origin, are not pages of another.

    Under TLS a page without TLS is another's: whoever sits on the line may have written it.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    scheme, _, host = origin.partition("://")
    is_ours = host != "" and host == connection.headers.get("host")
    return is_ours and (scheme == "https" or not is_encrypted(connection))


def is_encrypted(connection: HTTPConnection) -> bool:
    """Whether the request came over TLS, here or at a proxy on this machine that says so."""
    return connection.scope["scheme"] in ("https", "wss")


def cookie_name(connection: HTTPConnection) -> str:
    """The cookie's name: under TLS one that browsers take from this very host alone."""
    return f"__Host-{COOKIE}" if is_encrypted(connection) else COOKIE
