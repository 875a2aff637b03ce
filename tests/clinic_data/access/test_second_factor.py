"""The second factor: codes of an app, each taken once, and recovery codes for whoever lost it."""

from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from clinic_data import clock
from clinic_data.access.second_factor import RECOVERY_CODES, STEP, address_for_app, new_secret, turn_off, turn_on
from clinic_data.access.sign_in import sign_in, signed_in
from clinic_data.errors import NotAllowed, NotSignedIn
from tests.clinic_data.access.people import PASSWORD, WRONG, account, at, enter
from tests.clinic_data.rows import contents, one

pytestmark = pytest.mark.usefixtures("today")


def code_at(secret: str, steps: int = 0) -> str:
    """The code that an app shows now, or so many steps later."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + steps * STEP)


@pytest.fixture
def secret(store) -> str:
    """Ada's, turned on an hour ago, so that every code of today is a new one."""
    secret = new_secret()
    account(store)
    with pytest.MonkeyPatch.context() as earlier:
        at(earlier, hours=-1)
        turn_on(enter(store).actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    return secret


def let_in(store, code: str) -> bool:
    """Whether this code lets Ada in."""
    try:
        return bool(sign_in(store, login="ada", password=PASSWORD, code=code))
    except NotSignedIn:
        return False


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_holds_for_a_step_to_either_side(store, secret, steps, right):
    """For clocks that go a little wrong, and no further."""
    assert let_in(store, code_at(secret, steps)) is right


def test_a_code_is_taken_once(store, secret):
    """Whoever looked over the shoulder can't use it, nor an earlier one; the next one is taken."""
    code = code_at(secret)
    assert let_in(store, code)
    assert not let_in(store, code)
    assert not let_in(store, code_at(secret, -1))
    assert let_in(store, code_at(secret, 1))


def test_spaces_in_a_code_do_not_matter(store, secret):
    """Apps show it in two groups."""
    code = code_at(secret)
    assert let_in(store, f" {code[:3]} {code[3:]}\n")


def written(code: str, zero: str) -> str:
    """A code in the digits of another script."""
    return "".join(chr(ord(zero) + int(digit)) for digit in code)


@pytest.mark.parametrize(
    "change",
    [
        lambda code: written(code, "\u0660"),
        lambda code: written(code, "\uff10"),
        lambda code: "",
        lambda code: "-",
        lambda code: code[:5],
        lambda code: code + "0",
        lambda code: f"{(int(code) + 1) % 1_000_000:06d}",
        lambda code: "é" * 6,
        lambda code: "9" * 100_000,
    ],
)
def test_what_is_no_code_is_refused(store, secret, change):
    """Digits of other scripts, nothing, one digit too few or too many, another number, and any length."""
    assert not let_in(store, change(code_at(secret)))
    assert let_in(store, code_at(secret))


def test_a_code_does_not_take_the_place_of_the_password(store, secret):
    """Both are asked for, and a code with the wrong password is not used up."""
    code = code_at(secret)
    with pytest.raises(NotSignedIn):
        sign_in(store, login="ada", password=WRONG, code=code)
    assert let_in(store, code)


@pytest.mark.parametrize("write", [str, str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_recovery_code_lets_in_once(store, write):
    """However it is written; the others stay, and the file keeps digests of them only."""
    account(store)
    secret = new_secret()
    codes = turn_on(enter(store).actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    assert len(set(codes)) == RECOVERY_CODES
    assert not any(code in repr(contents(store)) or code.replace("-", "") in repr(contents(store)) for code in codes)
    assert let_in(store, write(codes[3]))
    assert not let_in(store, write(codes[3]))
    assert let_in(store, codes[0])
    assert one(store, "select count(*) from recovery_codes") == RECOVERY_CODES - 2


def test_a_recovery_code_is_its_accounts_own(store):
    """Another account's lets nobody in."""
    codes = {}
    for login in ("ada", "bea"):
        account(store, login)
        secret = new_secret()
        codes[login] = turn_on(enter(store, login).actor, store, secret=secret, code=code_at(secret), password=PASSWORD)
    assert not let_in(store, codes["bea"][0])
    assert let_in(store, codes["ada"][0])


@pytest.mark.parametrize(
    ("code", "password", "sentence"),
    [
        ("right", WRONG, "^the password is not right$"),
        ("wrong", PASSWORD, "^this is not the code that the app shows now"),
        ("old", PASSWORD, "^this is not the code that the app shows now"),
    ],
)
def test_turning_it_on_needs_code_and_password(store, code, password, sentence):
    """Who found the machine open can't lock its owner out, and nobody locks herself out with a wrong app."""
    account(store)
    here, secret = enter(store), new_secret()
    typed = {"right": code_at(secret), "wrong": code_at(new_secret()), "old": code_at(secret, -2)}[code]
    before = contents(store)
    with pytest.raises(NotAllowed, match=sentence):
        turn_on(here.actor, store, secret=secret, code=typed, password=password)
    assert contents(store) == before
    assert let_in(store, "")


def test_turning_it_on_ends_the_other_sign_ins(store):
    """This one stays; the code that turned it on lets nobody in."""
    account(store)
    here, there, secret = enter(store), enter(store), new_secret()
    code = code_at(secret)
    turn_on(here.actor, store, secret=secret, code=code, password=PASSWORD, sign_in_id=here.id)
    assert signed_in(store, here.id) is not None
    assert signed_in(store, there.id) is None
    assert not let_in(store, code)
    assert not let_in(store, "")
    assert let_in(store, code_at(secret, 1))


def test_turning_it_on_anew_takes_the_old_one_away(store, secret):
    """Another telephone: the first one's codes and the first recovery codes are worth nothing."""
    here, new = enter(store, code=code_at(secret)), new_secret()
    turn_on(here.actor, store, secret=new, code=code_at(new), password=PASSWORD)
    assert one(store, "select count(*) from recovery_codes") == RECOVERY_CODES
    assert not let_in(store, code_at(secret, 1))
    assert let_in(store, code_at(new, 1))


def test_turning_it_off_needs_the_password(store, secret):
    """Then no code is asked for, and no recovery code is left."""
    here = enter(store, code=code_at(secret))
    with pytest.raises(NotAllowed, match="the password is not right"):
        turn_off(here.actor, store, password=WRONG)
    assert not let_in(store, "")
    turn_off(here.actor, store, password=PASSWORD)
    assert let_in(store, "")
    assert one(store, "select count(*) from recovery_codes") == 0


def test_an_app_is_told_whose_codes_these_are(store, secret):
    """The clinic's name, the account's and the secret, in the address that apps take."""
    address = urlsplit(address_for_app(enter(store, code=code_at(secret)).actor, store, secret))
    assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", "/Test clinic:Ada")
    assert parse_qs(address.query) == {"secret": [secret], "issuer": ["Test clinic"]}
    assert len(secret) * 5 >= 160
