"""A made-up organization: what its people and accounts do for two months, and what a red team does among them."""

from vedette.simulate.organization.generate import Generated, a_campaign, generate
from vedette.simulate.organization.redteam import KINDS, Insertion
from vedette.simulate.organization.settings import Organization

__all__ = ["KINDS", "Generated", "Insertion", "Organization", "a_campaign", "generate"]
