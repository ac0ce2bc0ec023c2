"""The pictures: well-formed, and as the figures have it."""

from xml.etree import ElementTree

import numpy as np
from bench import floors, plots, svg


def test_the_picture_of_the_floors_is_of_the_list_as_it_is() -> None:
    assert (plots.FOLDER / "floors.svg").read_text() == plots.asked(floors.load()), "python -m bench plots"


def test_pictures_are_well_formed_whatever_they_say() -> None:
    panel = svg.Panel(10, 20, 100, 50, 0.0, 10.0, 5)
    panel.title("a < b & c")
    panel.band(np.zeros(5), np.full(5, 20.0))
    panel.line(np.arange(5.0))
    panel.marks([4], np.arange(5.0))
    root = ElementTree.fromstring(svg.document(120, 80, 'said "so"', panel.parts))
    assert [one.tag.rpartition("}")[2] for one in root] == ["rect", "text", "path", "polygon", "polyline", "circle"]
    circle = root[-1].attrib
    assert (float(circle["cx"]), float(circle["cy"])) == (110.0, 50.0)
    points = [tuple(map(float, one.split(","))) for one in root[3].attrib["points"].split()]
    assert min(y for _, y in points) == 20.0


def test_series_say_what_is_seen_of_them() -> None:
    made = plots.series()
    assert "not seen" in made[plots.NOT_SEEN][0]
    assert all(len(value) == plots.DAYS * plots.DAY for _, value in made.values())
