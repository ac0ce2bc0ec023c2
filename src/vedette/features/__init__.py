"""SafeBatch to observations: windows in event time."""
