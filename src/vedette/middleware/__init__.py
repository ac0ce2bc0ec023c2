"""For applications: tells Vedette how request bodies are built, never what is in them."""

from vedette.middleware.wsgi import StructureMiddleware

__all__ = ["StructureMiddleware"]
