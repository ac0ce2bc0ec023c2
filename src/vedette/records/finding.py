"""A detector's explained deviation of one series or scope in one window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from vedette.records.segment import Segment


class Kind(StrEnum):
    """What sort of trouble it is."""

    PERFORMANCE = "performance"
    SECURITY = "security"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation that passed calibration and budget.

    Parameters
    ----------
    detector
        ``baseline``, ``novelty`` …
    segment, feature
        Whose, and which number or attribute.
    start, end
        Window in ns since the epoch.
    actual, expected, lower, upper
        The number against its band; for novelty, occurrences against the expected number.
    p_value
        Calibrated chance of a value at least as odd in ordinary times.
    surprise
        ``-log10`` of the model's own probability, before calibration.
    threshold
        The p-value that the alert budget asked for when this was found.
    counterfactual
        "would not have fired if …", as the bound that the value would have had to keep.
    unit
        ``s``, ``By``, ``1`` (ratio), ``{request}`` … (UCUM)
    item
        For novelty: the new or rare item, masked.
    entities
        Masked identities behind it, most active first.
    techniques
        ATT&CK technique ids, may be empty.
    evidence
        Masked example records, at most ten.
    told
        What the detector says of it in words, where the numbers alone do not say it.
    """

    detector: str
    segment: Segment
    feature: str
    kind: Kind
    start: int
    end: int
    actual: float
    expected: float
    lower: float
    upper: float
    p_value: float
    surprise: float
    threshold: float
    counterfactual: float
    unit: str
    item: str = ""
    entities: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    told: str = ""

    @property
    def id(self) -> str:
        """Deterministic name: a repeated step overwrites and never doubles."""
        text = f"{self.detector}\0{self.segment}\0{self.feature}\0{self.item}\0{self.start}"
        return blake2b(text.encode(), digest_size=12).hexdigest()
