"""Persons: how long they are kept, who may see them, and what is written down of either.

docs/decisions/retention.md says why it is as it is.
"""
