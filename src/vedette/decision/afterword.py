"""What an event that was announced late says of an episode."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Afterword:
    """What an announcement that came late says of an episode: that it excuses all of it, or may be its cause."""

    name: str
    time: int
    excuses: bool

    @property
    def text(self) -> str:
        """As a step of the timeline."""
        if self.excuses:
            return f"explained by {self.name}, which was announced later"
        return f"{self.name} came right before it, as was announced later"
