from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "fleet.outbox"
    label = "outbox"
