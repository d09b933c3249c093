"""A folder a source; see docs/architecture.md, section 1."""
