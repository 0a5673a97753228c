from django.apps import AppConfig, apps


class BackofficeConfig(AppConfig):
    """The back-office. Its label is not `admin`, which is Django's own."""

    name = "admin"
    label = "backoffice"
    verbose_name = "Back-office"

    def ready(self) -> None:
        from admin.names import give_names

        # Django makes its site on first use, which is after this.
        apps.get_app_config("admin").default_site = "admin.site.BackofficeSite"  # type: ignore[attr-defined]
        give_names()
