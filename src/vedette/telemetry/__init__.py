"""Our own metrics, each declared once."""
