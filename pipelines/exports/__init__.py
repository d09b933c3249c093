"""Writes files for people and systems that do not open Bursar, out of a publication."""
