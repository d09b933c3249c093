"""Claude Code transcripts: the same totals by ccusage, and what both cost."""
