"""The clinic's work without a browser: make the file, take in visits, write out schedule and flags."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import click
import pandas as pd

from clinic_data.access.accounts import add_account, read_accounts, reset_password, set_account_active
from clinic_data.access.audit import in_words, read_trail, trail_head, verify_trail
from clinic_data.actor import MANAGER, ROLES, Actor
from clinic_data.calendar_file import calendar_file
from clinic_data.database import Store, prepare, store_at
from clinic_data.demo import fill_demo
from clinic_data.errors import ClinicError, NotAllowed, NotFound, NotReady
from clinic_data.export import whole_file, write_csv
from clinic_data.intake.visits_file import STATUSES, BadRows, Columns
from clinic_data.intake.visits_import import import_visits
from clinic_data.patients import contacts, fold
from clinic_data.practitioners import read_practitioners
from clinic_data.protocol_versions import SHIPPED, protocol_files
from clinic_data.schedule_input import ScheduleInput, read_schedule_input
from clinic_data.settings import change_settings, read_settings
from clinic_data.visits import last_and_next
from clinic_data.worklist_input import read_call_list, read_work
from lib import words
from lib.call_list import VIEWS, as_file, in_view
from lib.schedule import Protocol
from lib.schedule.durations import span
from lib.worklist import could_come_on, flagged, worklist


class _Sentence(click.ClickException):
    exit_code = 2


class _Commands(click.Group):
    """Says what went wrong in a sentence instead of a traceback, and then exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadRows as error:
            raise _Sentence("\n".join([f"{error}:", *(f"  {row}" for row in error.rows)])) from error
        except ClinicError as error:
            raise _Sentence(str(error)) from error


def _act(context: click.Context, _: click.Parameter, name: str | None) -> None:
    """Whoever is named acts; --actor may stand before the command or after it."""
    if name or context.obj is None:
        context.obj = Actor(name or "command line", MANAGER, address="command line")


actor_option = click.option(
    "--actor", callback=_act, expose_value=False, help="Who does this, for the list of changes."
)


@click.group(cls=_Commands)
@actor_option
def cli() -> None:
    """Collagen Calendar's work without a browser. CLINIC_DB names the clinic's file, else it is data/clinic.db."""


day_option = click.DateTime(["%Y-%m-%d"])
folder = click.Path(exists=True, file_okay=False, path_type=Path)


@cli.command()
@click.option("--empty", is_flag=True, help="A clinic of your own, without patients, instead of a demo.")
@click.option("--name", help="The clinic's name (with --empty).")
@click.option("--zone", help="The clinic's time zone, such as Europe/London (with --empty).")
@click.option("--patients", type=click.IntRange(1), help="How many patients the demo clinic has; 600 unless told.")
@click.option("--seed", type=click.IntRange(0), help="Another seed makes another demo clinic; 1 unless told.")
@actor_option
@click.pass_obj
def start(
    actor: Actor, empty: bool, name: str | None, zone: str | None, patients: int | None, seed: int | None
) -> None:
    """Make the clinic's file ready: a demo clinic, or an empty one, where there is none yet."""
    if empty and (patients or seed is not None):
        raise click.UsageError("--empty makes a clinic without patients; leave out --patients and --seed.")
    if not empty and (name or zone):
        raise click.UsageError("--name and --zone are for a clinic of your own; add --empty.")
    protocol_files()
    path = store_at().path
    if path.exists():
        store = prepare(path)
        settings = read_settings(actor, store)
        if empty or patients or seed is not None:
            raise NotAllowed(f"{path} is there already, and is left as it is; name another file in CLINIC_DB.")
        click.echo(f"{settings.clinic_name}: {path} is ready.")
        return
    try:
        store = prepare(path)
        if empty:
            change_settings(actor, store, clinic_name=name or "My clinic", time_zone=zone or "UTC", is_demo=False)
        else:
            change_settings(actor, store, clinic_name="Demo clinic", time_zone="Europe/London", is_demo=True)
        # Asking for the day refuses a clock that is set by hand where that is not allowed.
        today = read_settings(actor, store).today
        if not empty:
            click.echo(f"Making a demo clinic of {patients or 600:,} patients …")
            fill_demo(actor, store, today=today, patients=patients or 600, seed=1 if seed is None else seed)
    except BaseException:
        _forget(path)
        raise
    click.echo(f"{read_settings(actor, store).clinic_name}: {path} is ready.")


