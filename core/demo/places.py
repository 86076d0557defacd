"""Made-up trade areas: points inside the real districts, in degrees (WGS84) and in the city's metres (EPSG:5181).

Codes and names are made up: no code of the city begins with the same digits.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from core.demo.calibration import Calibration
from core.demo.names import area_names
from core.sources.districts import boundaries

AREAS_PER_REAL_AREA = 0.135
FEWEST, MOST = 8, 14
# Kinds of areas: code, name, first digits of area codes, share, stores relative to an alley area, log sales per store.
KINDS = (
    ("A", "골목상권", "3119", 0.72, 1.0, 0.0),
    ("D", "발달상권", "3129", 0.14, 3.5, 0.35),
    ("R", "전통시장", "3139", 0.14, 1.4, 0.05),
)
METRES_APART = 350.0
DEGREES_PER_METRE = 1 / 111_000


@dataclass(frozen=True)
class Places:
    """Trade areas (one row each) and the district polygons they lie in."""

    areas: pd.DataFrame
    polygons: dict[str, shapely.Geometry]


def demo_places(facts: Calibration, rng: np.random.Generator) -> Places:
    """Eight to fourteen areas a district: code, kind, name, coordinates, size, price level."""
    polygons = boundaries()
    blocks = [_areas_of(district, polygons[district.district_code], rng) for district in facts.districts.itertuples()]
    areas = pd.concat(blocks, ignore_index=True)
    prefix = areas["kind"].map({code: prefix for code, _, prefix, *_ in KINDS})
    number = areas.groupby("kind").cumcount() + 1
    areas["area_code"] = prefix + number.map("{:03d}".format)
    areas["x5181"], areas["y5181"] = epsg5181(areas["lat"].to_numpy(), areas["lon"].to_numpy())
    return Places(areas, polygons)


def _areas_of(district: Any, polygon: shapely.Geometry, rng: np.random.Generator) -> pd.DataFrame:
    n = int(np.clip(round(district.areas * AREAS_PER_REAL_AREA), FEWEST, MOST))
    kind = rng.choice(len(KINDS), n, p=[share for *_, share, _, _ in KINDS])
    lat, lon = _points_inside(polygon, n, rng)
    dong = np.arange(n) // 3 + 1
    return pd.DataFrame(
        {
            "kind": [KINDS[k][0] for k in kind],
            "kind_name": [KINDS[k][1] for k in kind],
            "area_name": area_names(district.name_ko, n, rng),
            "district_code": district.district_code,
            "district_name": district.name_ko,
            "dong_code": [f"{district.district_code}9{d:02d}" for d in dong],
            "dong_name": [f"데모{d}동" for d in dong],
            "lat": lat,
            "lon": lon,
            "area_m2": rng.lognormal(11.2, 0.6, n).astype(int),
            "stores_factor": np.array([KINDS[k][4] for k in kind]) * rng.lognormal(0.0, 0.35, n),
            "price": np.array([KINDS[k][5] for k in kind]) + rng.normal(0.0, 0.25, n),
        }
    )


def _points_inside(polygon: shapely.Geometry, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = polygon.bounds
    lon, lat = rng.uniform(west, east, 60 * n), rng.uniform(south, north, 60 * n)
    inside = np.flatnonzero(shapely.contains_xy(polygon, lon, lat))[:n]
    return lat[inside].round(6), lon[inside].round(6)


def near(places: Places, area: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of points within walking distance of each area (index), in the same district."""
    rows = places.areas
    lat, lon = rows["lat"].to_numpy()[area], rows["lon"].to_numpy()[area]
    step = METRES_APART * DEGREES_PER_METRE
    new_lat, new_lon = lat + rng.normal(0, step / 2, len(area)), lon + rng.normal(0, step / 1.6, len(area))
    district = rows["district_code"].to_numpy()[area]
    for code, polygon in places.polygons.items():
        own = np.flatnonzero(district == code)
        outside = own[~shapely.contains_xy(polygon, new_lon[own], new_lat[own])]
        new_lat[outside], new_lon[outside] = lat[outside], lon[outside]
    return new_lat.round(6), new_lon.round(6)


def epsg5181(lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres east and north in EPSG:5181 of WGS84 degrees (transverse Mercator on GRS80, origin 38 N 127 E).

    Source: J. P. Snyder, Map Projections: a Working Manual (USGS 1395, 1987), equations 3-21 and 8-9 to 8-15.
    """
    axis, flattening = 6_378_137.0, 1 / 298.257222101
    e2 = flattening * (2 - flattening)
    second_e2 = e2 / (1 - e2)
    phi, turn = np.radians(lat), np.radians(np.asarray(lon) - 127.0)
    radius = axis / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    tangent2, bend, a = np.tan(phi) ** 2, second_e2 * np.cos(phi) ** 2, turn * np.cos(phi)
    east = radius * (a + (1 - tangent2 + bend) * a**3 / 6)
    arc = _meridian_arc(phi, axis, e2) - _meridian_arc(np.radians(np.array(38.0)), axis, e2)
    north = arc + radius * np.tan(phi) * (a**2 / 2 + (5 - tangent2 + 9 * bend + 4 * bend**2) * a**4 / 24)
    return np.round(200_000 + east).astype(int), np.round(500_000 + north).astype(int)


def _meridian_arc(phi: np.ndarray, axis: float, e2: float) -> np.ndarray:
    """Metres along the meridian from the equator (Snyder 3-21)."""
    return axis * (
        (1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * phi
        - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * np.sin(2 * phi)
        + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * np.sin(4 * phi)
        - (35 * e2**3 / 3072) * np.sin(6 * phi)
    )
