"""The invented patients: names, numbers reserved for fiction, skin, and who has left the clinic."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.closing import MEDICAL, MOVED_AWAY, PATIENT_STOPPED
from clinic_data.demo.names import BOOKING_SYSTEM, FIRST_NAMES, SURNAMES
from clinic_data.demo.opening_days import HISTORY, Days, OpeningDays, iso
from clinic_data.demo.plans import TREATMENTS, Codes, Plans, draw
from clinic_data.patients import CODE_LENGTH, CODE_LETTERS, fold, phone_digits
from lib.schedule.durations import NEVER

STATUSES = ["active", "inactive", "transferred", "deceased"]
STATUS_SHARES = [0.95, 0.03, 0.015, 0.005]
WHY_CLOSED = np.array([PATIENT_STOPPED, PATIENT_STOPPED, MOVED_AWAY, MEDICAL])
"""The reason that a patient's status gives their courses."""

# Ofcom keeps these numbers for drama; example.com and example.org belong to nobody.
_MOBILES = [
    style.format(number) for number in range(1000) for style in ("07700 900{:03}", "+44 7700 900{:03}", "07700900{:03}")
]
_LANDLINES = [style.format(number) for number in range(1000) for style in ("020 7946 0{:03}", "+44 20 7946 0{:03}")]
_DOMAINS = ["example.com", "example.org"]

FACTORS = {
    "smoking": 0.12,
    "sun exposure": 0.11,
    "alcohol": 0.06,
    "harsh products": 0.05,
    "little hydration": 0.05,
    "rosacea": 0.05,
    "eczema": 0.04,
    "herpes simplex": 0.03,
    "isotretinoin in the past 6 months": 0.01,
}
CHANNELS = ["phone", "text", "email", "post", None]
SKIN_TYPES = ["normal", "oily", "dry", "combination", "sensitive", None]
CONTACT = ["yes", "no_marketing", "none"]

PATIENT_COLUMNS = [
    *("id", "code", "name", "folded_name", "phone", "phone_digits", "email", "born_on"),
    *("preferred_channel", "skin_type", "fitzpatrick", "status", "status_on", "contact_allowed"),
]


@dataclass(frozen=True)
class Leavers:
    """For each patient a code of STATUSES, and the day from which it holds (NEVER for an active one)."""

    status: Codes
    on: Days

    def why_closed(self) -> tuple[Days, Codes]:
        """The day they left, and the reason that gives their courses."""
        return self.on, WHY_CLOSED[self.status]


def draw_leavers(rng: Generator, days: OpeningDays, patients: int, steered: NDArray[np.bool_]) -> Leavers:
    """The few who don't come any more, some time in the last year and a half."""
    status = np.where(steered, 0, draw(rng, STATUS_SHARES, patients))
    on = days.today - rng.integers(0, HISTORY - 180, patients)
    return Leavers(status, np.where(status == 0, NEVER, on))


def patient_rows(rng: Generator, days: OpeningDays, plans: Plans, leavers: Leavers) -> list[list]:
    """The columns of PATIENT_COLUMNS; a patient's own protocol, which is the first course's, gives the age."""
    size = len(leavers.status)
    pairs = [f"{first} {last}" for first in FIRST_NAMES for last in SURNAMES]
    folded = [fold(pair) for pair in pairs]
    plain = ["".join(c if "a" <= c <= "z" else "." * (c == " ") for c in name) for name in folded]
    # Every combination once before one comes twice.
    rounds = [rng.permutation(len(pairs)) for _ in range(-(-size // len(pairs)))]
    who = np.concatenate(rounds)[:size]

    phones = np.array([*_MOBILES, *_LANDLINES, None], dtype=object)
    digits = np.array([*map(phone_digits, _MOBILES), *map(phone_digits, _LANDLINES), None], dtype=object)
    kind = draw(rng, [0.84, 0.1, 0.06], size)
    landline = len(_MOBILES) + rng.integers(0, len(_LANDLINES), size)
    phone = np.choose(kind, [rng.integers(0, len(_MOBILES), size), landline, np.full(size, len(phones) - 1)])

    number, domain, has_email = rng.integers(1, 100, size), rng.integers(0, 2, size), rng.random(size) < 0.8
    emails = [
        f"{plain[w]}{n}@{_DOMAINS[d]}" if has else None
        for w, n, d, has in zip(who.tolist(), number.tolist(), domain.tolist(), has_email.tolist(), strict=True)
    ]
    fitzpatrick = np.array([1, 2, 3, 4, 5, 6, None], dtype=object)
    return [
        list(range(1, size + 1)),
        _codes(rng, size),
        _of(pairs, who),
        _of(folded, who),
        phones[phone].tolist(),
        digits[phone].tolist(),
        emails,
        iso(_born(rng, days, plans.protocol[:size])),
        _of(CHANNELS, draw(rng, [0.3, 0.38, 0.2, 0.02, 0.1], size)),
        _of(SKIN_TYPES, draw(rng, [0.24, 0.2, 0.18, 0.22, 0.1, 0.06], size)),
        fitzpatrick[draw(rng, [0.06, 0.26, 0.27, 0.17, 0.11, 0.07, 0.06], size)].tolist(),
        _of(STATUSES, leavers.status),
        iso(leavers.on),
        _of(CONTACT, draw(rng, [0.93, 0.05, 0.02], size)),
    ]


def factor_columns(rng: Generator, size: int) -> list[list]:
    """What to watch with some of the patients: patient_id and factor."""
    having = [np.flatnonzero(rng.random(size) < share) + 1 for share in FACTORS.values()]
    factors = np.repeat(list(FACTORS), [len(patients) for patients in having])
    return [np.concatenate(having).tolist(), factors.tolist()]


def identifier_columns(rng: Generator, size: int) -> list[list]:
    """Numbers of some patients in the clinic's booking system: system, value and patient_id."""
    who = (np.flatnonzero(rng.random(size) < 0.35) + 1).tolist()
    return [[BOOKING_SYSTEM] * len(who), [f"B{patient + 20_000}" for patient in who], who]


def _codes(rng: Generator, size: int) -> list[str]:
    """As patients.new_code, but from the generator, so that the same seed gives the same codes."""
    letters = np.frombuffer(CODE_LETTERS.encode(), dtype=np.uint8)
    codes: dict[str, None] = {}
    while len(codes) < size:
        drawn = letters[rng.integers(0, len(letters), (size - len(codes), CODE_LENGTH))]
        codes |= dict.fromkeys(np.ascontiguousarray(drawn).view(f"S{CODE_LENGTH}").ravel().astype(str).tolist())
    return list(codes)


def _born(rng: Generator, days: OpeningDays, protocol: Codes) -> Days:
    youngest, oldest = (np.array([t.ages[i] for t in TREATMENTS.values()])[protocol] for i in (0, 1))
    # Two draws: most are of a middle age.
    age = youngest + (oldest - youngest) * (rng.random(len(protocol)) + rng.random(len(protocol))) / 2
    return days.today - (age * 365.25).astype(np.int64)


def _of(words: list, codes: Codes) -> list:
    return np.array(words, dtype=object)[codes].tolist()
