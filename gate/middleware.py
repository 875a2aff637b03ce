"""The gate itself: an ASGI middleware around all of the app, its pages, websockets, uploads and media."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from hashlib import sha256
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_data.access.accounts import anybody_may_sign_in
from clinic_data.access.sign_in import SignIn, use
from clinic_data.database import store_at
from gate.admission import ADDRESS_HEADER, SIGN_IN_HEADER, Admission, admit, comes_from_here
from gate.live import Live

OPEN = frozenset({"/login", "/gate/style.css", "/_stcore/health"})
"""What answers before anybody has signed in."""

BEFORE_A_NEW_PASSWORD = frozenset({"/account", "/logout", "/gate/watch", "/gate/watch.js"})
"""What answers while the first password must be changed."""

WATCHED = "/gate/watch"
UPLOADS = "/_stcore/upload_file"
"""Where Streamlit takes files into memory, for any session that is named. No page here takes a file."""

LARGEST = 10_000
"""Bytes that a request may bring: the gate's own forms are small, and nothing else is sent over HTTP."""

PARTS = ("/_stcore/", "/static/", "/media/", "/component/", "/gate/")
"""Addresses of what a page is made of."""

OWN_PAGES = frozenset({"/login", "/logout", "/account"})
SCRIPT = b'<script src="/gate/watch.js"></script></head>'
POLICY_VIOLATION = 1008
SAFE = ("GET", "HEAD", "OPTIONS")


class TooLarge(Exception):
    """A request brings more than it may."""


class Gate:
    """Lets in whoever signed in, tells the pages who it is, and closes what is open when a sign-in ends."""

    def __init__(self, app: ASGIApp, live: Live) -> None:
        self.app = app
        self.live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        told = (SIGN_IN_HEADER, ADDRESS_HEADER)
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in told]
        path = scope["path"]
        is_read = scope["type"] == "http" and scope["method"] in SAFE
        if not is_read and not comes_from_here(connection):
            await _refuse(scope, receive, send, PlainTextResponse("This request came from another site.", 403))
            return
        if path in OPEN:
            await self._serve(scope, receive, send, None)
            return
        admission = await run_in_threadpool(admit, store_at(), connection)
        if admission is None:
            await _refuse(scope, receive, send, await run_in_threadpool(_to_sign_in, connection))
            return
        scope.setdefault("state", {})["admission"] = admission
        sign_in = admission.sign_in
        if sign_in and sign_in.must_change_password and path not in BEFORE_A_NEW_PASSWORD:
            await _refuse(scope, receive, send, RedirectResponse("/account", 303))
            return
        if path.startswith(UPLOADS):
            await _refuse(scope, receive, send, PlainTextResponse("No page here takes a file.", 403))
            return
        scope["headers"] += admission.headers
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send, sign_in)
        else:
            await self._serve(scope, receive, send, admission)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, admission: Admission | None) -> None:
        """An ordinary request: its body bounded, its answer kept by nobody, its page watched over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send, is_watched=bool(admission and admission.sign_in))
        try:
            await self.app(answer.scope, _bounded(scope, receive), answer.send)
        except TooLarge:
            if not answer.has_begun:
                sentence = f"This is too large: {LARGEST:,} bytes are allowed."
                await PlainTextResponse(sentence, 413)(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send, sign_in: SignIn | None) -> None:
        """A websocket: what comes through it is use, and it closes with the sign-in, or when text comes.

        A page speaks in bytes; Streamlit writes a traceback into the log for whoever sends text.
        """
        store, has_begun = store_at(), False
        with self.live.holding(store, sign_in.id) if sign_in else nullcontext(asyncio.Event()) as ended:

            async def receive_until_ended() -> Message:
                nonlocal has_begun
                if not has_begun:
                    has_begun = True
                    return await receive()
                message = await _unless(ended, receive)
                if message is None or message.get("text") is not None:
                    ended.set()
                    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                    return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
                if sign_in and message["type"] == "websocket.receive" and scope["path"] != WATCHED:
                    await run_in_threadpool(use, store, sign_in.id)
                return message

            async def send_until_ended(message: Message) -> None:
                if not ended.is_set():
                    await send(message)

            await self.app(scope, receive_until_ended, send_until_ended)


async def _unless(ended: asyncio.Event, receive: Callable[[], Awaitable[Message]]) -> Message | None:
    """The next message; None where the sign-in ends before it comes."""
    if ended.is_set():
        return None
    message, over = asyncio.ensure_future(receive()), asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({message, over}, return_when=asyncio.FIRST_COMPLETED)
        return None if ended.is_set() else message.result()
    finally:
        message.cancel()
        over.cancel()


def _to_sign_in(connection: HTTPConnection) -> Response:
    """To the sign-in page, for a page that was asked for; anything else is told in a sentence."""
    if not anybody_may_sign_in(store_at()):
        return PlainTextResponse("This demo answers on its own machine alone, for nobody can sign in to it.", 403)
    wants_page = connection.scope["type"] == "http" and connection.scope["method"] == "GET"
    if wants_page and not connection.scope["path"].startswith(PARTS):
        wanted = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
        return RedirectResponse("/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}", 303)
    return PlainTextResponse("Nobody is signed in.", 401)


async def _refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Refuse a request with a response, a websocket before it is accepted."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    answer = _Answer(scope, send, is_watched=False)
    await response(scope, receive, answer.send)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """`receive`, which raises TooLarge once a body is larger than it may be, however it comes."""
    so_far = 0
    headers = dict(scope["headers"])
    said = headers.get(b"content-length", b"0")

    async def receive_bounded() -> Message:
        nonlocal so_far
        if said.isdigit() and int(said) > LARGEST:
            raise TooLarge
        message = await receive()
        so_far += len(message.get("body", b""))
        if so_far > LARGEST:
            raise TooLarge
        return message

    return receive_bounded


def _policy(page: bytes) -> str:
    """A page runs the scripts that it came with and this site's own, and asks nothing of any other site."""
    own = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in own)
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
        " font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self';"
        " frame-ancestors 'self'"
    )


