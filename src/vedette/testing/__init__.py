"""The laws that every detector keeps, for us and for others."""

from vedette.testing.laws import LAWS, LawBroken, check_detector
from vedette.testing.trials import ItemsTrial, SeriesTrial, Trial, VectorsTrial

__all__ = ["LAWS", "ItemsTrial", "LawBroken", "SeriesTrial", "Trial", "VectorsTrial", "check_detector"]
