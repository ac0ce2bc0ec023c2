"""The durable, replayable record of what came in."""
