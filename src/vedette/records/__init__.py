"""Nouns only: what flows along the path, and what is kept of it."""
