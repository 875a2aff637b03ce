"""Signing in: what is refused, what is kept by the browser, and where it leads."""

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from websockets.exceptions import InvalidStatus

from clinic_data import clock
from clinic_data.access.sign_in import REFUSED, TRIES, TRIES_OF_ADDRESS
from tests.gate.clinic import TOMS_APP, WORDS, account_id, one, write
from tests.gate.visitor import COOKIE, sign_in, socket, token

ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/a\r\nX: 1",
    "\t//x",
]


def seconds_for(work) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_the_cookie_is_for_this_site_and_no_script(anybody):
    """The cookie is out of reach for scripts and other sites' forms, and ends with the browser."""
    said = sign_in(anybody, "rea").headers["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax", said)


def test_under_tls_the_cookie_is_secure_and_this_host_s(visit):
    """Behind a proxy that speaks TLS the cookie is Secure and bound to the host by its name; no other counts."""
    proxy = visit(at="127.0.0.1")
    encrypted = {"x-forwarded-proto": "https"}
    said = proxy.post("/login", data={"login": "rea", "password": WORDS}, headers=encrypted).headers["set-cookie"]
    cookie = re.fullmatch(rf"(__Host-{COOKIE}=[\w-]{{43}}); HttpOnly; Path=/; SameSite=lax; Secure", said)[1]
    assert proxy.get("/", headers={**encrypted, "cookie": cookie}).status_code == 200
    plain = cookie.removeprefix("__Host-")
    proxy.cookies.clear()
    assert proxy.get("/", headers={**encrypted, "cookie": plain}).status_code == 303


def test_a_cookie_set_beforehand_is_not_taken_over(visit):
    """A victim who signs in with an attacker's cookie in place gets a new one, and the attacker's own is no way in."""
    planted = "a" * 43
    victim = visit()
    victim.cookies.set(COOKIE, planted)
    assert sign_in(victim, "ada").status_code == 303
    given = [cookie.value for cookie in victim.cookies.jar if cookie.name == COOKIE]
    assert len(set(given) - {planted}) == 1
    assert visit().get("/", headers={"cookie": f"{COOKIE}={planted}"}).status_code == 303


def test_the_next_person_at_a_browser_ends_the_sign_in_before(app, enter, open_page):
    """Whoever signs in at a browser where somebody is signed in ends that one's sign-in, cookie and page."""
    client = enter("ada")
    before, page = token(client), open_page(client)
    page.run()
    client.cookies.clear()
    response = client.post("/login", data={"login": "rea", "password": WORDS}, headers={"cookie": f"{COOKIE}={before}"})
    assert response.status_code == 303
    with pytest.raises(InvalidStatus), socket(app.address, before):
        pass


def test_five_wrong_passwords_lock_a_name_for_a_while(store, visit):
    """After five wrong tries not even the right password lets in, from anywhere, until the time has passed."""
    attacker, owner = visit(), visit()
    for _ in range(TRIES):
        response = sign_in(attacker, "pia", "not her password at all")
        assert response.status_code == 401
        assert REFUSED in response.text
    entries = one(store, "select count(*) from trail")
    for client in (attacker, owner, attacker, attacker):
        assert sign_in(client, "pia").status_code == 401
    assert one(store, "select count(*) from trail") <= entries + 2, "one try too many after the other fills no trail"
    passed = clock.text(clock.now() - timedelta(minutes=16))
    write(store, "update sign_in_attempts set at = ?", passed)
    assert sign_in(owner, "pia").status_code == 303


def test_many_names_from_one_address_lock_the_address(visit):
    """Thirty wrong tries with ever other names lock their address, and nobody at another one."""
    attacker = visit()
    for number in range(TRIES_OF_ADDRESS):
        assert sign_in(attacker, f"nobody{number}").status_code == 401
    assert sign_in(attacker, "rea").status_code == 401
    assert sign_in(visit(), "rea").status_code == 303


def test_an_address_can_t_be_made_up_to_get_more_tries(store, visit):
    """X-Forwarded-For from anybody but a proxy on this machine changes nothing of the address that is noted."""
    stranger = visit(at="127.0.2.2")
    stranger.post("/login", data={"login": "nobody"}, headers={"x-forwarded-for": "203.0.113.9"})
    assert one(store, "select address from trail order by id desc limit 1") == "127.0.2.2"


def test_it_takes_as_long_whether_the_name_exists(visit):
    """A wrong password for an account and for none get the same answer in about the same time."""
    times: dict[str, list[float]] = {"fred": [], "nobody at all": []}
    answers = set()
    for _ in range(TRIES - 1):
        for login, taken in times.items():
            client = visit()
            taken.append(
                seconds_for(lambda c=client, n=login: answers.add(sign_in(c, n, "wrong" * 4).text.replace(n, "")))
            )
    known, unknown = map(statistics.median, times.values())
    assert len(answers) == 1
    assert 0.5 < known / unknown < 2


def test_ten_people_sign_in_at_once(visit):
    """Ten sign-ins in the same moment all work, each with a token of its own."""
    clients, logins = [visit() for _ in range(10)], ["ada", "fred", "rea", "olga", "pia"] * 2
    with ThreadPoolExecutor(10) as pool:
        statuses = [response.status_code for response in pool.map(sign_in, clients, logins)]
    assert statuses == [303] * 10
    assert len({token(client) for client in clients}) == 10


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_leads_nowhere_else(visit, wanted):
    """An address of another site, however it is written, is not where signing in leads."""
    client = visit()
    page = client.get("/login", params={"next": wanted})
    assert "evil" not in page.text
    response = sign_in(client, "rea", next=wanted)
    assert response.headers["location"] in ("/", "/%0d%0aSet-Cookie:x=1")
    assert response.headers["set-cookie"].startswith(COOKIE)
    assert "x" not in response.headers


