from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_reading")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True, default="", help_text="Blank: what the browser asks for.", max_length=8
            ),
        ),
    ]
