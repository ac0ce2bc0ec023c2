import json
from pathlib import Path

import pytest

from vedette.assembly import make_gateway
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.journal.commit import GroupCommit
from vedette.journal.log import Journal


@pytest.mark.parametrize("row", [{"msg": "item 7"}, {"path": "/a", "status": 200}])
def test_lines_go_through_the_rules_into_the_journal_as_the_decoder_made_them(
    tmp_path: Path, row: dict[str, object]
) -> None:
    lines = [json.dumps({"time": f"2026-10-10T13:00:{second:02}Z", **row}) for second in range(5)]
    decoded = JsonLines("app").decode("\n".join([*lines, '{"time": "2026-10-10T13:00:09Z", "msg": "x"}']).encode(), 0)
    with Journal(tmp_path / "journal") as journal:
        commit = GroupCommit(journal)
        number = make_gateway(load(None), b"k" * 32, commit).accept(decoded, "test").result(10)
        (chunk,) = journal.read(0, number, number + 1)
        assert sum(len(batch) for batch in chunk.batches) == 6
        commit.close()
