"""Two runs of a build compared by their telemetry: what changed, how surely, and how badly."""