def test_signing_in_leads_back(visit):
    """Whoever asked for a patient's page is there after signing in."""
    client = visit()
    location = client.get("/patient?patient=abc&day=2026-01-01").headers["location"]
    assert 'value="/patient?patient=abc&amp;day=2026-01-01"' in client.get(location).text
    assert sign_in(client, "rea", next="/patient?patient=abc").headers["location"] == "/patient?patient=abc"


@pytest.mark.parametrize("path", ["/login", "/account", "/logout", "/", "/_stcore/upload_file/a/b", "/media/x"])
def test_a_body_that_is_too_large_is_refused(enter, path):
    """More than a form holds is refused, announced or in pieces, and never read to its end."""

    def pieces():
        for _ in range(200):
            yield b"x" * 1000

    client = enter("rea")
    method = "PUT" if "upload" in path else "POST"
    refused = {"/login": (413,), "/account": (413,)}.get(path, (303, 403, 405))
    assert client.request(method, path, content=b"x" * 200_000).status_code in refused
    assert enter("rea").request(method, path, content=pieces()).status_code in refused


@pytest.mark.parametrize(
    "body",
    [b"a=1&" * 30, b"\xff\xfe\x00login=%ff%00", b"login=%00&password=%ed%a0%80", b"login[]=x", b"", b"{}", b"=" * 5000],
)
def test_a_form_that_is_none_is_a_wrong_try(anybody, body):
    """Too many fields, broken letters and no fields at all are refused like a wrong password."""
    response = anybody.post("/login", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert (response.status_code, REFUSED in response.text) == (401, True)


def test_what_was_typed_is_not_drawn_as_markup(anybody):
    """A name with markup in it comes back as its letters, and a password never."""
    page = sign_in(anybody, '"><script>x</script>', "<b>secret words</b>").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "secret words" not in page


def test_an_account_with_a_second_factor_needs_its_code(store, visit):
    """The password alone, a wrong code and a code used before are refused; the app's code lets in."""
    write(store, "update accounts set second_factor_step = 0 where login = 'tom'")
    code = pyotp.TOTP(TOMS_APP).now()
    assert sign_in(visit(), "tom").status_code == 401
    assert sign_in(visit(), "tom", code="000000" if code != "000000" else "000001").status_code == 401
    assert sign_in(visit(), "tom", code=f"{code[:3]} {code[3:]}").status_code == 303
    assert sign_in(visit(), "tom", code=code).status_code == 401


def test_a_second_factor_is_turned_on_used_and_turned_off(enter, visit):
    """Enrolled on the account's page: other sign-ins end, codes are asked for, and a recovery code lets in once."""
    other, client = enter("fred"), enter("fred")
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', client.get("/account").text)[1]
    form = {"what": "on", "secret": secret, "code": pyotp.TOTP(secret).now(), "password": WORDS}
    assert client.post("/account", data={**form, "password": "wrong"}).status_code == 400
    said = client.post("/account", data=form)
    recovery = re.findall(r"<li>([a-z2-9-]{19})</li>", said.text)
    assert (said.status_code, len(recovery)) == (200, 10)
    assert other.get("/").status_code == 303
    assert sign_in(visit(), "fred").status_code == 401
    assert sign_in(visit(), "fred", code=recovery[0].upper()).status_code == 303
    assert sign_in(visit(), "fred", code=recovery[0]).status_code == 401
    assert client.post("/account", data={"what": "off", "password": "wrong"}).status_code == 400
    assert client.post("/account", data={"what": "off", "password": WORDS}).status_code == 200
    assert sign_in(visit(), "fred").status_code == 303


@pytest.mark.parametrize("secret", ["", "!!!", "A" * 31, "a" * 32, "A" * 5000, "Ä" * 32])
def test_a_second_factor_s_secret_is_well_formed(enter, secret):
    """A secret that no app made is refused in a sentence."""
    form = {"what": "on", "secret": secret, "code": "123456", "password": WORDS}
    assert enter("rea").post("/account", data=form).status_code == 400


def test_a_first_password_must_be_changed_before_anything(app, store, visit):
    """Who signs in with a password that somebody else chose reaches the own account and the way out, nothing else."""
    client = visit()
    assert sign_in(client, "mona").status_code == 303
    for path in ("/", "/patient?patient=abc", "/media/x", "/_stcore/host-config", "/trail"):
        response = client.get(path)
        assert (response.status_code, response.headers["location"]) == (303, "/account")
    with pytest.raises(InvalidStatus), socket(app.address, token(client)):
        pass
    assert "First choose a password of your own" in client.get("/account").text
    assert client.get("/logout").status_code == 200
    words = "another seven quiet mornings"
    form = {"what": "password", "old": WORDS, "new": words, "again": words}
    assert client.post("/account", data={**form, "again": "else"}).status_code == 400
    assert client.post("/account", data={**form, "new": WORDS, "again": WORDS}).status_code == 400
    assert client.post("/account", data=form).status_code == 200
    assert client.get("/").status_code == 200
    assert one(store, "select must_change_password from accounts where id = ?", account_id(store, "mona")) == 0


def test_no_token_and_no_password_is_in_the_file(app, enter):
    """The file holds a digest of each token and an argon2 hash of each password, and neither itself."""
    cookie = token(enter("rea"))
    contents = b"".join(path.read_bytes() for path in app.database.parent.glob("clinic.db*"))
    assert cookie.encode() not in contents
    assert WORDS.encode() not in contents
    assert b"$argon2id$" in contents
