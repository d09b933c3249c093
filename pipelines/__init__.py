"""Moves bytes in and out; never computes a cost, never joins two sources."""
