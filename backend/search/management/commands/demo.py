"""`manage.py demo`: a dozen photos are in the album, and the screen says what was found."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.box import SIMPLE_HEAD
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from backend.accounts.models import User
from backend.analysis.import_command import check_servers, find_owner, import_files
from backend.analysis.import_report import ImportView, printable, quiet_logs
from backend.analysis.importing import Result
from backend.analysis.photo_files import Found
from backend.photos.models import Photo
from backend.search.demo import (
    DemoError,
    DemoPhoto,
    DemoSearch,
    album_url,
    fetch_photos,
    find_examples,
    photos_dir,
    read_demo,
    wait_for_search,
)
from backend.search.reasons import with_findings

INDEX_S = 60.0  # the sweeper makes up for a lost message every 15 s
LABELS_SHOWN = 3


class Command(BaseCommand):
    help = (
        "Import a dozen freely licensed photos into the running album, wait, and print what was "
        "found in them. Run it again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", metavar="NAME", help="the owner; default: the only superuser")

    def handle(self, *args: Any, **options: Any) -> None:
        view = ImportView(options.get("stdout"))
        photos, searches = read_demo()
        with quiet_logs():
            check_servers()
            owner = find_owner(options["user"])
            try:
                all_good = run_demo(photos, searches, owner=owner, view=view)
            except DemoError as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                sys.exit(130)
        if not all_good:
            sys.exit(1)


def run_demo(
    photos: list[DemoPhoto], searches: list[DemoSearch], *, owner: User, view: ImportView
) -> bool:
    """The demo from end to end. False if a photo failed. Raises DemoError or CommandError."""
    folder = photos_dir()
    name_photos(photos, view)
    for line in fetch_photos(photos, folder):
        view.say(line)
    files = [folder / photo.file for photo in photos]
    found = Found(files=files, skipped=[])
    outcomes = import_files(found, folder=folder, owner=owner, view=view, wait=True)
    order = {outcome.photo_id: files.index(outcome.path) for outcome in outcomes}
    ids = [photo_id for photo_id in order if photo_id]
    mine = Photo.objects.filter(id__in=ids)
    if not wait_for_search(mine, seconds=INDEX_S):
        view.say("Search does not know all of them yet: no backend worker has indexed them.")
    # In the order of the list above, not in that of their arrival.
    found_in = sorted(with_findings(mine), key=lambda photo: order[photo.id])
    show_findings(found_in, view)
    for search in searches:
        show_search(search, owner=owner, view=view)
    if url := album_url():
        view.say("")
        view.say(f"Open the album at {url} and sign in as {owner.username}.")
    return not any(outcome.result == Result.FAILED for outcome in outcomes)


def name_photos(photos: Iterable[DemoPhoto], view: ImportView) -> None:
    """Say what each photo shows, who made it and under which licence."""
    view.say("Freely licensed photos, out of the packages that ship them:")
    for photo in photos:
        view.say(f"{photo.file}: {photo.shows}")
        view.say(f"  {photo.source}; {photo.licence}")


def show_findings(photos: Iterable[Photo], view: ImportView) -> None:
    """One row a photo: things, faces, the first line of text, where, and whether it is decent."""
    rows = [_findings(photo) for photo in photos]
    if view.is_plain:
        for row in rows:
            said = (
                f"{name} {value.replace(chr(10), ', ')}" for name, value in row.items() if value
            )
            view.say("; ".join(said))
        return
    titles = [title for title in rows[0] if any(row[title] for row in rows)] if rows else []
    table = Table(box=SIMPLE_HEAD, title="What was found", title_justify="left", pad_edge=False)
    for title in titles:
        side: JustifyMethod = "right" if title == "faces" else "left"
        table.add_column(title, overflow="fold", justify=side, no_wrap=title == "things")
    for row in rows:
        table.add_row(*(Text(row[title]) for title in titles))
    view.console.print(table)


def _findings(photo: Photo) -> dict[str, str]:
    labels = [
        f"{label.name} {label.name_zh} {label.score:.2f}"
        for label in list(photo.labels.all())[:LABELS_SHOWN]
    ]
    lines = [line.text for line in photo.text_lines.all()]
    score = photo.moderation_score
    return {
        "photo": printable(Path(photo.filename).name),
        "things": "\n".join(labels),
        "faces": str(len(photo.faces.all()) or ""),
        "text": printable(lines[0]) if lines else "",
        "place": ", ".join(part for part in (photo.city, photo.country) if part),
        "moderation": photo.moderation_verdict + ("" if score is None else f" {score:.2f}"),
    }


def show_search(search: DemoSearch, *, owner: User, view: ImportView) -> None:
    """What a query finds, with the reasons."""
    view.say("")
    view.say(f"Search for {search.query!r} ({search.shows}):")
    hits = find_examples(owner, search.query, limit=5)
    for photo, reasons in hits:
        why = ", ".join(f"{reason.kind} {reason.match!r}" for reason in reasons)
        view.say(f"  {printable(photo.filename)}: {printable(why)}")
    if not hits:
        view.say("  nothing")