class _Answer:
    """An answer on its way out: nobody else may frame, guess or keep it, and a page learns when its sign-in ends."""

    def __init__(self, scope: Scope, send: Send, *, is_watched: bool) -> None:
        path = scope["path"]
        is_page = path not in OWN_PAGES and not path.startswith(PARTS)
        self.is_static = path.startswith("/static/")
        self.is_watched = is_watched and is_page
        # A page is changed on its way: it must come whole and as text.
        plain = (b"accept-encoding", b"if-none-match", b"if-modified-since")
        headers = [pair for pair in scope["headers"] if not self.is_watched or pair[0] not in plain]
        self.scope = {**scope, "headers": headers}
        self.has_begun = False
        self._send, self._body = send, b""
        self._start: Message = {}

    async def send(self, message: Message) -> None:
        """Send on, with headers; a page that is watched is held back until it is whole."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(raw=message["headers"])
            headers["x-content-type-options"] = "nosniff"
            # Not no-referrer: then the forms of our own pages would come without their origin.
            headers["referrer-policy"] = "same-origin"
            headers["x-frame-options"] = "SAMEORIGIN"
            if not self.is_static:
                headers["cache-control"] = "no-store"
            self.is_watched = self.is_watched and headers.get("content-type", "").startswith("text/html")
            message["headers"] = headers.raw
            if self.is_watched:
                self._start = message
                return
        if not self.is_watched:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            body = self._body.replace(b"</head>", SCRIPT, 1)
            headers = MutableHeaders(raw=self._start["headers"])
            headers["content-length"] = str(len(body))
            headers["content-security-policy"] = _policy(body)
            await self._send({**self._start, "headers": headers.raw})
            await self._send({"type": "http.response.body", "body": body})
