"""From scores to few, explained incidents."""
