"""The file's form, and the steps that brought it there. A step that has been released is never edited."""

from sqlite_utils import Database, Migrations

from clinic_data.access.chain import append
from clinic_data.actor import Actor

migrations = Migrations("collagen-calendar")


def steps() -> set[str]:
    """The names of all steps that this program knows."""
    return {step.name for step in migrations.pending(Database(memory=True))}


@migrations()
def first_tables(db: Database) -> None:
    """Everything the schedule reads, who it is about, and the changes."""
    for statement in FIRST_TABLES.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def undo(db: Database) -> None:
    """A change may take back another one, and each may be taken back once."""
    db.execute("alter table changes add column undoes integer references changes (id)")
    db.execute("create unique index changes_undone_once on changes (undoes)")


@migrations()
def access(db: Database) -> None:
    """Accounts and who is signed in, and the trail of what was done, into which the changes so far are entered."""
    for statement in [*ACCESS_TABLES.split(";"), *TRIGGERS]:
        if statement.strip():
            db.execute(statement)
    for change in db.query("select id, at, actor, role, patient_id, action from changes order by id"):
        append(
            db,
            Actor(change["actor"], change["role"]),
            "change",
            change["action"],
            patient_id=change["patient_id"],
            change_id=change["id"],
            at=change["at"],
        )


@migrations()
def worklist(db: Database) -> None:
    """Attempts to reach patients, who has taken whom, reviews that are waived, and the clinic's own words."""
    for statement in WORKLIST_TABLES.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def doubts(db: Database) -> None:
    """What was decided about data to doubt: two patients are different people, something odd is right as it is."""
    for statement in DOUBTS_TABLES.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def whose_patients(db: Database) -> None:
    """Whose patients they are is asked by every query of somebody who sees only her own."""
    for statement in WHOSE_INDEXES.split(";"):
        if statement.strip():
            db.execute(statement)


