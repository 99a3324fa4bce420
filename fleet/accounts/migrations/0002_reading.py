"""The planner becomes a choice of the site. Until now the column was shown and never used, so nobody has chosen."""

from django.db import migrations, models


def nobody_has_chosen(apps, schema_editor):
    apps.get_model("accounts", "Site").objects.update(planner="")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='site',
            name='planner',
            field=models.CharField(blank=True, choices=[('compact', 'Compact: our own trained model'), ('rules', 'Rules: deterministic, no model'), ('qwen', 'Qwen: a language model from a folder on this machine'), ('endpoint', 'Endpoint: a language model on a server')], default='', max_length=40),
        ),
        migrations.AddField(
            model_name='site',
            name='keeps_feedback',
            field=models.BooleanField(default=False, help_text='People may store texts that were read wrongly, as evaluation data.'),
        ),
        migrations.RunPython(nobody_has_chosen, migrations.RunPython.noop),
    ]
