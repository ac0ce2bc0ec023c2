"""Indicators of compromise: read from lists, kept in the data folder, looked up in raw events before the gate."""
