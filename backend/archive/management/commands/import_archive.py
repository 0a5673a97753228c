"""`manage.py import_archive FILE`: what an export holds is in somebody's library."""

import contextlib
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.analysis.import_command import check_servers, find_owner
from backend.analysis.import_report import ImportView, quiet_logs
from backend.analysis.import_waiting import AnalysisWatch, StalledError, judge
from backend.analysis.importing import Outcome, Patience, Result, ServersAwayError
from backend.archive.people import settle_faces
from backend.archive.reading import Archive, ArchiveError, Files, FolderFiles, ZipFiles
from backend.archive.restoring import Restorer

_AGAIN = "Nothing is lost: run the same again to go on."


class Command(BaseCommand):
    help = (
        "Import an archive that an export of this or another album gave, as the ZIP file or as "
        "the folder it was unpacked to. Run it again at any time: what is there is not saved "
        "twice. Exits with 1 if anything failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the ZIP file, or a folder")
        parser.add_argument("--user", metavar="NAME", help="the owner; default: the only superuser")
        parser.add_argument(
            "--no-wait",
            action="store_true",
            help="end after the uploads; names come to faces once they have been found",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].expanduser()
        view = ImportView(options.get("stdout"))
        outcomes: list[Outcome] = []
        with quiet_logs():
            check_servers()
            owner = find_owner(options["user"])
            try:
                with contextlib.ExitStack() as opened:
                    archive = Archive(_open(path, opened))
                    restorer = Restorer(owner, archive)
                    for outcome in _restore(restorer, archive, view=view):
                        outcomes.append(outcome)
                if not options["no_wait"]:
                    _wait(outcomes, view=view)
            except ArchiveError as error:
                raise CommandError(error.detail) from error
            except (ServersAwayError, StalledError) as error:
                view.summarise(outcomes, folder=path)
                raise CommandError(f"{error} {_AGAIN}") from error
            except KeyboardInterrupt:
                view.summarise(outcomes, folder=path)
                view.say(f"Stopped. {_AGAIN}")
                sys.exit(130)
            outcomes = judge(outcomes)
            view.summarise(outcomes, folder=path)
        if any(outcome.result == Result.FAILED for outcome in outcomes):
            sys.exit(1)


def _open(path: Path, opened: contextlib.ExitStack) -> Files:
    if path.is_dir():
        return FolderFiles(path)
    try:
        file = opened.enter_context(path.open("rb"))
        return ZipFiles(file, size=path.stat().st_size)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error


def _restore(restorer: Restorer, archive: Archive, *, view: ImportView) -> Iterator[Outcome]:
    patience = Patience(say=view.say, stop=threading.Event())
    patience.persist(restorer.restore_people)
    names = archive.photos()
    with view.counting("Importing", len(names)) as show:
        for done, name in enumerate(names, start=1):
            yield patience.persist(lambda name=name: restorer.restore_photo(name))  # type: ignore[misc]
            show(done)
    for name in [*archive.albums(), *archive.reactions()]:
        outcome = patience.persist(lambda name=name: restorer.restore(name))  # type: ignore[misc]
        if outcome.result == Result.FAILED:
            yield outcome


def _wait(outcomes: list[Outcome], *, view: ImportView) -> None:
    ids = [outcome.photo_id for outcome in outcomes if outcome.photo_id]
    watch = AnalysisWatch(ids, say=view.say)
    with view.counting("Looking at them", watch.total) as show:
        for done in watch.settle():
            show(done)
    while settle_faces():
        pass
