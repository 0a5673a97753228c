from django.apps import AppConfig


class LeavingConfig(AppConfig):
    name = "backend.leaving"
    label = "leaving"
