import stat
from pathlib import Path

from backend.embedded.own_secrets import keep_secrets


def test_secrets_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    first = keep_secrets(path, first={})
    assert keep_secrets(path, first={}) == first
    assert len(set(first.values())) == len(first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_release_adds_its_secrets_and_changes_none(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    path.write_text("SECRET_KEY=kept\nOF_LATER=kept too\n")
    secrets = keep_secrets(path, first={})
    assert secrets["SECRET_KEY"] == "kept"
    assert secrets["OF_LATER"] == "kept too"
    assert len(secrets["DELIVERY_SECRET"]) == 64


def test_a_given_password_is_kept_and_a_later_one_does_not_replace_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    assert keep_secrets(path, first={"ADMIN_PASSWORD": "mine"})["ADMIN_PASSWORD"] == "mine"
    assert keep_secrets(path, first={"ADMIN_PASSWORD": "new"})["ADMIN_PASSWORD"] == "mine"
