"""The demo: photos out of wheels, into the album, and what it says of them."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import override_settings

from backend.accounts.models import User
from backend.analysis import starting, states
from backend.analysis.services import record_result
from backend.conftest import faces, inspection, labels, make_result, text
from backend.core import storage
from backend.people.tasks import assign
from backend.photos.models import Photo
from backend.search.demo import DemoError, DemoPhoto, DemoSearch, fetch_photos, read_demo
from backend.search.management.commands import demo
from backend.search.tasks import index
from functions.contract import ANALYSIS_TASK, Failure, Findings, Kind, ModerationFindings

pytestmark = pytest.mark.django_db(transaction=True)

PHOTOS = Path(__file__).parents[3] / "functions" / "tests" / "photos"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[DemoPhoto]:
    """A wheel with two photos is all that pip can find, and nothing is fetched yet."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    names = ("chelsea.png", "text.png")
    with zipfile.ZipFile(wheels / "toyphotos-1.0-py3-none-any.whl", "w") as wheel:
        for name in names:
            wheel.write(PHOTOS / name, f"toyphotos/{name}")
        about = "toyphotos-1.0.dist-info"
        wheel.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: toyphotos\nVersion: 1.0\n"
        )
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("NETWORKS_DIR", str(tmp_path / "networks"))
    return [toy_photo(name) for name in names]


def toy_photo(name: str) -> DemoPhoto:
    content = (PHOTOS / name).read_bytes()
    return DemoPhoto(
        file=name,
        shows='what a test "needs"',
        source="Stéfan van der Walt",
        licence="CC0 1.0",
        package="toyphotos",
        version="1.0",
        member=f"toyphotos/{name}",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is worked on at once: results as the functions deliver them, then indexing."""

    def work(name: str, *args: str, **options: object) -> bool:
        if name == ANALYSIS_TASK:
            deliver(Photo.objects.get(id=args[0]))
        elif name == "people.assign":
            assign()
            index()
        else:
            index()
        return True

    monkeypatch.setattr(starting, "enqueue", work)
    monkeypatch.setattr(states, "enqueue", work)


def deliver(photo: Photo) -> None:
    is_cat = photo.filename == "chelsea.png"
    found: dict[Kind, Findings | Failure] = {
        Kind.INSPECTION: inspection(),
        Kind.FACES: faces(),
        Kind.LABELS: labels(("cat", "猫")) if is_cat else labels(),
        Kind.TEXT: text() if is_cat else text("corner detection", "second line"),
        Kind.MODERATION: ModerationFindings(score=0.02),
    }
    for kind, findings in found.items():
        record_result(make_result(photo, findings, kind=kind))


@pytest.fixture
def searches() -> list[DemoSearch]:
    queries = {"cat": "English", "猫": "Chinese", "corner": "text", "zebra": "nothing"}
    return [DemoSearch(query=query, shows=shows) for query, shows in queries.items()]


@pytest.fixture
def admin(user: User) -> User:
    user.is_superuser = True
    user.save()
    return user


def run_demo(
    photos: list[DemoPhoto], searches: list[DemoSearch], monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setattr(demo, "read_demo", lambda: (photos, searches))
    output = io.StringIO()
    call_command("demo", stdout=output)
    return output.getvalue()


@pytest.mark.usefixtures("workers", "admin")
def test_the_demo_tells_what_was_found_and_finds_it_again(
    photos: list[DemoPhoto], searches: list[DemoSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = run_demo(photos, searches, monkeypatch)
    assert "Stéfan van der Walt; CC0 1.0" in output
    assert "imported: 2" in output
    assert "photo chelsea.png; things cat 猫 0.90; place Arezzo" in output
    assert "text corner detection; place" in output
    assert "Search for '猫' (Chinese):\n  chelsea.png: label 'cat 猫'" in output
    assert "Search for 'corner' (text):\n  text.png: text 'corner detection'" in output
    assert "Search for 'zebra' (nothing):\n  nothing" in output
    assert "Open the album at " in output
    assert "sign in as alice" in output


@pytest.mark.usefixtures("workers", "admin")
def test_the_demo_again_says_the_same_of_what_is_there(
    photos: list[DemoPhoto], searches: list[DemoSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_demo(photos, searches, monkeypatch)
    # Whoever imported the cat under another name keeps it.
    Photo.objects.filter(filename="chelsea.png").update(filename="my cat.png")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    output = run_demo(photos, searches, monkeypatch)
    assert "already there: 2" in output
    assert "photo my cat.png; things cat 猫 0.90" in output
    assert Photo.objects.count() == 2


def test_photos_come_out_of_the_wheel_with_their_bytes_checked(
    photos: list[DemoPhoto], tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    said = list(fetch_photos(photos, folder))
    assert f"2 files are in {folder}" in said[-1]
    for photo in photos:
        assert (folder / photo.file).read_bytes() == (PHOTOS / photo.file).read_bytes()
    # What was damaged since is brought anew.
    (folder / "text.png").write_bytes(b"x" * photos[1].size)
    list(fetch_photos(photos, folder))
    assert (folder / "text.png").read_bytes() == (PHOTOS / "text.png").read_bytes()


def test_a_package_that_cannot_be_had_is_said_in_one_line(
    photos: list[DemoPhoto], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(DemoError, match="the lines above say why"):
        list(fetch_photos(photos, tmp_path / "demo"))
    (tmp_path / "file").write_text("")
    with pytest.raises(DemoError, match="cannot be written"):
        list(fetch_photos(photos, tmp_path / "file" / "demo"))


@pytest.mark.usefixtures("admin")
def test_without_storage_the_demo_ends_with_how_to_start_it(
    photos: list[DemoPhoto], searches: list[DemoSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    with override_settings(S3_ENDPOINT_URL="http://127.0.0.1:9"):
        storage._client.cache_clear()
        with pytest.raises(CommandError, match=r"storage does not answer.*`make up`"):
            run_demo(photos, searches, monkeypatch)
    storage._client.cache_clear()


def test_without_a_database_the_demo_ends_with_how_to_start_it(
    photos: list[DemoPhoto], searches: list[DemoSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = connection.get_connection_params() | {"port": "9"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: parameters)
    with pytest.raises(CommandError, match=r"database does not answer.*`make up`"):
        run_demo(photos, searches, monkeypatch)


def test_every_photo_of_the_demo_names_its_source_and_licence() -> None:
    photos, searches = read_demo()
    assert 10 <= len(photos) <= 15
    assert len({photo.file for photo in photos}) == len(photos)
    for photo in photos:
        assert photo.shows
        assert photo.source
        assert photo.licence
        assert Path(photo.file).name == photo.file
        assert len(photo.sha256) == 64
    assert len(searches) == 3
