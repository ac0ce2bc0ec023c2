"""The bundled shop, its traffic, faults and attacks."""
