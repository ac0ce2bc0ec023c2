"""Pure streaming numbers over arrays."""
