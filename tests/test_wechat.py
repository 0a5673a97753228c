"""The album with a mini-program: what people share waits for WeChat, over HTTP on both sides."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from backend.wechat.tests import stand_in
from backend.wechat.tests.stand_in import WechatStandIn
from tests.conftest import NewAlbum, running
from tests.pictures import photo_file
from tests.stack import FUNCTIONS_WORKER, Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def wechat() -> Iterator[WechatStandIn]:
    started = WechatStandIn()
    yield started
    started.close()


@pytest.fixture(scope="module")
def wechat_stack(
    wechat: WechatStandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    settings = {
        "WECHAT_APP_ID": stand_in.APP_ID,
        "WECHAT_APP_SECRET": stand_in.SECRET,
        "WECHAT_MESSAGE_TOKEN": stand_in.TOKEN,
        "WECHAT_AES_KEY": stand_in.AES_KEY,
        "WECHAT_API_URL": wechat.url,
    }
    with running(tmp_path_factory, settings) as started:
        yield started


def deliver(wechat: WechatStandIn, stack: Stack) -> None:
    """WeChat sends what it has to say about the one picture."""
    query, body = wechat.send(wechat.messages.pop())
    url = f"{stack.url}/internal/wechat?{urlencode(query)}"
    answer = urllib3.request("POST", url, body=body, headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.data) == (200, b"success")


def test_what_is_shared_is_seen_once_wechat_has_let_it_pass(
    wechat: WechatStandIn, wechat_stack: Stack, new_album: NewAlbum
) -> None:
    album, file = new_album(wechat_stack), photo_file("coffee.png")
    album.call("PUT", "/me/wechat", {"code": wechat.visit("o-alice")}, expect=200)
    session = album.call("POST", "/auth/wechat", {"code": wechat.visit("o-alice")}, expect=200)
    assert session["user"]["username"] == album.username
    photo_id = album.upload(file)
    assert album.settle(photo_id)["status"] == "ready"
    shared = album.call("POST", "/albums", {"title": "咖啡"}, expect=201)["id"]
    album.call("POST", f"/albums/{shared}/photos", {"ids": [photo_id]}, expect=200)
    token = album.call("POST", f"/albums/{shared}/links", {}, expect=201)["token"]

    def seen() -> tuple[str, int]:
        found: Any = album.call("GET", f"/links/{token}", expect=200)
        return found["title"], found["photo_count"]

    assert seen() == ("", 0)
    wait_until("WeChat has fetched the picture", lambda: wechat.messages, seconds=150)
    assert seen()[1] == 0
    deliver(wechat, wechat_stack)
    wait_until("the album is shown", lambda: seen() == ("咖啡", 1), seconds=60)
    assert album.photo(photo_id)["sharing_check"]["state"] == "passed"


def test_neither_logs_nor_functions_hold_the_apps_secrets(wechat_stack: Stack) -> None:
    secrets = (stand_in.SECRET, stand_in.TOKEN, stand_in.AES_KEY, "access-token-")
    logs = [path.read_text(errors="replace") for path in wechat_stack.data_dir.rglob("*.log")]
    assert len(logs) > 3
    environment = wechat_stack.process(FUNCTIONS_WORKER).environment()
    # That they are read right shows in what must be there.
    assert "S3_BUCKET" in environment
    for secret in secrets:
        assert not any(secret in text for text in [*logs, *environment.values()])
