"""Robots that nobody here wrote, or that were written without looking at what is here."""
