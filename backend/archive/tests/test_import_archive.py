"""`import_archive`: an archive, or the folder it was unpacked to, is in somebody's library."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backend.accounts.models import User
from backend.archive.people import settle_faces
from backend.archive.tests.scenes import archive_of, files_in, look_at, make_library, zip_of
from backend.people.models import Person
from backend.photos.models import Photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(stranger: User, tmp_path: Path) -> Path:
    make_library(stranger)
    path = tmp_path / "all.zip"
    path.write_bytes(archive_of(stranger))
    return path


def import_archive(*arguments: object) -> tuple[int, str]:
    """The exit code and what was printed."""
    output = io.StringIO()
    code = 0
    try:
        call_command("import_archive", *map(str, arguments), "--no-wait", stdout=output)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, output.getvalue()


def test_an_archive_is_imported_and_again_it_is_there(user: User, file: Path) -> None:
    code, output = import_archive(file, "--user", "alice")
    assert (code, "imported: 4" in output) == (0, True), output
    for photo in Photo.objects.filter(owner=user):
        look_at(photo)
    settle_faces()
    here, there = Person.objects.filter(name="小明")
    assert here.face_count == there.face_count > 1
    assert user.albums.count() == 3
    code, output = import_archive(file, "--user", "alice")
    assert (code, "already there: 4" in output) == (0, True), output
    assert Photo.objects.filter(owner=user).count() == 4
    assert user.albums.count() == 3


def test_a_folder_is_imported(user: User, file: Path) -> None:
    folder = file.parent / "unpacked"
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    code, output = import_archive(folder, "--user", "alice")
    assert (code, "imported: 4" in output) == (0, True), output


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(user: User, file: Path) -> None:
    files = files_in(file.read_bytes())
    files["photos/2023/05/china.jpg"] = b"broken"
    files["albums/00002.json"] = b"{}"
    file.write_bytes(zip_of(files))
    code, output = import_archive(file, "--user", "alice")
    assert code == 1
    assert "imported: 3" in output
    assert "china.jpg: read: damaged" in output
    assert "00002.json: read: bad_document" in output
    assert user.albums.count() == 2


def test_what_is_no_archive_is_told_in_one_line(user: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no archive\.json"):
        import_archive(tmp_path, "--user", "alice")
    with pytest.raises(CommandError, match="no ZIP file"):
        import_archive(__file__, "--user", "alice")
    with pytest.raises(CommandError, match="cannot be read"):
        import_archive(tmp_path / "nothing.zip", "--user", "alice")