@cli.command("import-visits")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--protocol", "protocol_id", required=True, help="The protocol that the sessions belong to, by its id.")
@click.option("--patient", required=True, help="The column that tells patients apart.")
@click.option("--date", "date_column", required=True, help="The column with the day of the visit.")
@click.option("--date-format", required=True, help="How the days are written, such as '%d %b %Y' for 05 Jan 2026.")
@click.option("--status", help="The column that says whether the patient came; without it, past visits are assumed.")
@click.option("--means", multiple=True, metavar="WORD=STATUS", help=f"A word of that column: {', '.join(STATUSES)}.")
@click.option("--name", help="The column with the patient's name.")
@click.option("--area", default="Not recorded", show_default=True, help="The area treated.")
@click.option("--system", default="visits file", show_default=True, help="The system whose patient ids these are.")
@click.option("--protocols", type=folder, default=SHIPPED, help="The folder with the protocol's file.")
@actor_option
@click.pass_obj
def import_visits_command(
    actor: Actor,
    file: Path,
    protocol_id: str,
    patient: str,
    date_column: str,
    date_format: str,
    status: str | None,
    means: tuple[str, ...],
    name: str | None,
    area: str,
    system: str,
    protocols: Path,
) -> None:
    """Take in the sessions of a CSV FILE: all of them, or none and every bad row named."""

    def show(visits):
        # One row a step, on the error stream, so that the output stays clean.
        with click.progressbar(visits, label="Importing", file=sys.stderr) as bar:
            yield from bar

    done = import_visits(
        actor,
        _store(),
        file,
        Columns(patient, date_column, status, name),
        protocol_id=protocol_id,
        date_format=date_format,
        protocols=protocols,
        means=_meanings(means),
        system=system,
        area=area,
        progress=show,
    )
    click.echo(
        f"{file.name}: {words.count(done.visits, 'visit')} of {words.count(done.patients, 'new patient')} added in "
        f"{words.count(done.courses, 'new treatment plan')}, {done.resolved:,} brought up to date, "
        f"{done.unchanged:,} known already."
    )


@cli.command()
@click.option("--as-of", type=day_option, help="The day to judge by; today unless told.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file instead.")
@actor_option
@click.pass_obj
def flags(actor: Actor, as_of, output: Path | None) -> None:
    """Who needs attention and why: one line for each flagged visit, the most urgent first."""
    store, known = _judged(actor, as_of)
    schedule = known.schedule()
    rows = flagged(schedule, known.courses)[schedule.columns]
    whole = _named(actor, store, known, rows).assign(why=known.explain(rows).to_numpy())
    if output is None:
        for patient, flag, sentence in zip(whole["patient"], whole["flag"], whole["why"], strict=True):
            click.echo(f"{patient}  {words.FLAGS[flag]}: {sentence}")
    else:
        write_csv(actor, store, whole, output, what="flags")
    click.echo(f"{words.count(len(whole), 'flag')} on {words.day(known.as_of)}.", err=output is None)


@cli.command()
@click.option("--as-of", type=day_option, help="The day to judge by; today unless told.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The CSV file to write.")
@actor_option
@click.pass_obj
def schedule(actor: Actor, as_of, output: Path) -> None:
    """Write the whole schedule: every visit done, expected and likely."""
    store, known = _judged(actor, as_of)
    rows = known.schedule()
    write_csv(actor, store, _named(actor, store, known, rows), output, what="schedule")
    click.echo(f"{words.count(len(rows), 'row')} as of {words.day(known.as_of)}.")


