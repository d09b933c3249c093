"""The largest numbers that are taken at the door; every source refuses more as `bad_number`.

What is larger is a fault of the record. Up to these bounds all that the build does with a number
(a count times a price, hours in seconds, an amount times a share) fits its types.
"""

from __future__ import annotations

LARGEST_COUNT = 10**12
"""Tokens, requests and other whole numbers of one record."""

LARGEST_AMOUNT = 10**15
"""Money, quantities and bytes of one record, whatever their sign."""

LARGEST_PRICE_PER_MILLION = 10**9
"""A price of the organisation's own list; times LARGEST_COUNT it gives LARGEST_AMOUNT."""

LARGEST_RATE = 10**6
"""What one unit of a currency costs in another one; times LARGEST_AMOUNT it fits the money type."""
