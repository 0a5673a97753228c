"""An album that is connected with WeChat, or rather with what stands in for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import User
from backend.wechat.models import Identity
from backend.wechat.tests.stand_in import AES_KEY, APP_ID, SECRET, TOKEN, WechatStandIn


@pytest.fixture
def wechat(settings: Any) -> Iterator[WechatStandIn]:
    cache.clear()
    stand_in = WechatStandIn()
    settings.WECHAT_APP_ID, settings.WECHAT_APP_SECRET = APP_ID, SECRET
    settings.WECHAT_MESSAGE_TOKEN, settings.WECHAT_AES_KEY = TOKEN, AES_KEY
    settings.WECHAT_API_URL, settings.WECHAT_CHECKS = stand_in.url, True
    yield stand_in
    stand_in.close()


def link(user: User, wechat: WechatStandIn, *, openid: str = "o-alice") -> Identity:
    """The user is in the mini-program."""
    wechat.visit(openid)
    return Identity.objects.create(user=user, openid=openid, visited_at=timezone.now())
