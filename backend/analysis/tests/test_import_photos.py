"""`import_photos`: real files over HTTP into real object storage, and what is said of them."""

import contextlib
import hashlib
import io
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from backend.accounts.models import User
from backend.analysis import import_command, import_waiting, importing
from backend.analysis.form_upload import FormUploader
from backend.analysis.import_waiting import AnalysisWatch, StalledError
from backend.analysis.importing import Importer, Outcome, Result, ServersAwayError
from backend.analysis.models import Analysis
from backend.analysis.photo_files import find_files, guess_content_type
from backend.analysis.services import receive_upload, record_result
from backend.conftest import faces, inspection, labels, make_photo, make_result, text
from backend.core import storage
from backend.photos.models import Photo
from backend.photos.services import issue_upload_ticket
from functions.contract import Failure, Findings, Kind, ModerationFindings, original_key

pytestmark = pytest.mark.django_db(transaction=True)

PHOTOS = Path(__file__).parents[3] / "functions" / "tests" / "photos"
NAMES = ("chelsea.png", "china.jpg", "coffee.png", "rocket.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos, two of them in a folder of their own."""
    root = tmp_path / "photos"
    (root / "trip").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        shutil.copy(PHOTOS / name, root / ("trip" if number % 2 else ".") / name)
    return root


@pytest.fixture
def owner(user: User) -> User:
    """The only superuser, so that the command needs no name."""
    user.is_superuser = user.is_staff = True
    user.save()
    return user


def import_photos(*arguments: object) -> tuple[int, str]:
    """The exit code and what was printed."""
    output = io.StringIO()
    code = 0
    try:
        call_command("import_photos", *map(str, arguments), stdout=output)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, output.getvalue()


def send(owner: User, *files: Path, patience_s: float = 20) -> list[Outcome]:
    importer = Importer(owner=owner, say=lambda line: None, patience_s=patience_s)
    with contextlib.closing(importer.send(files)) as sending:
        return list(sending)


def finish(photo: Photo, *, failing: Kind | None = None) -> None:
    """Deliver what the functions would; one kind may fail."""
    found: dict[Kind, Findings] = {
        Kind.INSPECTION: inspection(),
        Kind.FACES: faces(),
        Kind.LABELS: labels(("cat", "猫")),
        Kind.TEXT: text(),
        Kind.MODERATION: ModerationFindings(score=0.01),
    }
    failure = Failure(stage="decode", code="corrupt", detail="It is damaged.", permanent=True)
    for kind, findings in found.items():
        record_result(make_result(photo, failure if kind == failing else findings, kind=kind))


def test_every_photo_of_a_folder_is_in_storage_and_in_processing(owner: User, folder: Path) -> None:
    code, output = import_photos(folder, "--no-wait")
    assert code == 0
    assert "imported: 4" in output
    photos = Photo.objects.filter(owner=owner, status="processing")
    assert set(photos.values_list("filename", flat=True)) == set(NAMES)
    for photo in photos:
        stored = storage.open_object(original_key(str(photo.id)))
        assert stored is not None
        assert b"".join(stored.chunks) == (PHOTOS / photo.filename).read_bytes()
        assert photo.analyses.count() == len(Kind)


def test_a_second_run_imports_nothing_and_counts_what_is_there(owner: User, folder: Path) -> None:
    import_photos(folder, "--no-wait")
    code, output = import_photos(folder, "--no-wait")
    assert code == 0
    assert "imported: 0" in output
    assert "already there: 4" in output
    owner.refresh_from_db()
    assert owner.used_bytes == sum((PHOTOS / name).stat().st_size for name in NAMES)


def test_equal_bytes_in_one_run_are_one_photo(owner: User, folder: Path) -> None:
    for number in range(6):
        shutil.copy(folder / "chelsea.png", folder / f"copy{number}.png")
    _, output = import_photos(folder, "--no-wait")
    assert "imported: 4" in output
    assert "already there: 6" in output
    assert Photo.objects.count() == 4


def test_a_photo_whose_upload_was_begun_is_continued(owner: User, folder: Path) -> None:
    path = folder / "chelsea.png"
    photo = begin(owner, path)
    (outcome,) = send(owner, path)
    assert (outcome.result, outcome.photo_id) == (Result.IMPORTED, photo.id)
    photo.refresh_from_db()
    assert photo.status == "processing"


def test_bytes_that_arrived_unannounced_are_not_sent_again(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "chelsea.png"
    photo = begin(owner, path)
    storage._client().put_object(
        Bucket="photos", Key=original_key(str(photo.id)), Body=path.read_bytes()
    )

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the bytes were sent again")

    monkeypatch.setattr(FormUploader, "send", refuse)
    (outcome,) = send(owner, path)
    assert outcome.result == Result.IMPORTED


def begin(owner: User, path: Path) -> Photo:
    content = path.read_bytes()
    return issue_upload_ticket(
        owner=owner,
        filename=path.name,
        size=len(content),
        content_type="image/png",
        sha256=hashlib.sha256(content).hexdigest(),
    ).photo


def test_what_inspection_refuses_is_a_row_and_exit_code_1(owner: User, folder: Path) -> None:
    import_photos(folder, "--no-wait")
    broken = Photo.objects.get(filename="china.jpg")
    finish(broken, failing=Kind.INSPECTION)
    for photo in Photo.objects.exclude(id=broken.id):
        finish(photo)
    code, output = import_photos(folder)
    assert code == 1
    assert "failed: trip/china.jpg: inspection/decode: corrupt: It is damaged." in output
    assert "already there: 3" in output
    assert "failed: 1" in output


def test_a_photo_that_one_analysis_failed_on_is_a_row_too(owner: User, folder: Path) -> None:
    import_photos(folder, "--no-wait")
    for photo in Photo.objects.all():
        finish(photo, failing=Kind.TEXT if photo.filename == "coffee.png" else None)
    assert set(Photo.objects.values_list("status", flat=True)) == {"ready"}
    code, output = import_photos(folder)
    assert code == 1
    assert "failed: coffee.png: text/decode: corrupt" in output


def test_what_cannot_be_taken_is_named_with_code_and_reason(
    owner: User, folder: Path, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES = 300_000
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "old.bmp").write_bytes(b"BM" + bytes(60))
    (folder / "raw.NEF").write_bytes(b"MM\x00*" + bytes(60))
    (folder / "notes.txt").write_text("hello")
    (folder / "film.mp4").write_bytes(bytes(4) + b"ftypisom" + bytes(60))
    code, output = import_photos(folder, "--no-wait")
    assert code == 1
    assert "failed: coffee.png: ticket: too_large: It is larger than 0.3 MB." in output
    assert "failed: empty.jpg: ticket: empty_file" in output
    assert "failed: old.bmp: ticket: unsupported_type" in output
    assert "failed: raw.NEF: ticket: unsupported_type" in output
    assert "imported: 3" in output
    assert "passed over: 2 (" in output
    assert "1 not a photo: .txt" in output


def test_a_full_account_refuses_what_does_not_fit_and_takes_the_rest(
    owner: User, folder: Path
) -> None:
    owner.quota_bytes = (folder / "trip" / "rocket.jpg").stat().st_size
    owner.save()
    outcomes = send(owner, folder / "coffee.png", folder / "trip" / "rocket.jpg")
    results = {outcome.path.name: (outcome.result, outcome.code) for outcome in outcomes}
    assert results["coffee.png"] == (Result.FAILED, "quota_exceeded")
    assert results["rocket.jpg"] == (Result.IMPORTED, "")


def test_links_pipes_and_hidden_files_are_never_opened(owner: User, folder: Path) -> None:
    outside = folder.parent / "outside.png"
    shutil.copy(PHOTOS / "astronaut.png", outside)
    (folder / "outside.png").symlink_to(outside)
    (folder / "inside.png").symlink_to(folder / "chelsea.png")
    (folder / "trip" / "loop").symlink_to(folder)
    (folder / ".hidden.png").write_bytes(outside.read_bytes())
    os.mkfifo(folder / "pipe.jpg")
    found = find_files(folder)
    assert [path.name for path in found.files] == ["chelsea.png", "coffee.png", *NAMES[1::2]]
    skipped = {skipped.path.name: skipped.code for skipped in found.skipped}
    assert skipped == {"inside.png": "link", "outside.png": "link_outside", "loop": "link"}
    # What turns into a pipe or a link after the walk is not waited for or followed either.
    outcomes = send(owner, folder / "pipe.jpg", folder / "outside.png")
    assert {outcome.code for outcome in outcomes} == {"unreadable"}


def test_a_file_that_vanished_is_a_row_and_the_others_are_imported(
    owner: User, folder: Path
) -> None:
    outcomes = send(owner, folder / "gone.jpg", folder / "coffee.png")
    results = {outcome.path.name: (outcome.result, outcome.code) for outcome in outcomes}
    assert results["gone.jpg"] == (Result.FAILED, "unreadable")
    assert results["coffee.png"] == (Result.IMPORTED, "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_and_a_file_without_permission_are_rows(owner: User, folder: Path) -> None:
    (folder / "coffee.png").chmod(0)
    (folder / "trip").chmod(0)
    code, output = import_photos(folder, "--no-wait")
    (folder / "trip").chmod(0o700)
    assert code == 1
    assert "failed: coffee.png: read: unreadable: It cannot be read: Permission denied." in output
    assert "failed: trip: read: unreadable" in output


def test_a_file_that_grows_while_it_is_read_is_not_half_imported(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "chelsea.png"
    hash_of = Importer._hash

    def hash_then_grow(importer: Importer, file: io.BufferedReader) -> str:
        digest = hash_of(importer, file)
        with path.open("ab") as more:
            more.write(b"more")
        return digest

    monkeypatch.setattr(Importer, "_hash", hash_then_grow)
    (outcome,) = send(owner, path)
    assert (outcome.result, outcome.code) == (Result.FAILED, "file_changed")
    assert storage.head(original_key(str(Photo.objects.get().id))) is None


def test_other_bytes_of_the_same_length_are_refused_by_storage(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Importer, "_hash", lambda importer, file: "ab" * 32)
    (outcome,) = send(owner, folder / "chelsea.png")
    assert outcome.result == Result.FAILED
    assert outcome.code in ("file_changed", "upload_refused")
    assert storage.head(original_key(str(Photo.objects.get().id))) is None


def test_a_name_that_would_steer_the_terminal_is_printed_harmlessly(
    owner: User, folder: Path
) -> None:
    (folder / "coffee.png").rename(folder / os.fsdecode(b"[red]\x1b[31m\xff.png"))
    (folder / "empty\n[b].png").write_bytes(b"")
    code, output = import_photos(folder, "--no-wait")
    assert code == 1
    assert "failed: empty�[b].png" in output
    assert "\x1b" not in output
    assert Photo.objects.filter(filename="[red][31m.png").exists()


class Gate:
    """A way to object storage that can be shut: connections are then closed at once."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.refuse = 0  # so many connections
        self._sockets = [self._listener]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        for end in self._sockets:
            with contextlib.suppress(OSError):  # it wakes who waits for it
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in self._sockets:
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.refuse:
                    self.refuse -= 1
                    client.close()
                    continue
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                for ends in ((client, server), (server, client)):
                    thread = threading.Thread(target=_pump, args=ends)
                    thread.start()
                    self._threads.append(thread)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def gate(settings: Any) -> Iterator[Gate]:
    """Clients are signed for a gate in front of the real storage."""
    host, _, port = str(settings.S3_ENDPOINT_URL).removeprefix("http://").rpartition(":")
    gate = Gate((host, int(port)))
    settings.S3_PUBLIC_ENDPOINT_URL = f"http://127.0.0.1:{gate.port}"
    storage._public_client.cache_clear()
    yield gate
    gate.close()
    storage._public_client.cache_clear()


def test_connections_that_break_are_tried_again(owner: User, folder: Path, gate: Gate) -> None:
    gate.refuse = 5
    outcomes = send(owner, *find_files(folder).files)
    assert [outcome.result for outcome in outcomes] == [Result.IMPORTED] * 4
    assert gate.refuse == 0


def test_storage_that_stays_away_ends_the_run_and_the_next_one_goes_on(
    owner: User, folder: Path, gate: Gate
) -> None:
    gate.refuse = 1_000_000
    with pytest.raises(ServersAwayError, match="Object storage does not answer"):
        send(owner, *find_files(folder).files, patience_s=1)
    assert Photo.objects.filter(status="awaiting_upload").exists()
    gate.refuse = 0
    outcomes = send(owner, *find_files(folder).files)
    assert [outcome.result for outcome in outcomes] == [Result.IMPORTED] * 4


def test_a_database_that_is_away_for_a_moment_costs_no_photo(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([OperationalError("the server closed the connection")] * 3)

    def flaky(**wanted: object) -> object:
        if error := next(failures, None):
            raise error
        return issue_upload_ticket(**wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "issue_upload_ticket", flaky)
    outcomes = send(owner, *find_files(folder).files)
    assert [outcome.result for outcome in outcomes] == [Result.IMPORTED] * 4


def test_a_photo_lost_between_upload_and_answer_counts_as_imported(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([BrokenAfterCommitError()])
    receive = receive_upload

    def received_but_unsaid(photo: Photo) -> bool:
        done = receive(photo)
        if error := next(failures, None):
            raise error
        return done

    monkeypatch.setattr(importing, "receive_upload", received_but_unsaid)
    (outcome,) = send(owner, folder / "coffee.png")
    assert outcome.result == Result.IMPORTED


class BrokenAfterCommitError(OperationalError):
    """The connection broke after the commit."""


def test_closing_the_iterator_stops_the_rest(owner: User, folder: Path) -> None:
    for number in range(40):
        (folder / f"{number}.png").write_bytes((PHOTOS / "text.png").read_bytes() + bytes([number]))
    sending = Importer(owner=owner, say=lambda line: None).send(find_files(folder).files)
    next(sending)
    sending.close()
    assert Photo.objects.count() < 44


def test_ctrl_c_says_how_to_go_on(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(watch: AnalysisWatch) -> Iterator[int]:
        raise KeyboardInterrupt
        yield 0

    monkeypatch.setattr(AnalysisWatch, "settle", interrupt)
    code, output = import_photos(folder)
    assert code == 130
    assert "imported: 4" in output
    assert "run the same again to go on" in output


def test_waiting_ends_when_every_photo_is_ready_or_failed(owner: User) -> None:
    photos = [make_photo(owner) for _ in range(3)]
    settling = AnalysisWatch([photo.id for photo in photos], say=print).settle()
    assert next(settling) == 0
    finish(photos[0])
    assert next(settling) == 1
    finish(photos[1], failing=Kind.INSPECTION)
    photos[2].delete()
    assert next(settling) == 3
    assert list(settling) == []


def test_waiting_goes_on_soon_after_an_outage(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    pauses: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=pauses.append)
    monkeypatch.setattr(import_waiting, "time", clock)
    look = AnalysisWatch._look

    def look_after_outage(watch: AnalysisWatch) -> object:
        now[0] += 60
        return look(watch)

    monkeypatch.setattr(AnalysisWatch, "_look", look_after_outage)
    photo = make_photo(owner)
    settling = AnalysisWatch([photo.id], say=print).settle()
    assert next(settling) == 0
    finish(photo)
    assert list(settling) == [1]
    assert pauses == [import_waiting.MOST_POLL_S]


def test_waiting_for_nobody_ends_and_says_what_hangs(owner: User) -> None:
    photo = make_photo(owner)
    receive_upload(photo)
    said: list[str] = []
    watch = AnalysisWatch([photo.id], say=said.append, stall_s=1.5)
    with pytest.raises(StalledError, match="No functions worker"):
        list(watch.settle())
    assert "1 photo waits" in said[0]
    assert Analysis.objects.filter(photo=photo, state="queued").count() == len(Kind)


def test_the_owner_is_the_named_user_or_the_only_superuser(owner: User, stranger: User) -> None:
    assert import_command.find_owner("mallory") == stranger
    assert import_command.find_owner(None) == owner
    with pytest.raises(CommandError, match=r"no user 'bob'\. Users: alice, mallory"):
        import_command.find_owner("bob")
    stranger.is_superuser = True
    stranger.save()
    with pytest.raises(CommandError, match="Say --user NAME"):
        import_command.find_owner(None)


def test_a_folder_that_is_not_there_is_one_line() -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        import_photos("/nowhere/at/all")


@pytest.mark.parametrize(
    ("name", "head", "content_type"),
    [
        ("a.jpg", b"", "image/jpeg"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.txt", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.bin", b"\x00\x00\x00\x18ftypheic", "image/heic"),
        ("a.dng", b"II*\x00", "image/x-dng"),
        ("a.bmp", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.html", b"<html>", None),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom", None),
    ],
)
def test_the_declared_type_comes_from_the_first_bytes_else_the_name(
    name: str, head: bytes, content_type: str | None
) -> None:
    assert guess_content_type(Path(name), head) == content_type
