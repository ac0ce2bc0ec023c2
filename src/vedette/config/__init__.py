"""What the operator may set, and how it is read."""
