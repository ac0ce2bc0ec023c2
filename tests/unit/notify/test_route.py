"""Which team an incident is for: by service, environment and tier, all of those that are given."""

from __future__ import annotations

from typing import Any

import pytest

from vedette.config.routes import routes, teams
from vedette.errors import ConfigError
from vedette.notify.message import message
from vedette.notify.route import Routes, Team
from vedette.notify.sample import sample
from vedette.notify.words import Words


def incident(tier: str | None) -> dict[str, Any]:
    made = {name: value for name, value in sample(10**18).items() if name != "tier"}
    return made if tier is None else {**made, "tier": tier}


@pytest.mark.parametrize(
    ("team", "tier", "owned"),
    [
        (Team(tiers=("database", "cache")), "cache", True),
        (Team(tiers=("data*",)), "database", True),
        (Team(tiers=("database",)), "frontend", False),
        (Team(tiers=("database",)), "", False),
        (Team(tiers=("database",)), None, False),
        (Team(("web",), tiers=("frontend",)), "frontend", True),
        (Team(("api",), tiers=("frontend",)), "frontend", False),
        (Team(("web",), ("test",)), None, True),
    ],
)
def test_a_team_owns_what_all_that_is_given_fits(team: Team, tier: str | None, owned: bool) -> None:
    assert team.owns(incident(tier)) is owned


def test_incidents_of_a_tier_go_to_its_team() -> None:
    owners = teams({"dba": {"tiers": ["database"]}})
    found = routes([{"channels": ["pager"], "teams": ["dba"]}, {"channels": ["chat"]}])
    ways = Routes(found, owners)
    assert ways.channels(incident("database"), 0) == ["pager"]
    assert ways.channels(incident("frontend"), 0) == ["chat"]


def test_a_team_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"notify\.teams\.x: .* services, environments, tiers or some of them"):
        teams({"x": {}})


def test_a_message_says_the_tier_where_it_is_known() -> None:
    words = Words(headline="$tier: $service")
    told = message(incident("database"), words)
    assert (told.title, told.facts[0]) == ("database: web", ("Where", "test/web POST /checkout · database"))
    assert message(incident(None), Words()).facts[0] == ("Where", "test/web POST /checkout")
