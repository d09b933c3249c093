"""The marimo apps, one file each."""
