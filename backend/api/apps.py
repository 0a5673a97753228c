from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "backend.api"
    label = "api"

    def ready(self) -> None:
        # The schema's extensions register themselves when they are imported.
        from backend.api import schema  # noqa: F401
