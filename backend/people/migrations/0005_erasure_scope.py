"""Each erasure says what it was of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_named_people")]

    operations = [
        migrations.AddField(
            model_name="erasure",
            name="scope",
            field=models.CharField(
                choices=[
                    ("person", "Person"),
                    ("photos", "Photos"),
                    ("everything", "Everything"),
                ],
                default="everything",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "update people_erasure set scope = 'person' where person_id is not null",
            migrations.RunSQL.noop,
        ),
    ]
