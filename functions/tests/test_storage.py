"""Reading originals and writing renditions, over HTTP."""

from collections.abc import Iterator

import pytest

from functions import storage
from functions.config import config
from functions.contract import Rendition, original_key, rendition_key
from functions.errors import AnalysisError
from functions.tests.lambda_world import LambdaWorld

PHOTO = "01890000-0000-7000-8000-000000000000"
DATA = b"the bytes of a photo"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaWorld]:
    with LambdaWorld() as world:
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("FUNCTIONS_S3_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("FUNCTIONS_S3_SECRET_ACCESS_KEY", "secret")
        config.cache_clear()
        storage._client.cache_clear()
        client = storage._client()
        yield world
        client.close()
    storage._client.cache_clear()
    config.cache_clear()


def failure(*, size: int = len(DATA)) -> tuple[str, str, bool]:
    with pytest.raises(AnalysisError) as caught:
        storage.read_original(PHOTO, size=size)
    return caught.value.stage, caught.value.code, caught.value.permanent


def test_an_original_is_read_as_it_was_uploaded(world: LambdaWorld) -> None:
    world.objects[original_key(PHOTO)] = DATA
    assert storage.read_original(PHOTO, size=len(DATA)) == DATA


def test_a_rendition_is_read_as_it_was_written(world: LambdaWorld) -> None:
    storage.write_rendition(PHOTO, Rendition.PREVIEW, DATA)
    assert world.objects[rendition_key(PHOTO, Rendition.PREVIEW)] == DATA
    assert storage.read_rendition(PHOTO, Rendition.PREVIEW) == DATA


def test_an_original_that_is_gone_is_not_asked_for_again(world: LambdaWorld) -> None:
    assert failure() == ("read", "object_missing", True)


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
def test_another_size_than_was_announced_is_told(world: LambdaWorld, size: int) -> None:
    world.objects[original_key(PHOTO)] = DATA
    assert failure(size=size) == ("read", "size_mismatch", True)


def test_a_storage_that_is_away_is_worth_another_try(world: LambdaWorld) -> None:
    world.objects[original_key(PHOTO)] = DATA
    world.__exit__(None, None, None)
    assert failure() == ("read", "storage_unavailable", False)
