"""Settings of WeChat: read once, loudly."""

import subprocess
import sys
from os import environ

import pytest
from django.core.exceptions import ImproperlyConfigured

from backend.core import env
from backend.embedded.process import ROOT
from backend.wechat.tests.stand_in import AES_KEY, APP_ID, SECRET, TOKEN

ID, KEY = {"WECHAT_APP_ID": APP_ID}, {"WECHAT_APP_SECRET": SECRET}
SHOW = (
    "from backend import settings as s; "
    "print(bool(s.WECHAT_APP_ID), s.WECHAT_CHECKS, 'albums.check_shared' in "
    "{each['task'] for each in s.CELERY_BEAT_SCHEDULE.values()})"
)


def read(settings: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    own = {name: value for name, value in environ.items() if not name.startswith("WECHAT_")}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(
        command, cwd=ROOT, env=own | settings, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "False False False"),
        (ID | KEY, "True False False"),
        (ID | KEY | {"WECHAT_MESSAGE_TOKEN": TOKEN}, "True True True"),
        ({"WECHAT_MESSAGE_TOKEN": TOKEN}, "False False False"),
    ],
)
def test_what_is_set_is_what_is_done(settings: dict[str, str], shown: str) -> None:
    assert read(settings).stdout.strip() == shown


def test_an_app_without_its_secret_stops_the_start() -> None:
    found = read(ID)
    assert found.returncode != 0
    assert "WECHAT_APP_SECRET is not set" in found.stderr


@pytest.mark.parametrize("key", ["short", "A" * 44, "A" * 42 + "!", "A" * 43 + "\n"])
def test_what_is_no_key_is_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_AES_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="WECHAT_AES_KEY"):
        env.aes_key("WECHAT_AES_KEY")


def test_a_key_is_as_wechats_console_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_AES_KEY", AES_KEY)
    assert env.aes_key("WECHAT_AES_KEY") == AES_KEY
    monkeypatch.delenv("WECHAT_AES_KEY")
    assert env.aes_key("WECHAT_AES_KEY") == ""
