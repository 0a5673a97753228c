import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0001_initial"),
        ("search", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Documents know keys, owners and simplified characters from here on: all are made anew.
        migrations.RunSQL("delete from search_searchdocument", migrations.RunSQL.noop),
        migrations.RunSQL("update photos_photo set search_stale = true", migrations.RunSQL.noop),
        migrations.AddField(
            "searchdocument",
            "owner",
            models.ForeignKey(
                to=settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                db_index=False,
                default=None,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "searchdocument",
            "shown_local",
            models.DateTimeField(default=None),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "searchdocument",
            models.Index(
                models.F("owner"),
                models.OrderBy(models.F("shown_local"), descending=True),
                models.OrderBy(models.F("photo"), descending=True),
                name="search_newest",
            ),
        ),
        migrations.CreateModel(
            "Term",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("sort", models.CharField(max_length=10)),
                ("key", models.CharField(max_length=250)),
                ("name", models.CharField(max_length=200)),
                ("name_zh", models.CharField(max_length=200, blank=True)),
                ("spelling", models.CharField(max_length=100)),
                ("how", models.CharField(max_length=10)),
                (
                    "owner",
                    models.ForeignKey(
                        to=settings.AUTH_USER_MODEL,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_terms",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("owner"),
                        django.contrib.postgres.indexes.OpClass(
                            models.F("spelling"), "varchar_pattern_ops"
                        ),
                        name="term_spelling",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("spelling"), "gin_trgm_ops"
                        ),
                        name="term_trigrams",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        name="term_once_a_spelling",
                        fields=["owner", "sort", "key", "spelling", "how"],
                    )
                ],
            },
        ),
    ]
