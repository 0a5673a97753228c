"""Documents say whether there is anybody on the photo: all are written anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0002_terms"), ("photos", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "update photos_photo set search_stale = true where not search_stale",
            migrations.RunSQL.noop,
        )
    ]