@cli.command("worklist")
@click.option("--as-of", type=day_option, help="The day to judge by; today unless told.")
@click.option(
    "--view", type=click.Choice(VIEWS), help="Which part of the list; todo unless told, all with a free slot."
)
@click.option(
    "--could-come-on", "slot", type=day_option, help="Whoever could come on that day instead: for a free slot."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file instead.")
@actor_option
@click.pass_obj
def worklist_command(actor: Actor, as_of, view: str | None, slot, output: Path | None) -> None:
    """The page Follow-ups: one line for each patient whom the desk should reach, the most urgent first."""
    store, known = _judged(actor, as_of)
    slot = slot and slot.date()
    view = view or ("all" if slot else "todo")
    rows = worklist(_reasons(known, slot), read_work(actor, store, known.as_of), pd.Timestamp(known.as_of))
    rows = rows[in_view(rows, view, known.as_of, name=actor.name, treats_as=actor.treats_as)]
    days = last_and_next(actor, store, known.as_of)
    names = read_practitioners(actor, store).set_index("practitioner_id")["name"]
    shown = as_file(read_call_list(actor, store, rows, days, names))
    if output is None:
        for code, why, window in zip(shown["code"], shown["why"], _windows(rows), strict=True):
            click.echo("  ".join(filter(None, [code, why, window])))
    else:
        write_csv(actor, store, shown, output, what=f"worklist ({VIEWS[view]})")
    when = f"could come on {words.day(slot)}, as of" if slot else "on"
    click.echo(
        f"{words.count(len(shown), 'patient')} in “{VIEWS[view]}” {when} {words.day(known.as_of)}.", err=output is None
    )


@cli.command()
@click.option("--practitioner", help="Only whom this one treats, by the name in Settings; everybody unless told.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The .ics file to write."
)
@actor_option
@click.pass_obj
def calendar(actor: Actor, practitioner: str | None, output: Path) -> None:
    """Write bookings and open windows as an iCalendar file, for a calendar program."""
    store = _store()
    practitioner_id = _practitioner(actor, store, practitioner) if practitioner else None
    with whole_file(output) as unfinished:
        unfinished.write_bytes(calendar_file(actor, store, practitioner_id=practitioner_id))
    click.echo(f"{output} can be opened in a calendar; a later one brings it up to date.")


@cli.command()
@click.option("--folder", type=folder, default=SHIPPED, help="Another folder of protocol files.")
def protocols(folder: Path) -> None:
    """List the protocol files and check them."""
    for protocol in protocol_files(folder).values():
        click.echo(_about(protocol))


@cli.group()
def account() -> None:
    """Who may sign in: the first manager is made here, everybody else here or on the page Accounts."""


@account.command("add")
@click.argument("login")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do.")
@click.option("--practitioner", help="The practitioner who this is, by the name in Settings.")
@click.option("--own-patients-only", is_flag=True, help="Only that practitioner's patients are seen.")
@click.option("--temporary", is_flag=True, help="The password must be changed at the first sign-in.")
@actor_option
@click.pass_obj
def account_add(
    actor: Actor, login: str, name: str, role: str, practitioner: str | None, own_patients_only: bool, temporary: bool
) -> None:
    """Make an account that signs in as LOGIN. The password is asked for, or read from the standard input."""
    store = _store()
    add_account(
        actor,
        store,
        login=login,
        name=name,
        role=role,
        password=_password(),
        practitioner_id=_practitioner(actor, store, practitioner) if practitioner else None,
        own_patients_only=own_patients_only,
        must_change_password=temporary,
    )
    click.echo(f"{name} can sign in as {login}, in the role {words.ROLES[role].lower()}.")


@account.command("list")
@actor_option
@click.pass_obj
def account_list(actor: Actor) -> None:
    """List the accounts."""
    for row in read_accounts(actor, _store()).to_dict("records"):
        about = [words.ROLES[row["role"]]]
        if row["own_patients_only"]:
            about.append(f"patients of {row['practitioner']} only")
        about.append("with second factor" if row["second_factor"] else "without second factor")
        if not row["active"]:
            about.append("disabled")
        click.echo(f"{row['login']}  {row['name']}: {', '.join(about)}")


@account.command("disable")
@click.argument("login")
@actor_option
@click.pass_obj
def account_disable(actor: Actor, login: str) -> None:
    """Let an account sign in no more; it is signed out at once."""
    store = _store()
    set_account_active(actor, store, _account_id(actor, store, login), False)
    click.echo(f"{login} can't sign in any more.")


@account.command("reset-password")
@click.argument("login")
@actor_option
@click.pass_obj
def account_reset(actor: Actor, login: str) -> None:
    """Give an account a new password, to be changed at the next sign-in, and no second factor."""
    store = _store()
    reset_password(actor, store, _account_id(actor, store, login), _password())
    click.echo(f"{login} has a new password and must change it at the next sign-in.")


@cli.group()
def audit() -> None:
    """The trail of what was done: who, when, from where, what."""


@audit.command("verify")
@click.option("--head", help="A head written down before, as NUMBER:HASH: it must still be in the trail.")
@actor_option
@click.pass_obj
def audit_verify(actor: Actor, head: str | None) -> None:
    """Check that nobody has altered the trail; exit code 2 and every fault where somebody has."""
    verdict = verify_trail(actor, _store(), known_head=head)
    if verdict.faults:
        raise _Sentence("\n".join(["The trail was altered:", *(f"  {fault}" for fault in verdict.faults)]))
    erased = f"; what {verdict.erased:,} of them said was erased" if verdict.erased else ""
    click.echo(f"The trail is whole: {verdict.entries:,} entries{erased}. Head: {verdict.head}")


@audit.command("head")
@actor_option
@click.pass_obj
def audit_head(actor: Actor) -> None:
    """Print the trail's head, to be kept elsewhere: it shows later whether the trail was cut or made anew."""
    click.echo(trail_head(actor, _store()))


@audit.command("export")
@click.option("--from", "first", type=day_option, help="The first day.")
@click.option("--to", "last", type=day_option, help="The last day.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The CSV file to write.")
@actor_option
@click.pass_obj
def audit_export(actor: Actor, first, last, output: Path) -> None:
    """Write the trail as CSV."""
    store = _store()
    entries = read_trail(actor, store, first=first and first.date(), last=last and last.date())
    write_csv(actor, store, in_words(entries), output, what="trail")
    click.echo(f"{len(entries):,} entries.")


def _password() -> str:
    """Asked for without showing it; from a program, the first line of the standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again"))
    return sys.stdin.readline().rstrip("\r\n")


def _account_id(actor: Actor, store: Store, login: str) -> int:
    accounts = read_accounts(actor, store)
    found = accounts.loc[accounts["login"] == fold(login), "account_id"]
    if found.empty:
        raise NotFound(f"{login}: there is no account that signs in so; `python clinic.py account list` shows them.")
    return int(found.iloc[0])


def _practitioner(actor: Actor, store: Store, name: str) -> int:
    people = read_practitioners(actor, store)
    found = people.loc[people["name"] == name, "practitioner_id"]
    if found.empty:
        raise NotFound(f"{name}: there is no such practitioner; there are {', '.join(people['name']) or 'none yet'}.")
    return int(found.iloc[0])


def _about(protocol: Protocol) -> str:
    """A protocol's timing in a few lines, each number with its grade and source."""
    series = protocol.sessions
    lines = [(f"{series.planned} sessions", "sessions.planned"), (f"{span(series.window)} apart", "sessions.window")]
    lines += [(f"{review.name.lower()} after {span(review.window)}", f"reviews.{review.id}.window")
              for review in protocol.reviews]  # fmt: skip
    if protocol.maintenance:
        lines.append((f"maintenance every {span(protocol.maintenance.window)}", "maintenance.window"))
    said = [f"{protocol.id} v{protocol.version}: {protocol.name}"]
    for text, key in lines:
        evidence = protocol.evidence_of(key)
        said.append(f"  {text}" + (f" ({evidence.grade}: {evidence.source})" if evidence else " (no source given)"))
    return "\n".join(said)


def _store() -> Store:
    """The clinic's file, brought to this program's form; NotReady where there is none."""
    path = store_at().path
    if not path.exists():
        raise NotReady(f"There is no clinic file at {path}; `python clinic.py start` makes one.")
    return prepare(path)


def _judged(actor: Actor, as_of) -> tuple[Store, ScheduleInput]:
    store = _store()
    day: date = as_of.date() if as_of else read_settings(actor, store).today
    return store, read_schedule_input(actor, store, day)


def _reasons(known: ScheduleInput, slot: date | None) -> pd.DataFrame:
    """The flagged rows, or those that a free slot would suit; NotAllowed for a slot before the day judged."""
    if slot is None:
        return flagged(known.schedule(), known.courses)
    if slot < known.as_of:
        raise NotAllowed(f"a free slot lies on {words.day(known.as_of)} or later, not on {words.day(slot)}.")
    return could_come_on(known.schedule(), known.courses, pd.Timestamp(slot))


def _windows(rows: pd.DataFrame) -> list[str]:
    """Between when each patient of the worklist should come."""
    return [
        "" if pd.isna(first) or pd.isna(over) else words.come_between(first, over)
        for first, over in zip(rows["come_from"], rows["overdue_on"], strict=True)
    ]


def _named(actor: Actor, store: Store, known: ScheduleInput, rows: pd.DataFrame) -> pd.DataFrame:
    """Schedule rows with the patient's code and name, the plan's area and protocol in front."""
    plans = known.courses[["course_id", "patient_id", "area", "protocol_id"]]
    patients = contacts(actor, store, sorted(set(plans["patient_id"])))[["patient_id", "code", "name"]]
    named = rows[["course_id"]].merge(plans, on="course_id", how="left").merge(patients, on="patient_id", how="left")
    front = {"patient": named["code"], "name": named["name"], "area": named["area"], "protocol": named["protocol_id"]}
    return pd.concat([pd.DataFrame(front), rows.reset_index(drop=True)], axis=1)


def _meanings(pairs: tuple[str, ...]) -> Mapping[str, str]:
    meanings = {}
    for pair in pairs:
        word, equals, status = pair.rpartition("=")
        if not equals or not word.strip():
            raise click.UsageError(f"--means {pair}: a word and a status are wanted, such as Yes=no_show.")
        meanings[word] = status.strip()
    return meanings


def _forget(path: Path) -> None:
    """Take away a file that was never finished."""
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(OSError):
            part.unlink()


if __name__ == "__main__":
    cli()
