"""Speed and memory of the whole road, as ratios to bare DuckDB doing the same work."""
