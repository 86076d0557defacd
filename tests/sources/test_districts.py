"""The district of a coordinate: inside, on a border, outside Seoul."""

import pandas as pd
import shapely

from core.sources.districts import boundaries, districts_of


def test_a_point_on_a_border_gets_the_same_district_in_every_file():
    districts = boundaries()
    border = shapely.get_coordinates(districts["11140"].intersection(districts["11110"]))[0]
    inside = [shapely.get_coordinates(shape.representative_point())[0] for shape in districts.values()]
    points = pd.DataFrame([inside[0], border, *inside[1:], (129.08, 35.18)], columns=["lon", "lat"])
    assert sum(shape.intersects(shapely.Point(border)) for shape in districts.values()) >= 2
    codes = districts_of(points["lat"], points["lon"])
    assert codes.iloc[[0, *range(2, 26)]].tolist() == list(districts)
    assert codes.iloc[1] == districts_of(points["lat"].iloc[[1]], points["lon"].iloc[[1]]).iloc[0] == "11110"
    assert codes.isna().tolist() == [False] * 26 + [True]
