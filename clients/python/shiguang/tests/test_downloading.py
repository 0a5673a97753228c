import pytest

from shiguang.downloading import clean_name


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("IMG_1.jpg", "IMG_1.jpg"),
        ("海边 2023.jpg", "海边 2023.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (".bashrc", "bashrc"),
        ("a\x00b\n.jpg", "a_b_.jpg"),
        ("..", ""),
        ("C:\\x.jpg", "C_x.jpg"),
    ],
)
def test_a_name_leads_nowhere_else(told: str, name: str) -> None:
    assert clean_name(told) == name


def test_a_long_name_is_cut_before_its_ending() -> None:
    name = clean_name("照" * 300 + ".jpg")
    assert name.endswith("照.jpg")
    assert len(name.encode()) <= 200
