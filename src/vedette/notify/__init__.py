"""Tells other systems about incidents."""
