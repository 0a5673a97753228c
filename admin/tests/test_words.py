"""Both languages say everything."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest
from django.apps import apps
from django.test import Client
from django.utils import translation

from admin import names, upload_page
from admin.words import VALUES, WORDS, say, say_value
from backend.accounts.models import User
from backend.albums.models import Role
from backend.analysis.models import Analysis, Batch
from backend.photos.models import Photo
from backend.wechat.models import PhotoCheck
from functions.contract import Kind

FOLDER = Path(names.__file__).parent


def sentences_in_code() -> set[str]:
    found: set[str] = set()
    for file in FOLDER.glob("**/*.py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    found.add(str(argument.value))
    for template in FOLDER.glob("templates/**/*.html"):
        found.update(re.findall(r'{% say "([^"]+)"', template.read_text(encoding="utf-8")))
    return found | set(upload_page._SENTENCES.values()) | set(VALUES.values())


def test_the_table_holds_what_is_said_and_nothing_else() -> None:
    assert sentences_in_code() == set(WORDS)


@pytest.mark.parametrize(("english", "chinese"), WORDS.items())
def test_a_translation_is_chinese_and_fills_in_the_same(english: str, chinese: str) -> None:
    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert blanks(english) == blanks(chinese)
    assert re.search(r"[\u4e00-\u9fff]", chinese) or blanks(english)


def test_a_sentence_is_in_the_language_of_its_reader() -> None:
    sentence = say("Tag added: {name}.", name="sea")
    with translation.override("zh-hans"):
        assert str(sentence) == "已添加标记：sea。"
    with translation.override("en"):
        assert str(sentence) == "Tag added: sea."


def test_a_sentence_without_a_translation_fails_at_once() -> None:
    with pytest.raises(KeyError):
        say("Nobody has translated this.")


@pytest.mark.parametrize(
    "value",
    [
        *Kind,
        *Photo.Status.values,
        *Photo.Moderation.values,
        *Analysis.State.values,
        "trashed",
        *PhotoCheck.State.values,
        *Role,
        *Batch.State.values,
    ],
)
def test_every_value_has_a_name(value: str) -> None:
    assert value in VALUES
    with translation.override("zh-hans"):
        assert re.search(r"[\u4e00-\u9fff]", say_value(value))


def test_every_field_that_has_a_name_here_is_one(db: None) -> None:
    known = {
        field.name for path in names.MODELS for field in apps.get_model(path)._meta.get_fields()
    }
    assert set(names.FIELDS) <= known


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "照片"), ("en", "Photos")])
def test_the_reader_chooses_the_language(
    language: str, word: str, root: User, browser: Callable[[User | None], Client]
) -> None:
    client = browser(root)
    client.post("/admin/language/", {"language": language, "next": "/admin/"})
    body = client.get("/admin/photos/photo/").content.decode()
    assert f'<html lang="{language}"' in body
    assert f"<h1>{word}</h1>" in body


def test_the_language_can_be_chosen_before_signing_in(db: None) -> None:
    client = Client()
    client.post("/admin/language/", {"language": "zh-hans", "next": "/admin/login/"})
    assert "用户名" in client.get("/admin/login/").content.decode()
