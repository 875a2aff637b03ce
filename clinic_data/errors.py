"""What can go wrong with the clinic's data, each said in one sentence to whoever sits at the desk."""


class ClinicError(Exception):
    """The request can't be carried out; the message says what, where and what is allowed."""


class NotReady(ClinicError):
    """The file, or the program around it, can't be used as it stands."""


class NotAllowed(ClinicError):
    """The values given are not allowed."""


class NotFound(ClinicError):
    """There is no such patient, treatment plan or visit."""


class Conflict(ClinicError):
    """Somebody else changed the same thing meanwhile; nothing was kept."""


class NotPermitted(ClinicError):
    """The actor's role may not do this."""


class NotSignedIn(ClinicError):
    """Nobody is signed in, or no longer."""
