"""What a service is to the others: the front end, a database, a worker …"""

from __future__ import annotations

from typing import Final

FRONTEND: Final = "frontend"
"""Answers requests that come from outside."""
BACKEND: Final = "backend"
"""Answers other services."""
WORKER: Final = "worker"
"""Takes from queues, and answers nobody."""

DATABASE: Final = "database"
CACHE: Final = "cache"
QUEUE: Final = "queue"
"""Keep what others store in them, or pass it on."""
EXTERNAL: Final = "external"
"""Answers, and sends no telemetry: mostly a third party."""

LONGEST: Final = 60


def tier_word(text: str) -> str:
    r"""Return a tier in one spelling; ``""`` for what is no word of one line and 60 characters at most.

    >>> tier_word(" Database"), tier_word("two\nlines")
    ('database', '')
    """
    word = text.strip().lower()
    return word if word.isprintable() and len(word) <= LONGEST else ""
