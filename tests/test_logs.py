"""What the programs of a real album write into their logs."""

import pytest

from tests.album import Album
from tests.pictures import photo_file
from tests.stack import Stack

pytestmark = pytest.mark.stack


def test_no_log_holds_what_opens_a_link_or_a_picture(stack: Stack, album: Album) -> None:
    photo = album.settle(album.upload(photo_file("rocket.jpg")))
    made = album.call("POST", "/albums", {"title": "Summer"}, expect=201)
    album.call("POST", f"/albums/{made['id']}/photos", {"ids": [photo["id"]]}, expect=200)
    path = f"/albums/{made['id']}/links"
    link = album.call("POST", path, {"allow_download": True}, expect=201)
    shown = album.call("GET", f"/links/{link['token']}", expect=200)
    grant = shown["cover"]["urls"]["original"].rpartition("/")[2]
    assert album.fetch(shown["cover"]["urls"]["original"]).status == 200
    album.call("DELETE", f"{path}/{link['id']}", expect=204)
    # The server writes a line about what is not found.
    for gone in (f"{link['url']}/photos?access={shown['access']}", link["url"], shown["archive"]):
        assert album.fetch(gone).status == 404
    assert album.fetch(f"{stack.url}/objects/{grant}").status == 404
    logs = {
        file.name: file.read_text(errors="replace")
        for file in (stack.data_dir / "logs").iterdir()
        if file.is_file()
    }
    assert "Not Found: /api/v1/links/***" in logs["web-server.log"]
    for secret in (link["token"], grant, shown["access"]):
        assert [name for name, text in logs.items() if secret in text] == []
