from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "fleet.ledger"
    label = "ledger"
