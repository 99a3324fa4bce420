"""Flows through the real processes: `manage.py up` as a child, nothing faked."""
