"""Words that WeChat reads before others do.

Whoever shows what somebody wrote to others calls `check_text` when it is written, and leaves out
`hidden_texts` when it is shown. Where WeChat is not configured nothing is checked or hidden.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.wechat import client
from backend.wechat.checks import ASKING, NOT_LINKED, ask_in_turn, openid_of, postpone, settle
from backend.wechat.client import Opinion, WechatError
from backend.wechat.models import TextCheck

MOST = 2500  # characters that WeChat takes at once
# So long a person may want to see what passed; others wrote it, and may have deleted it.
TEXTS_KEPT = timedelta(days=30)
_OVERLAP = 100  # of two pieces, so that no phrase is cut in two
_GRAVITY = ("pass", "review", "risky")


def digest_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def check_text(author: User, text: str, *, scene: TextCheck.Scene) -> None:
    """Ask WeChat about words that the author writes for others; outside of any transaction.

    What it cannot say now is asked again later; until it has passed the text is among the
    hidden_texts. Safe to run twice. Raises RefusedError text_refused.
    """
    if not settings.WECHAT_CHECKS or not text.strip():
        return
    check, is_new = TextCheck.objects.get_or_create(
        author=author,
        digest=digest_text(text),
        # The sweep takes over if this process dies.
        defaults={
            **{"text": text, "scene": scene, "attempts": 1},
            "due_at": timezone.now() + ASKING,
        },
    )
    if is_new:
        try:
            _ask(check)
        except WechatError as error:
            postpone(check, error)
        check.refresh_from_db()
    if check.state == TextCheck.State.REFUSED:
        raise RefusedError("text_refused")


def request_text_checks(written: Iterable[tuple[UUID, str]], *, scene: TextCheck.Scene) -> None:
    """WeChat is asked soon about these words of these authors, each once. Safe to run twice."""
    TextCheck.objects.bulk_create(
        (
            TextCheck(
                **{"author_id": author_id, "text": text, "digest": digest_text(text)},
                **{"scene": scene, "due_at": timezone.now()},
            )
            for author_id, text in written
        ),
        ignore_conflicts=True,
    )


def hidden_texts(texts: Iterable[str]) -> set[str]:
    """Those that others may not read, or not yet. One query."""
    if not settings.WECHAT_CHECKS:
        return set()
    written = {digest_text(text): text for text in texts if text.strip()}
    found = TextCheck.objects.filter(digest__in=written).values_list("digest", "state")
    states = set(found)
    shown = {
        digest
        for digest in written
        if (digest, TextCheck.State.PASSED) in states
        and (digest, TextCheck.State.REFUSED) not in states
    }
    return {text for digest, text in written.items() if digest not in shown}


def ask_about_texts(*, limit: int) -> int:
    """What is due is asked. Returns how many were. Workers may run it side by side."""
    return ask_in_turn(TextCheck.objects.order_by("due_at"), _ask, limit=limit)


def forget_texts() -> None:
    """Of what has passed long ago only the digest is kept. Safe to run twice."""
    old = TextCheck.objects.filter(
        state=TextCheck.State.PASSED, decided_at__lt=timezone.now() - TEXTS_KEPT
    )
    old.exclude(text="").update(text="")


def _ask(check: TextCheck) -> None:
    settle(check, _opinion_of(check))


def _opinion_of(check: TextCheck) -> Opinion:
    """The worst that WeChat says of any piece. Raises WechatError."""
    openid = openid_of(check.author_id)
    if openid is None:
        raise WechatError(NOT_LINKED)
    starts = range(0, max(len(check.text) - _OVERLAP, 1), MOST - _OVERLAP)
    opinions = [
        client.check_text(check.text[start : start + MOST], openid=openid, scene=check.scene)
        for start in starts
    ]
    return max(opinions, key=lambda opinion: _GRAVITY.index(opinion.suggest))
