"""Sigma 2.1: rules are loaded, compiled once, and matched over columns; correlations follow in event time."""
