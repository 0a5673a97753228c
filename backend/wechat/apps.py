from django.apps import AppConfig


class WechatConfig(AppConfig):
    name = "backend.wechat"
    label = "wechat"
