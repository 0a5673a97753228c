import stat
from pathlib import Path

import pytest

from backend.embedded.env_file import fill_environment, read_env_file, write_env_file
from backend.embedded.errors import StartError


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.env"
    values = {
        "URL": "postgresql://a:b@127.0.0.1:1/x?sslmode=off",
        "EMPTY": "",
        "SPACED": "  a b ",
        "QUOTED": '"a"',
        "HASH": "a#b",
        "CHINESE": "拾光",
    }
    write_env_file(path, values)
    assert read_env_file(path) == values


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.env"
    path.write_text("OLD=1\n")
    path.chmod(0o644)
    write_env_file(path, {"NEW": "1"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.env"]


def test_a_value_of_two_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="KEY holds a line break"):
        write_env_file(tmp_path / "a.env", {"KEY": "a\nB=c"})


def test_comments_quotes_and_export_are_understood(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# a comment\n\nexport A=1\n B = \"two words\" \nC='x'\nD=\n")
    assert read_env_file(path) == {"A": "1", "B": "two words", "C": "x", "D": ""}


def test_a_line_that_sets_nothing_is_named_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\nhunter2\n")
    with pytest.raises(StartError, match=r"\.env, line 2") as caught:
        read_env_file(path)
    assert "hunter2" not in str(caught.value)


def test_no_file_holds_no_settings(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / "none.env") == {}


def test_the_environment_wins_over_env_and_env_over_the_instance(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=env\nB=env\nDATA_DIR=elsewhere\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "instance.env").write_text("A=instance\nB=instance\nC=instance\n")
    environ = {"A": "real", "C": ""}
    fill_environment(environ, folder=tmp_path, instance=True)
    assert environ == {"A": "real", "B": "env", "C": "instance", "DATA_DIR": "elsewhere"}


def test_up_itself_does_not_read_what_an_earlier_up_wrote(tmp_path: Path) -> None:
    (tmp_path / ".data").mkdir()
    (tmp_path / ".data" / "instance.env").write_text("DATABASE_URL=postgresql://old\n")
    environ: dict[str, str] = {}
    fill_environment(environ, folder=tmp_path, instance=False)
    assert environ == {}
