"""Somebody who comes to the gate with a program: over HTTP, and as a page does over its websocket."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.gate.clinic import WORDS

COOKIE = "clinic_sign_in"
STREAM = "/_stcore/stream"
PATIENCE = 20.0


@contextmanager
def visitor(address: str, *, at: str = "127.0.0.1", **options: Any) -> Iterator[httpx.Client]:
    """An HTTP client that is at this address of the loopback network, and follows no redirect."""
    transport = httpx.HTTPTransport(local_address=at)
    with httpx.Client(base_url=address, transport=transport, timeout=PATIENCE, trust_env=False, **options) as client:
        yield client


def sign_in(client: httpx.Client, login: str, password: str = WORDS, **fields: str) -> httpx.Response:
    """Send the sign-in form; the client keeps the cookie that it gets."""
    return client.post("/login", data={"login": login, "password": password, **fields})


def token(client: httpx.Client) -> str:
    """The token that a client got."""
    return str(client.cookies[COOKIE])


@contextmanager
def socket(
    address: str,
    cookie: str | None = None,
    *,
    path: str = STREAM,
    session: str = "",
    headers: Sequence[tuple[str, str]] = (),
    origin: str | None = None,
) -> Iterator[ClientConnection]:
    """A websocket with a token as its cookie; `session` is the Streamlit session that it asks for."""
    with connect(
        address.replace("http", "ws") + path,
        additional_headers=[*headers, *([("Cookie", f"{COOKIE}={cookie}")] if cookie else [])],
        origin=origin,  # type: ignore[arg-type]
        subprotocols=["streamlit", "none", *([session] if session else [])] if path == STREAM else None,  # type: ignore[list-item]
        open_timeout=PATIENCE,
        close_timeout=5,
        max_size=None,
        proxy=None,
    ) as connection:
        yield connection


@dataclass
class Page:
    """What a page's websocket tells: the Streamlit session, the pages it knows, and all that was drawn.

    A page that says that something went wrong fails the test, unless that is `allowed`.
    """

    connection: ClientConnection
    session: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    drawn: list[ForwardMsg] = field(default_factory=list)
    allowed: bool = False

    def run(self, query: str = "", page: str = "", widgets: Mapping[str, Any] | None = None) -> str:
        """Ask for a page, by its name or its hash, with an address and widgets' states; returns what was drawn."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = query
        if page in self.pages.values():
            state.page_script_hash = page
        else:
            state.page_name = page
        for name, value in (widgets or {}).items():
            widget = state.widget_states.widgets.add()
            widget.id = name
            setattr(widget, {bool: "trigger_value", str: "string_value", int: "int_value"}[type(value)], value)
        self.connection.send(message.SerializeToString())
        return self.read()

    def press(self, label: str) -> None:
        """Press the button with that label, and don't wait for what comes of it."""
        message = BackMsg()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.trigger_value = self.widget(label), True
        self.connection.send(message.SerializeToString())

    def read(self) -> str:
        """Read until the page is drawn; returns it as text."""
        self.drawn = []
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.connection.recv(PATIENCE, decode=False))
            self.drawn.append(message)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id or self.session
            elif kind == "navigation":
                self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "script_finished":
                text = "\n".join(map(str, self.drawn))
                assert self.allowed or "Something went wrong" not in text
                return text

    def widget(self, label: str) -> str:
        """The id of the widget with that label."""
        for message in self.drawn:
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            drawn = getattr(element, kind) if kind else None
            if getattr(drawn, "label", None) == label:
                return str(drawn.id)
        raise LookupError(label)

    def tabs(self) -> str:
        """The id of the page's tabs: its state is the name of the open one."""
        return next(found for message in self.drawn if (found := message.delta.add_block.tab_container.id))
