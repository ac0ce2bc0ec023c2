"""Real tools against the bundled shop on loopback: one incident each, with what they did in its evidence."""

import shutil

import pytest
from bench.tools import TOOLS, Watch, attacked, odd


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_one_security_incident_that_holds_its_requests(name: str, watch: Watch) -> None:
    program = TOOLS[name].program
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here: make e2e-setup")
    row = attacked(name, watch)
    assert row["requests"] >= 40, row
    assert row["kinds"] == ["security"], row
    assert row["in_evidence"] >= 0.95, row
    assert {one.partition(".")[0] for one in row["techniques"]} & {"T1190", "T1595"}, row


def test_half_an_hour_of_odd_visitors_is_no_security_incident(watch: Watch) -> None:
    row = odd(watch, 1)
    assert row["odd"] > 200, row
    assert row["security_incidents"] == [], row
