"""Whoever has not signed in reaches the sign-in page and nothing else, under whatever address, method or header."""

import http.client
import re
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from tests.gate.clinic import NAMES, one
from tests.gate.visitor import STREAM, sign_in, socket, token

PAGES = [
    "/",
    "/caseload",
    "/patient?patient=abc",
    "/new-patient",
    "/settings",
    "/accounts",
    "/trail",
    "/behind",
    "/x/y",
]
PARTS = [
    *("/media/abc.csv", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/stream", "/_stcore/script-health-check"),
    *("/_stcore/upload_file/one/two", "/_stcore/agent/interact", "/component/x/index.html", "/static/js/main.js"),
    *("/gate/watch", "/gate/watch.js", "/_stcore/bidi-components/x/y"),
]
TRICKS = [
    "//login",
    "/login/",
    "/login/x",
    "/login/..;/",
    "/LOGIN",
    "/%6cogin/../media/x",
    "/gate/style.css/..%2f..%2fx",
]
FOREIGN = ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://localhost:1", "http://[", "x"]


def ask(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
    """A request whose path and headers go out letter by letter: status, place to go to, and body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode(errors="replace")
    connection.close()
    return response.status, response.headers.get("location", ""), body


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_to_the_sign_in_page(anybody, path):
    """Asking for any page without a sign-in leads to the sign-in page, which leads back."""
    response = anybody.get(path)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/login")
    assert response.content == b""


@pytest.mark.parametrize("path", PARTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"])
def test_the_parts_of_a_page_answer_nobody(anybody, path, method):
    """Media, downloads, uploads, components, metrics and scripts are refused to whoever has not signed in."""
    response = anybody.request(method, path)
    assert response.status_code == 401
    assert response.text in ("", "Nobody is signed in.")


@pytest.mark.parametrize("path", TRICKS)
def test_no_writing_of_the_sign_in_address_opens_another(app, path):
    """Double slashes, other cases, encoded letters and path parameters are not taken for the open sign-in page."""
    status, location, body = ask(app.address, path)
    assert (status, location[:6]) in [(303, "/login"), (401, "")]
    assert "<form" not in body
    assert "stApp" not in body


@pytest.mark.parametrize("path", [STREAM, "/gate/watch", "/login", "/_stcore/health", "/"])
def test_no_websocket_opens_without_a_sign_in(app, path):
    """A websocket without a cookie, or with an invented one, is refused before it is accepted, at any address."""
    for cookie in (None, "x" * 43):
        with pytest.raises(InvalidStatus) as refused, socket(app.address, cookie, path=path):
            pass
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("name", ["x-clinic-sign-in", "X-Clinic-Sign-In", "X-CLINIC-SIGN-IN"])
def test_identity_headers_of_a_stranger_are_thrown_away(app, store, enter, anybody, name):
    """The header that tells the pages who signed in, sent by a stranger once or twice, lets nobody in."""
    token(enter("ada"))
    number = str(one(store, "select max(id) from sign_ins"))
    headers = [(name, number), (name, number), ("X-Clinic-Address", "127.0.0.1")]
    assert anybody.get("/", headers=headers).status_code == 303
    assert anybody.get("/gate/watch.js", headers=headers).status_code == 401
    with pytest.raises(InvalidStatus), socket(app.address, headers=headers):
        pass


@pytest.mark.parametrize("name", ["x-clinic-sign-in", "X-Clinic-Sign-In", "X-CLINIC-SIGN-IN"])
def test_identity_headers_don_t_make_somebody_else_of_whoever_signed_in(store, enter, open_page, name):
    """A read-only account that sends a manager's sign-in number on its websocket stays the read-only account."""
    enter("ada")
    number = str(one(store, "select max(id) from sign_ins"))
    page = open_page(enter("rea"), headers=[(name, number), (name, number)])
    drawn = page.run()
    assert "Rea Account" in drawn
    assert "Ada Account" not in drawn
    assert {"accounts", "trail"}.isdisjoint(page.pages)


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_site_opens_no_websocket(app, enter, origin):
    """A websocket that a page elsewhere opens with the victim's cookie is refused; from our own page it opens."""
    cookie = token(enter("ada"))
    with pytest.raises(InvalidStatus) as refused, socket(app.address, cookie, origin=origin):
        pass
    assert refused.value.response.status_code == 403
    with socket(app.address, cookie, origin=app.address):
        pass


@pytest.mark.parametrize("path", ["/login", "/logout", "/account"])
@pytest.mark.parametrize("origin", FOREIGN)
def test_another_site_sends_no_form(anybody, path, origin):
    """A form of another site is refused, whatever it is for and with no try counted."""
    response = anybody.post(path, data={"login": "ada"}, headers={"origin": origin})
    assert response.status_code == 403
    assert anybody.post(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_an_encrypted_page_takes_no_form_of_an_unencrypted_one(app, visit):
    """Under TLS a form from the same host without TLS, where others may have written the page, is refused."""
    proxy = visit(at="127.0.0.1")
    host = urlsplit(app.address).netloc
    for scheme, status in (("http", 403), ("https", 401)):
        headers = {"x-forwarded-proto": "https", "origin": f"{scheme}://{host}"}
        assert proxy.post("/login", data={"login": "x"}, headers=headers).status_code == status


@pytest.mark.parametrize("host", ["[", "a b", "x" * 300, "127.0.0.1:port", "[::1", "évil"])
def test_a_host_that_can_t_be_read_is_no_way_in(app, host):
    """A Host header that is no host is refused like any stranger, without an error in the log."""
    status, _, body = ask(app.address, "/", Host=host.encode("latin-1").decode("latin-1"))
    assert status in (303, 400, 401, 403)
    assert not any(name in body for name in NAMES)


@pytest.mark.parametrize(
    "path",
    [
        *("/media/..%2f..%2fapp.py", "/static/%2e%2e/%2e%2e/app.py", "/static/..%5c..%5capp.py", "/gate/..%2fpages.py"),
        *(
            "/component/x/../../app.py",
            "/gate/%2e%2e/app.py",
            "/media/%252e%252e%252fclinic.db",
            "/static/../../app.py",
        ),
        *("/gate/style.css%00", "/static/%00", "//127.0.0.1/share", "/media/" + "../" * 20 + "etc/passwd"),
    ],
)
def test_no_address_leads_out_of_its_folder(app, enter, path):
    """Plain and encoded `../`, backslashes and NUL in an address give nobody a file, even after signing in."""
    cookie = f"clinic_sign_in={token(enter('rea'))}"
    status, _, body = ask(app.address, path, Cookie=cookie)
    assert status in (200, 303, 400, 404)
    assert not any(text in body for text in ("import", "root:", "SQLite format", "Traceback"))


def test_health_is_all_that_is_open(anybody):
    """The health check says one word; the sign-in page and its style hold nothing of the clinic but its name."""
    assert anybody.get("/_stcore/health").text == "ok"
    page = anybody.get("/login")
    assert "Gate clinic" in page.text
    assert "script" not in page.text
    assert anybody.get("/gate/style.css").status_code == 200


def test_asking_about_the_forms_is_not_sending_them(store, anybody, enter):
    """HEAD, which another site may send, neither counts as a try to sign in nor signs anybody out."""
    before = one(store, "select count(*) from trail")
    assert anybody.head("/login").status_code == 200
    assert one(store, "select count(*) from trail") == before
    client = enter("rea")
    assert client.head("/logout").status_code == 200
    assert client.get("/gate/watch.js").status_code == 200


def test_nothing_may_be_kept_or_framed(anybody, enter):
    """Every answer forbids keeping, framing and guessing its kind; a page runs this site's scripts, the gate's none."""
    for response in (anybody.get("/login"), enter("rea").get("/"), anybody.get("/media/x")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-frame-options"] == "SAMEORIGIN"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in anybody.get("/login").headers["content-security-policy"]
    policy = enter("rea").get("/").headers["content-security-policy"]
    assert re.search(r"script-src 'self' 'sha256-[\w+/]{43}='; ", policy)
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "")


def test_signing_in_works(anybody):
    """The right name and password let in: what is refused above is not refused to everybody."""
    assert sign_in(anybody, "rea").headers["location"] == "/"
    assert "watch.js" in anybody.get("/").text
