"""`manage.py import_photos DIR`: a folder's photos are in the album, and looked at."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.analysis.import_command import check_servers, find_owner, import_files
from backend.analysis.import_report import ImportView, quiet_logs
from backend.analysis.importing import Result
from backend.analysis.photo_files import find_files


class Command(BaseCommand):
    help = (
        "Import every photo of a folder and its subfolders. Run it again at any time: what is "
        "there is skipped, what was interrupted goes on. Exits with 1 if any file failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="a folder, or one photo")
        parser.add_argument("--user", metavar="NAME", help="the owner; default: the only superuser")
        parser.add_argument(
            "--no-wait", action="store_true", help="end after the uploads, not after the analyses"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].expanduser()
        if not folder.exists():
            raise CommandError(f"There is no folder {folder}.")
        view = ImportView(options.get("stdout"))
        with quiet_logs():
            check_servers()
            owner = find_owner(options["user"])
            try:
                view.say(f"Looking for photos in {folder} ...")
                outcomes = import_files(
                    find_files(folder),
                    folder=folder,
                    owner=owner,
                    view=view,
                    wait=not options["no_wait"],
                )
            except KeyboardInterrupt:
                sys.exit(130)
        if any(outcome.result == Result.FAILED for outcome in outcomes):
            sys.exit(1)
