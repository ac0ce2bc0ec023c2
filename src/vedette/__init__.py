"""Vedette watches applications, learns what is normal and reports few, explained incidents."""

__version__ = "0.1.0"
