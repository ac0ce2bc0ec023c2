import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from vedette.features.columns import Texts
from vedette.features.routes import ANY, MANY, UNKNOWN, Routes, places
from vedette.records.texts import padded

WIDTH = 60


def assign(routes: Routes, rows: list[tuple[str, int, int]]) -> list[str]:
    texts = list(dict.fromkeys(path for path, _, _ in rows))
    codes = np.array([texts.index(path) for path, _, _ in rows])
    paths = Texts(codes, *padded(pa.array(texts, pa.string())))
    out = routes.assign(paths, np.array([row[1] for row in rows]), np.array([float(row[2]) for row in rows]))
    return [out.values[code] for code in out.codes.tolist()]


def test_deep_paths_are_bounded() -> None:
    assert places("/" + "/".join("abcdefghijkl"))[-1] == "{…}"


def test_many_names_collapse_two_windows_later() -> None:
    routes = Routes(WIDTH)
    first = assign(routes, [(f"/user/name{chr(97 + i)}x", 0, 200) for i in range(26)] + [("/user/zoex", 0, 200)])
    assert first[0] == "/user/nameax"
    assert assign(routes, [("/user/nameax", 2 * WIDTH, 200)]) == [f"/user/{ANY}"]
    assert MANY == 25


def test_a_scan_makes_no_routes() -> None:
    routes = Routes(WIDTH)
    assert assign(routes, [("/", 0, 200), ("/login", 0, 200)]) == ["/", "/login"]
    scanned = assign(routes, [(f"/admin{chr(97 + i % 26)}{i}x.php", WIDTH, 404) for i in range(200)])
    assert set(scanned) == {UNKNOWN}


def test_a_known_path_that_fails_keeps_its_route() -> None:
    routes = Routes(WIDTH)
    assign(routes, [("/login", 0, 200)])
    assert assign(routes, [("/login", 3 * WIDTH, 401)]) == ["/login"]


def test_null_paths_have_no_route() -> None:
    out = Routes(WIDTH).assign(
        Texts(np.array([-1]), *padded(pa.array([], pa.string()))), np.array([0]), np.array([200.0])
    )
    assert out.codes.tolist() == [-1]


row = st.tuples(
    st.sampled_from([f"/a/{chr(97 + i)}q" for i in range(26)] + [f"/a/{chr(97 + i)}z" for i in range(6)] + ["/login"]),
    st.integers(0, 6),
    st.sampled_from([200, 404]),
)


@given(st.lists(row, min_size=1, max_size=120), st.integers(0, 120))
def test_no_cut_of_the_stream_shows(rows: list[tuple[str, int, int]], cut: int) -> None:
    ordered = sorted(((path, window * WIDTH, status) for path, window, status in rows), key=lambda one: one[1])
    parted = Routes(WIDTH)
    cut = min(cut, len(ordered))
    # rows of a window always arrive before those of the window after the next: lateness is below the width
    pieces = [assign(parted, piece) for piece in (ordered[:cut], ordered[cut:]) if piece]
    assert [route for piece in pieces for route in piece] == assign(Routes(WIDTH), ordered)


def test_snapshot_restores() -> None:
    routes, other = Routes(WIDTH), Routes(WIDTH)
    assign(routes, [(f"/a/{chr(97 + i)}x", 0, 200) for i in range(26)] + [("/a/zx/deep", 0, 200)])
    other.restore(routes.snapshot())
    rows = [("/a/bx", 5 * WIDTH, 200), ("/a/bx", 0, 404), ("/none", 5 * WIDTH, 404)]
    assert assign(routes, rows) == assign(other, rows)
