"""The HTTP API that page, CLI and users share."""
