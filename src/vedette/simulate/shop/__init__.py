"""A small shop, truly injectable, for loopback demonstrations only."""
