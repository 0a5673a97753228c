"""The steps that a command takes to import a folder: used by `import_photos` and by `demo`."""

import contextlib
from pathlib import Path

import psycopg
from django.core.management.base import CommandError
from django.db import ProgrammingError, connection

from backend.accounts.models import User
from backend.analysis.import_report import ImportView
from backend.analysis.import_waiting import AnalysisWatch, StalledError, judge
from backend.analysis.importing import Importer, Outcome, ServersAwayError, outcome_of
from backend.analysis.photo_files import Found
from backend.core import storage
from backend.core.errors import StorageError

START_HINT = "Start the album with `make up` (and the same DATA_DIR), then run this again."


def check_servers() -> None:
    """Database and storage answer, and hold an album.

    Raises CommandError in one line otherwise. The pool would wait 20 s to say the same.
    """
    try:
        parameters = connection.get_connection_params()
        psycopg.connect(**{**parameters, "connect_timeout": 5}).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(
            f"The album's database does not answer: {reason}. {START_HINT}"
        ) from error
    try:
        User.objects.exists()
    except ProgrammingError as error:
        raise CommandError(f"The database holds no album yet. {START_HINT}") from error
    try:
        storage.check()
    except StorageError as error:
        raise CommandError(
            f"The album's object storage does not answer: {error}. {START_HINT}"
        ) from error


def find_owner(username: str | None) -> User:
    """The user of that name; without a name the only superuser. Raises CommandError."""
    if username is not None:
        owner = User.objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is no user {username!r}. {_known_users()}")
        return owner
    owners = list(User.objects.filter(is_superuser=True, is_active=True)[:2])
    if len(owners) != 1:
        raise CommandError(f"Whose photos are they? Say --user NAME. {_known_users()}")
    return owners[0]


def _known_users() -> str:
    names = list(User.objects.order_by("username").values_list("username", flat=True)[:21])
    if not names:
        return "There are no users yet: `make up` makes the first."
    return f"Users: {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}."


def import_files(
    found: Found, *, folder: Path, owner: User, view: ImportView, wait: bool
) -> list[Outcome]:
    """Each file's outcome, after its analyses if `wait`; told as it goes.

    Raises CommandError, with what was done on the screen, if servers stay away or nothing moves;
    KeyboardInterrupt, likewise, with how to go on.
    """
    outcomes = [outcome_of(skipped) for skipped in found.skipped]
    try:
        _send(found, outcomes, owner=owner, view=view)
        if wait:
            _wait(outcomes, view=view)
    except (KeyboardInterrupt, ServersAwayError, StalledError) as error:
        view.summarise(outcomes, folder=folder)
        left = len(found.files) + len(found.skipped) - len(outcomes)
        rest = f"{left} files are left. " if left else ""
        if isinstance(error, KeyboardInterrupt):
            view.say(f"Stopped. {rest}Nothing is lost: run the same again to go on.")
            raise
        raise CommandError(
            f"{error} {rest}Nothing is lost: run the same again to go on."
        ) from error
    outcomes = judge(outcomes)
    view.summarise(outcomes, folder=folder)
    return outcomes


def _send(found: Found, outcomes: list[Outcome], *, owner: User, view: ImportView) -> None:
    with view.counting("Uploading", len(found.files)) as show:
        sending = Importer(owner=owner, say=view.say).send(found.files)
        with contextlib.closing(sending):
            for done, outcome in enumerate(sending, start=1):
                outcomes.append(outcome)
                show(done)


def _wait(outcomes: list[Outcome], *, view: ImportView) -> None:
    ids = [outcome.photo_id for outcome in outcomes if outcome.photo_id]
    watch = AnalysisWatch(ids, say=view.say)
    with view.counting("Looking at them", watch.total) as show:
        for done in watch.settle():
            show(done)
