"""Owners: segments of services and routes by number, in the order in which rows bring them."""

import numpy as np
import pyarrow as pa

from vedette.features.overrides import Overrides
from vedette.features.owners import Owners
from vedette.features.registry import Slots
from vedette.records import schema
from vedette.records.segment import Segment

WIDTH = 60 * 10**9


def batch(rows: list[tuple[str | None, str, str]]) -> pa.RecordBatch:
    names = (schema.SERVICE, schema.METHOD, schema.ROUTE)
    columns = [pa.array(column, pa.string()).dictionary_encode() for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=list(names))


def test_services_and_routes_get_numbers_in_order_of_first_occurrence() -> None:
    segments: Slots[Segment] = Slots(100)
    owners = Owners(segments, Overrides(()), WIDTH)
    rows = batch([("shop", "GET", "/a"), ("cart", "GET", "/a"), ("shop", "GET", "/a"), ("shop", "PUT", "/a")])
    service = owners.services(rows)
    assert service.tolist() == [0, 1, 0, 0]
    assert owners.routes(rows, np.zeros(4, np.int64), service, np.full(4, 200.0)).tolist() == [2, 3, 2, 4]
    assert [str(one.operation) for one in segments.keys] == ["", "", "GET /a", "GET /a", "PUT /a"]


def test_a_row_of_no_segment_has_no_route_either() -> None:
    segments: Slots[Segment] = Slots(1)
    owners = Owners(segments, Overrides(()), WIDTH)
    rows = batch([("shop", "GET", "/a"), ("cart", "GET", "/a")])
    service = owners.services(rows)
    assert service.tolist() == [0, -1]
    assert owners.routes(rows, np.zeros(2, np.int64), service, np.full(2, 200.0)).tolist() == [-1, -1]


def test_a_restored_one_gives_the_same_numbers() -> None:
    segments: Slots[Segment] = Slots(100)
    owners = Owners(segments, Overrides(()), WIDTH)
    rows, window, status = batch([("shop", "GET", "/a")]), np.zeros(1, np.int64), np.full(1, 200.0)
    before = owners.routes(rows, window, owners.services(rows), status).tolist()
    other = Owners(segments, Overrides(()), WIDTH)
    other.restore(owners.snapshot())
    assert other.routes(rows, window, other.services(rows), status).tolist() == before
