from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """The back-office. Its label is not `admin`, which is Django's own."""

    name = "admin"
    label = "backoffice"
    verbose_name = "Back-office"
