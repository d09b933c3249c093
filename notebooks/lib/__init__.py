"""What the apps share: queries, charts, formats."""
