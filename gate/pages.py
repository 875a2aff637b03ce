"""The gate's own pages: signing in and out, and one's own account. They work without a script."""

import io
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.templating import Jinja2Templates
from starlette.websockets import WebSocket

from clinic_data.access.accounts import change_own_password, read_own_account
from clinic_data.access.second_factor import address_for_app, is_secret, new_secret, turn_off, turn_on
from clinic_data.access.sign_in import SignIn, sign_in, sign_out, who
from clinic_data.actor import READ_ONLY, Actor
from clinic_data.database import store_at
from clinic_data.errors import ClinicError
from clinic_data.settings import read_settings
from gate.admission import Admission, cookie_name, is_encrypted
from gate.live import Live
from lib.words import ROLES

HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")

# No script, no frame, nothing from elsewhere; the style is the gate's own, and a QR code is drawn in the page.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_NOBODY = Actor("gate", READ_ONLY)


def routes(live: Live) -> list[BaseRoute]:
    """The gate's addresses, for st.App."""

    async def end(signed: SignIn | None) -> None:
        if signed:
            await run_in_threadpool(sign_out, store_at(), signed.id)
            live.end(signed.id)

    async def login(request: Request) -> Response:
        response = await _login(request)
        before = request.cookies.get(cookie_name(request))
        if before and response.status_code == 303:
            # Whoever signed in at this browser before has left.
            await end(await run_in_threadpool(who, store_at(), before, used=False))
        return response

    async def logout(request: Request) -> Response:
        signed = _signed_in(request)
        if request.method != "POST":
            return _page(request, "logout.html", who=signed.actor.name if signed else "")
        await end(signed)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(cookie_name(request), path="/", secure=is_encrypted(request), httponly=True)
        return response

    return [
        Route("/login", login, methods=["GET", "POST"]),
        Route("/logout", logout, methods=["GET", "POST"]),
        Route("/account", _account, methods=["GET", "POST"]),
        WebSocketRoute("/gate/watch", _watch),
        Route("/gate/watch.js", lambda _: FileResponse(HERE / "static" / "watch.js")),
        Route("/gate/style.css", lambda _: FileResponse(HERE / "static" / "style.css")),
    ]


async def _login(request: Request) -> Response:
    """The sign-in form, and what is sent with it. A token that was there before is never taken over."""
    wanted = _local(request.query_params.get("next", ""))
    if request.method != "POST":
        ended = "You were signed out." if "ended" in request.query_params else ""
        return _page(request, "login.html", wanted=wanted, told=ended)
    form = await _form(request)
    wanted = _local(form.get("next", ""))
    address = request.client.host if request.client else None
    try:
        token = await run_in_threadpool(
            sign_in,
            store_at(),
            login=form.get("login", ""),
            password=form.get("password", ""),
            code=form.get("code", ""),
            address=address,
        )
    except ClinicError as error:
        return _page(request, "login.html", 401, wanted=wanted, error=str(error), login=form.get("login", ""))
    response = RedirectResponse(wanted or "/", 303)
    response.set_cookie(
        cookie_name(request), token, path="/", secure=is_encrypted(request), httponly=True, samesite="lax"
    )
    return response


async def _account(request: Request) -> Response:
    """One's own account: another password, the second factor."""
    signed = _signed_in(request)
    if signed is None:
        return RedirectResponse("/", 303)
    said: dict[str, object] = {}
    form = await _form(request) if request.method == "POST" else {}
    try:
        said = await run_in_threadpool(_carry_out, signed, form)
    except ClinicError as error:
        said = {"error": str(error), "secret": form.get("secret", "")}
    return _page(request, "account.html", 400 if "error" in said else 200, **_about(signed, said))


def _carry_out(signed: SignIn, form: Mapping[str, str]) -> dict[str, object]:
    """What a form of the account's page asks for; returns what the page then says."""
    store, actor, what = store_at(), signed.actor, form.get("what")
    if what == "password":
        if form.get("new") != form.get("again"):
            return {"error": "The new password was not written the same twice."}
        change_own_password(actor, store, old=form.get("old", ""), new=form.get("new", ""), sign_in_id=signed.id)
        return {"told": "Your password is changed; wherever else you were signed in, you are not any more."}
    if what == "off":
        turn_off(actor, store, password=form.get("password", ""))
        return {"told": "No code is asked for any more."}
    if what == "on":
        codes = turn_on(
            actor,
            store,
            secret=form.get("secret", ""),
            code=form.get("code", ""),
            password=form.get("password", ""),
            sign_in_id=signed.id,
        )
        return {"codes": codes}
    return {}


def _about(signed: SignIn, said: dict[str, object]) -> dict[str, object]:
    """What the account's page shows."""
    store = store_at()
    account = read_own_account(signed.actor, store)
    about = {"account": account, "role": ROLES[account.role], **said}
    if not account.second_factor and not account.must_change_password:
        asked = str(said.get("secret", ""))
        secret = asked if is_secret(asked) else new_secret()
        picture = io.BytesIO()
        segno.make(address_for_app(signed.actor, store, secret)).save(
            picture, kind="svg", xmldecl=False, svgns=False, scale=4, light="#fff", title="QR code for the app"
        )
        about |= {"secret": secret, "picture": picture.getvalue().decode()}
    return about


async def _watch(websocket: WebSocket) -> None:
    """Open as long as the sign-in lasts: a page learns from its end that it must go."""
    await websocket.accept()
    async for _ in websocket.iter_bytes():
        pass


def _signed_in(request: Request) -> SignIn | None:
    admission: Admission | None = getattr(request.state, "admission", None)
    return admission.sign_in if admission else None


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, as a browser without files sends it; none where there are more than any form here has."""
    body = await request.body()
    try:
        return dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


def _local(address: str) -> str:
    """An address within this app, to go to after signing in; empty for any other."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_local and "\\" not in address else ""


def _page(request: Request, name: str, status: int = 200, **about: object) -> Response:
    clinic = read_settings(_NOBODY, store_at()).clinic_name
    response = templates.TemplateResponse(request, name, {"clinic": clinic, **about}, status_code=status)
    response.headers["content-security-policy"] = POLICY
    return response