FIRST_TABLES = """
create table settings (
    name text primary key,
    value text not null
) strict;

create table revision (
    id integer primary key check (id = 1),
    number integer not null
) strict;

insert into revision (id, number) values (1, 0);

create table changes (
    id integer primary key,
    at text not null,
    actor text not null,
    role text not null,
    action text not null,
    patient_id integer,
    rows text not null check (json_valid(rows))
) strict;

create index changes_of_patient on changes (patient_id);

create table practitioners (
    id integer primary key,
    name text not null unique check (length(trim(name)) > 0),
    active integer not null default 1 check (active in (0, 1))
) strict;

create table protocols (
    id text not null,
    version integer not null check (version >= 1),
    content text not null,
    primary key (id, version)
) strict;

create table patients (
    id integer primary key,
    code text not null unique check (length(code) >= 8),
    name text not null check (length(trim(name)) > 0),
    folded_name text not null,
    phone text,
    phone_digits text,
    email text,
    born_on text check (born_on is date(born_on)),
    preferred_channel text check (preferred_channel in ('phone', 'text', 'email', 'post')),
    skin_type text check (skin_type in ('normal', 'oily', 'dry', 'combination', 'sensitive')),
    fitzpatrick integer check (fitzpatrick between 1 and 6),
    status text not null default 'active' check (status in ('active', 'inactive', 'transferred', 'deceased')),
    status_on text check (status_on is date(status_on)),
    contact_allowed text not null default 'yes' check (contact_allowed in ('yes', 'no_marketing', 'none')),
    check ((status = 'active') = (status_on is null))
) strict;

create index patients_by_name on patients (folded_name);

create table patient_factors (
    patient_id integer not null references patients (id),
    factor text not null check (length(trim(factor)) > 0),
    primary key (patient_id, factor)
) strict;

create table patient_identifiers (
    system text not null,
    value text not null,
    patient_id integer not null references patients (id),
    primary key (system, value)
) strict;

create index identifiers_of_patient on patient_identifiers (patient_id);

create table courses (
    id integer primary key,
    patient_id integer not null references patients (id),
    protocol_id text not null,
    protocol_version integer not null,
    area text not null check (length(trim(area)) > 0),
    concern text,
    severity text check (severity in ('mild', 'moderate', 'severe')),
    planned_sessions integer not null check (planned_sessions >= 1),
    practitioner_id integer references practitioners (id),
    opened_on text not null check (opened_on is date(opened_on)),
    closed_on text check (closed_on is date(closed_on)),
    closed_reason text check (closed_reason in
        ('finished', 'finished_early', 'patient_stopped', 'medical', 'moved_away', 'entered_in_error')),
    foreign key (protocol_id, protocol_version) references protocols (id, version),
    unique (id, patient_id),
    check ((closed_on is null) = (closed_reason is null)),
    check (closed_on >= opened_on)
) strict;

create index courses_of_patient on courses (patient_id);

create table visits (
    id integer primary key,
    patient_id integer not null references patients (id),
    kind text not null check (kind in ('session', 'review', 'other')),
    visit_date text not null check (visit_date is date(visit_date)),
    status text not null check (status in ('booked', 'completed', 'cancelled', 'no_show')),
    attendance_assumed integer not null default 0 check (attendance_assumed in (0, 1)),
    cancelled_by text check (cancelled_by in ('clinic', 'patient')),
    cancelled_on text check (cancelled_on is date(cancelled_on)),
    recorded_on text check (recorded_on is date(recorded_on)),
    practitioner_id integer references practitioners (id),
    depth_mm real check (depth_mm > 0 and depth_mm <= 5),
    device text,
    notes text,
    source text not null,
    source_key text not null,
    unique (source, source_key),
    unique (id, patient_id),
    check (status = 'cancelled' or (cancelled_by is null and cancelled_on is null)),
    check (status = 'completed' or attendance_assumed = 0),
    check (kind = 'session' or depth_mm is null)
) strict;

create index visits_of_patient on visits (patient_id, visit_date);

create table visit_courses (
    course_id integer not null,
    visit_id integer not null,
    patient_id integer not null,
    primary key (course_id, visit_id),
    foreign key (course_id, patient_id) references courses (id, patient_id),
    foreign key (visit_id, patient_id) references visits (id, patient_id)
) strict, without rowid;

create index courses_of_visit on visit_courses (visit_id);

create table outcome_scores (
    id integer primary key,
    visit_id integer not null,
    course_id integer not null,
    scale text not null check (scale in
        ('goodman_baron_qualitative', 'goodman_baron_quantitative', 'gais', 'patient_vas')),
    value real not null,
    better text not null check (better in ('lower', 'higher')),
    foreign key (course_id, visit_id) references visit_courses (course_id, visit_id),
    unique (visit_id, course_id, scale),
    check (case scale when 'goodman_baron_qualitative' then value between 1 and 4
                      when 'goodman_baron_quantitative' then value between 0 and 84
                      when 'gais' then value between 1 and 5
                      else value between 0 and 10 end)
) strict;

create table holds (
    id integer primary key,
    patient_id integer not null references patients (id),
    area text,
    cause text not null check (cause in ('medical', 'wish')),
    reason text not null check (length(trim(reason)) > 0),
    starts_on text not null check (starts_on is date(starts_on)),
    ends_on text check (ends_on is date(ends_on)),
    check_on text check (check_on is date(check_on)),
    recorded_on text not null check (recorded_on is date(recorded_on)),
    check (ends_on > starts_on)
) strict;

create index holds_of_patient on holds (patient_id);

create table agreements (
    id integer primary key,
    course_id integer not null references courses (id),
    kind text not null,
    agreed_on text not null check (agreed_on is date(agreed_on)),
    due_on text not null check (due_on is date(due_on)),
    last_on text not null check (last_on is date(last_on)),
    note text,
    check (last_on >= due_on)
) strict;

create index agreements_of_course on agreements (course_id);

create table closures (
    id integer primary key,
    starts_on text not null check (starts_on is date(starts_on)),
    ends_on text not null check (ends_on is date(ends_on)),
    reason text not null,
    check (ends_on > starts_on)
) strict;
"""

ACCESS_TABLES = """
alter table changes add column account_id integer references accounts (id);

create table accounts (
    id integer primary key,
    login text not null unique check (length(login) > 0),
    name text not null check (length(trim(name)) > 0),
    role text not null check (role in ('manager', 'practitioner', 'front_desk', 'read_only')),
    practitioner_id integer references practitioners (id),
    own_patients_only integer not null default 0 check (own_patients_only in (0, 1)),
    active integer not null default 1 check (active in (0, 1)),
    password_hash text not null,
    must_change_password integer not null default 0 check (must_change_password in (0, 1)),
    second_factor text,
    second_factor_step integer not null default 0,
    check (own_patients_only = 0 or (role <> 'manager' and practitioner_id is not null))
) strict;

create table recovery_codes (
    account_id integer not null references accounts (id),
    digest text not null,
    primary key (account_id, digest)
) strict;

create table sign_ins (
    id integer primary key autoincrement,
    token_digest text not null unique,
    account_id integer not null references accounts (id),
    address text,
    began_at text not null,
    seen_at text not null,
    ended_at text
) strict;

create index sign_ins_of_account on sign_ins (account_id);

create table sign_in_attempts (
    id integer primary key,
    login_digest text not null,
    address text,
    at text not null
) strict;

create index attempts_by_login on sign_in_attempts (login_digest);
create index attempts_by_address on sign_in_attempts (address);

create table trail (
    id integer primary key autoincrement,
    at text not null,
    actor text not null,
    role text not null,
    account_id integer,
    address text,
    kind text not null,
    digest text not null,
    hash text not null
) strict;

create index trail_by_time on trail (at);

create table trail_values (
    trail_id integer primary key references trail (id),
    salt text,
    patient_id integer,
    change_id integer references changes (id),
    what text
) strict;

create index trail_of_patient on trail_values (patient_id);
create index trail_of_change on trail_values (change_id);

create view patients_of_practitioners as
    select practitioner_id, patient_id from courses where practitioner_id is not null
    union select practitioner_id, patient_id from visits where practitioner_id is not null
    union select a.practitioner_id, c.patient_id from changes c join accounts a on a.id = c.account_id
        where c.action = 'register a patient' and a.practitioner_id is not null and c.patient_id is not null;
"""

