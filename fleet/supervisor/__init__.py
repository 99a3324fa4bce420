"""Starting, watching and stopping everything that one machine needs: `manage.py up`, the tests and the benchmarks.

Nothing in here imports Django: the supervisor must be able to start the database that Django's settings name.
"""
