"""`shiguang`: what may be typed, and what is printed."""

import argparse
import getpass
import json
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from shiguang_client import AuthenticatedClient
from shiguang_client.api.search import search
from shiguang_client.models.hit import Hit

from shiguang import downloading, uploading
from shiguang.albums import find_album
from shiguang.errors import ShiguangError, answer_of
from shiguang.folder import Folder, Found, look_into
from shiguang.journal import Journal
from shiguang.many import Bar, do_all
from shiguang.session import (
    DEFAULT_URL,
    clean_url,
    current_session,
    is_in_the_clear,
    sign_in,
    sign_out,
)

_MOST_LISTED = 50
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0, 1 if something failed, 2 if the command makes no sense, 130 on Ctrl-C."""
    given = _parser().parse_args(arguments)
    told = Console(stderr=True, highlight=False)
    try:
        code: int = given.run(given, told)
    except ShiguangError as error:
        told.print(f"shiguang: {escape(str(error))}", soft_wrap=True)
        return 1
    except OSError as error:
        told.print(f"shiguang: {escape(str(error))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        told.print("Interrupted. The same command goes on where it was.")
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shiguang",
        description="Your photo album, from the command line.",
        epilog="Begin with: shiguang login. Scripts may set SHIGUANG_URL and SHIGUANG_TOKEN, "
        "an API key, instead.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = commands.add_parser("login", help="sign in; asks for your name and password")
    command.set_defaults(run=_login)
    command.add_argument(
        "url", nargs="?", default=DEFAULT_URL, help=f"the album's address (default: {DEFAULT_URL})"
    )
    command.add_argument("-u", "--username", help="asked for if left out")
    command.add_argument(
        "--password-stdin", action="store_true", help="read the password from the standard input"
    )

    command = commands.add_parser("logout", help="sign this device out")
    command.set_defaults(run=_logout)

    command = commands.add_parser(
        "upload",
        help="send photos, or folders of them",
        description="Send photos, or every photo in a folder. Interrupted, the same command goes "
        "on where it was; what the album has already is not sent again.",
    )
    command.set_defaults(run=_upload)
    command.add_argument("paths", nargs="+", type=Path, metavar="FOLDER")
    command.add_argument("--album", help="put them into this album: its title or id")
    command.add_argument("--hidden", action="store_true", help="files that begin with a dot, too")
    command.add_argument("--follow-links", action="store_true", help="what links lead to, too")
    _add_jobs(command)

    command = commands.add_parser(
        "search",
        help="find photos by what you remember",
        description="Find photos by what you remember, in Chinese or English: people, places, "
        "days, things, words on a picture.",
    )
    command.set_defaults(run=_search)
    command.add_argument("query", nargs="+", metavar="WORD")
    command.add_argument("-n", "--limit", type=_number, default=20, help="at most so many (20)")
    command.add_argument("--json", action="store_true", help="everything, for programs")

    command = commands.add_parser(
        "download",
        help="fetch originals into a folder",
        description="Fetch originals into a folder. Interrupted, the same command goes on where "
        "it was; files that are there are left as they are.",
    )
    command.set_defaults(run=_download)
    command.add_argument("folder", type=Path, metavar="FOLDER")
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument("--search", metavar="QUERY", help="what a search finds")
    which.add_argument("--album", help="an album: its title or id")
    which.add_argument("--id", dest="ids", nargs="+", type=UUID, help="these photos")
    which.add_argument("--all", action="store_true", help="your whole library")
    _add_jobs(command)
    return parser


def _add_jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument("-j", "--jobs", type=_number, default=4, help="so many at once (4)")


def _number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 500:
        raise ValueError
    return number


_number.__name__ = "number from 1 to 500"  # what argparse says is wrong


def _login(given: argparse.Namespace, told: Console) -> int:
    url = clean_url(given.url)
    if is_in_the_clear(url):
        told.print(f"Note: nothing is encrypted on the way to {escape(url)}.")
    if given.password_stdin:
        username = given.username
        if not username:
            raise ShiguangError("Say who you are: --username NAME")
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        username = given.username or input("User name: ")
        password = getpass.getpass("Password: ")
    else:
        raise ShiguangError("Nobody is there to ask for the password: use --password-stdin")
    session = sign_in(url=url, username=username, password=password)
    told.print(f"Signed in at {escape(session.url)} as {escape(session.username)}.")
    return 0


def _logout(_: argparse.Namespace, told: Console) -> int:
    session = sign_out()
    told.print(f"Signed out of {escape(session.url)}." if session else "Nobody was signed in.")
    return 0


def _upload(given: argparse.Namespace, told: Console) -> int:
    session = current_session()
    for root in given.paths:
        if not root.exists():
            raise ShiguangError(f"There is no {root}.")
    failed: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    with session.client() as client, Bar(told) as bar:
        album = find_album(client, given.album) if given.album else None
        uploader = uploading.Uploader(client, album=album, advance=bar.advance)
        for root in given.paths:
            folder = look_into(root, hidden=given.hidden, follow=given.follow_links)
            failed += [(str(path), reason) for path, reason in folder.unreadable]
            counts["others"] += len(folder.others)
            journal = Journal(session, root)
            _send_folder(folder, journal, uploader, bar, given.jobs, counts, failed)
        uploader.close()
    sent, there = counts[uploading.Outcome.SENT], counts[uploading.Outcome.THERE]
    told.print(f"{sent} sent, {there} there already.")
    if counts["others"]:
        told.print(f"{counts['others']} files are no photos and were passed over.")
    return _report(failed, told)


def _send_folder(
    folder: Folder,
    journal: Journal,
    uploader: uploading.Uploader,
    bar: Bar,
    jobs: int,
    counts: Counter[str],
    failed: list[tuple[str, str]],
) -> None:
    todo = [found for found in folder.photos if not journal.has(found)]
    counts[uploading.Outcome.THERE] += len(folder.photos) - len(todo)
    bar.expect(files=len(todo), size=sum(found.size for found in todo))
    before = len(failed)

    def done(found: Found, outcome: uploading.Outcome | Exception) -> None:
        bar.count()
        if isinstance(outcome, Exception):
            failed.append((str(found.path), str(outcome)))
        else:
            journal.add(found)
            counts[outcome] += 1

    do_all(todo, uploader.send, jobs=jobs, done=done)
    if len(failed) == before:
        journal.forget()


def _search(given: argparse.Namespace, told: Console) -> int:
    with current_session().client() as client:
        query = " ".join(given.query)
        found = answer_of(
            lambda: search.sync_detailed(client=client, q=query, page_size=given.limit)
        )
    if given.json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return 0
    if not found.results:
        told.print("Nothing found.")
        return 0
    table = Table("taken", "file", "why", "id", box=None, pad_edge=False)
    for hit in found.results:
        taken = hit.photo.taken_at
        day = f"{taken:%Y-%m-%d}" if taken else ""
        why = escape(_reasons(hit))
        table.add_row(day, escape(hit.photo.filename), why, f"{hit.photo.id}", style=None)
    table.columns[3].no_wrap = True
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)
    if found.next_:
        told.print(f"These are the best {len(found.results)}; --limit shows more.")
    return 0


def _reasons(hit: Hit) -> str:
    return ", ".join(dict.fromkeys(f"{reason.kind}: {reason.match}" for reason in hit.why))


def _download(given: argparse.Namespace, told: Console) -> int:
    failed: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    with current_session().client() as client, Bar(told) as bar:
        wanted = list({each.id: each for each in _choose(given, client)}.values())
        bar.expect(files=len(wanted), size=sum(each.size for each in wanted))
        downloader = downloading.Downloader(given.folder, advance=bar.advance)

        def done(each: downloading.Wanted, outcome: downloading.Outcome | Exception) -> None:
            bar.count()
            if isinstance(outcome, Exception):
                failed.append((f"{each.name} ({each.id})", str(outcome)))
            else:
                counts[outcome] += 1

        do_all(wanted, downloader.fetch, jobs=given.jobs, done=done)
        downloader.close()
    fetched, there = counts[downloading.Outcome.FETCHED], counts[downloading.Outcome.THERE]
    told.print(f"{fetched} fetched into {escape(str(given.folder))}, {there} there already.")
    return _report(failed, told)


def _choose(given: argparse.Namespace, client: AuthenticatedClient) -> list[downloading.Wanted]:
    if given.search:
        return list(downloading.photos_found(client, given.search))
    if given.album:
        return list(downloading.photos_of_album(client, find_album(client, given.album)))
    if given.ids:
        return list(downloading.photos_by_id(client, given.ids))
    return list(downloading.all_photos(client))


def _report(failed: list[tuple[str, str]], told: Console) -> int:
    """What failed and why, and the exit code for it."""
    if not failed:
        return 0
    told.print(f"{len(failed)} failed:")
    for name, reason in sorted(failed)[:_MOST_LISTED]:
        told.print(f"  {escape(name)}: {escape(reason)}", soft_wrap=True)
    if len(failed) > _MOST_LISTED:
        told.print(f"  and {len(failed) - _MOST_LISTED} more")
    return 1
