from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("robots", "0001_initial")]
    operations = [
        migrations.RemoveConstraint(model_name="robot", name="one_robot_per_serial"),
        migrations.AddConstraint(
            model_name="robot", constraint=models.UniqueConstraint(fields=["serial"], name="one_robot_per_serial")
        ),
    ]
