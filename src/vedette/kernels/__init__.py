"""The only compiled code: numba loops over bytes and arrays."""
