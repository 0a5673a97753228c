from pathlib import Path

from shiguang.folder import look_into


def names(root: Path, **how: bool) -> list[str]:
    return [str(found.path.relative_to(root)) for found in look_into(root, **how).photos]


def test_links_and_hidden_files_are_passed_over_unless_they_are_wanted(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for name in ("b/2.JPG", "b/.3.png", ".thumbs/4.png", "1.heic", "notes.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/5.png").write_bytes(b"x")
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "6.png").symlink_to(root / "1.heic")
    (root / "b/again").symlink_to(root)
    (root / "7.png").symlink_to(tmp_path / "nowhere")
    assert names(root) == ["1.heic", "b/2.JPG"]
    assert names(root, hidden=True) == ["1.heic", ".thumbs/4.png", "b/.3.png", "b/2.JPG"]
    # A folder that holds itself is entered once.
    assert names(root, follow=True) == ["1.heic", "6.png", "b/2.JPG", "linked/5.png"]
    assert look_into(root).others == [root / "notes.txt"]
    assert [found.path for found in look_into(root / "1.heic").photos] == [root / "1.heic"]
