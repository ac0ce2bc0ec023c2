"""The door from RawBatch to SafeBatch."""
