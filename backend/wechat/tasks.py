"""Celery's ways into wechat."""

from celery import shared_task

from backend.wechat.photo_checks import ask_about_photos, forget_answers
from backend.wechat.text_checks import ask_about_texts, forget_texts

# A round; WeChat takes 2,000 pictures a minute.
MOST = 200


@shared_task(name="wechat.ask")
def ask() -> None:
    ask_about_photos(limit=MOST)
    ask_about_texts(limit=MOST)


@shared_task(name="wechat.forget")
def forget() -> None:
    forget_answers()
    forget_texts()
