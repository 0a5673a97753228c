"""The Python client in the repository is what the API's document gives."""

import filecmp
from pathlib import Path

from backend.api.management.commands.generate_client import CLIENT, generate


def test_the_client_is_that_of_this_api(tmp_path: Path) -> None:
    fresh = tmp_path / "shiguang_client"
    generate(fresh)
    written, kept = (
        {path.relative_to(folder) for path in folder.rglob("*.py")} for folder in (fresh, CLIENT)
    )
    assert written == kept, "the API has changed: make client"
    _, different, unread = filecmp.cmpfiles(fresh, CLIENT, written, shallow=False)
    assert different + unread == [], "the API has changed: make client"
