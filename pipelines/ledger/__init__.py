"""Closing a month: what is frozen of it, the chain of hashes, and whether both still hold."""