TRIGGERS = [
    """create trigger trail_is_added_to before insert on trail
       when new.id <= (select coalesce(max(id), 0) from trail) and new.id > 0
       begin select raise(abort, 'the trail can only be added to'); end""",
    """create trigger trail_is_not_changed before update on trail
       begin select raise(abort, 'the trail can only be added to'); end""",
    """create trigger trail_is_not_cut before delete on trail
       begin select raise(abort, 'the trail can only be added to'); end""",
    """create trigger trail_values_are_added_to before insert on trail_values
       when exists (select 1 from trail_values where trail_id = new.trail_id)
       begin select raise(abort, 'the trail can only be added to'); end""",
    """create trigger trail_values_are_erased_only before update on trail_values
       when not (new.trail_id = old.trail_id and new.change_id is old.change_id
                 and new.salt is null and new.patient_id is null and new.what is null)
       begin select raise(abort, 'what the trail says can only be erased'); end""",
    """create trigger trail_values_are_not_cut before delete on trail_values
       begin select raise(abort, 'the trail can only be added to'); end""",
    """create trigger changes_are_added_to before insert on changes
       when new.id <= (select coalesce(max(id), 0) from changes) and new.id > 0
            or exists (select 1 from changes where undoes = new.undoes)
       begin select raise(abort, 'changes can only be added to'); end""",
    """create trigger changes_are_erased_only before update on changes
       when not (new.id = old.id and new.at = old.at and new.actor = old.actor and new.role = old.role
                 and new.action = old.action and new.account_id is old.account_id and new.undoes is old.undoes
                 and new.patient_id is null and new.rows = '[]')
       begin select raise(abort, 'changes can only be erased'); end""",
    """create trigger changes_are_not_cut before delete on changes
       begin select raise(abort, 'changes can only be added to'); end""",
]

WORKLIST_TABLES = """
create table contact_attempts (
    id integer primary key autoincrement,
    patient_id integer not null references patients (id),
    at text not null,
    actor text not null,
    account_id integer references accounts (id),
    channel text not null check (channel in ('phone', 'text', 'email', 'post', 'in_person')),
    outcome text not null,
    until_on text check (until_on is date(until_on)),
    recorded_on text not null check (recorded_on is date(recorded_on)),
    note text
) strict;

create index attempts_of_patient on contact_attempts (patient_id);

create table attempt_reasons (
    attempt_id integer not null references contact_attempts (id),
    course_id integer not null references courses (id),
    kind text not null,
    number integer not null,
    flag text not null,
    primary key (attempt_id, course_id, kind, number)
) strict;

create table claims (
    patient_id integer primary key references patients (id),
    actor text not null,
    account_id integer references accounts (id),
    until_at text not null
) strict;

create table waivers (
    id integer primary key,
    course_id integer not null references courses (id),
    kind text not null check (kind not in ('session', 'maintenance')),
    number integer not null,
    reason text not null check (length(trim(reason)) > 0),
    actor text not null,
    waived_on text not null check (waived_on is date(waived_on)),
    unique (course_id, kind, number)
) strict;

create table messages (
    flag text primary key,
    text text not null
) strict;
"""

DOUBTS_TABLES = """
create table different_people (
    patient_id integer not null references patients (id),
    other_patient_id integer not null references patients (id),
    actor text not null,
    decided_on text not null check (decided_on is date(decided_on)),
    primary key (patient_id, other_patient_id),
    check (patient_id < other_patient_id)
) strict;

create table dismissals (
    id integer primary key,
    kind text not null,
    course_id integer not null references courses (id),
    visit_id integer not null references visits (id),
    day text not null check (day is date(day)),
    other_day text check (other_day is date(other_day)),
    reason text not null check (length(trim(reason)) > 0),
    actor text not null,
    decided_on text not null check (decided_on is date(decided_on))
) strict;

create index dismissals_of_visit on dismissals (visit_id);
"""

WHOSE_INDEXES = """
create index courses_of_practitioner on courses (practitioner_id, patient_id);
create index visits_of_practitioner on visits (practitioner_id, patient_id);
create index registered_by on changes (account_id, patient_id) where action = 'register a patient';
"""
