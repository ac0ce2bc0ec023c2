import json

import pytest
from click.testing import CliRunner

from vedette.cli.client import Unreachable
from vedette.cli.prove import chosen_techniques
from vedette.cli.simulate import simulate
from vedette.errors import BadInput
from vedette.simulate.techniques import TECHNIQUES


def test_a_dry_run_prints_the_events_and_sends_none() -> None:
    done = CliRunner().invoke(
        simulate, ["T1059.004", "--dry-run", "--url", "http://127.0.0.1:9"], standalone_mode=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.exception is None
    assert lines
    assert {line["service.name"] for line in lines} == {"hosts"}
    assert all(line["ParentImage"] == "/usr/sbin/nginx" for line in lines)


def test_a_server_that_is_not_there_is_said_in_words() -> None:
    words = ["T1053.003", "--url", "http://127.0.0.1:9", "--intensity", "1000"]
    done = CliRunner().invoke(simulate, words, standalone_mode=False)
    assert isinstance(done.exception, Unreachable)
    assert "vedette up" in str(done.exception)


def test_without_a_name_all_are_chosen_and_a_parent_stands_for_its_sub_techniques() -> None:
    assert chosen_techniques(()) == list(TECHNIQUES)
    assert chosen_techniques(("T1110",)) == ["T1110.001", "T1110.003"]
    assert chosen_techniques(("T1190",)) == ["T1190", "T1190/json"]


def test_an_unknown_technique_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"got 'T0000', expected one of T1110\.001"):
        chosen_techniques(("T0000",))
