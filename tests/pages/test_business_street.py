"""Own slump and street slump are told apart by two places, each among at least ten."""

import pandas as pd
import pytest

from pages.shared.parts import business_street
from pages.shared.read import read

BASE = {
    "change_raw": -0.3,
    "industry_n": 40,
    "industry_percentile": 0.1,
    "category_n": 90,
    "category_percentile": 0.9,
    "area_n": 165,
    "area_percentile": 0.8,
    "district_n": 25,
    "district_percentile": 0.2,
    "seoul_growth": 0.0,
}


def _street(**changes) -> pd.Series:
    return pd.Series(BASE | changes, dtype=object)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "own"),
        ({"industry_percentile": 0.7, "area_percentile": 0.1}, "street"),
        ({"area_percentile": 0.1}, "both"),
        ({"industry_percentile": 0.7}, "neither"),
        ({"industry_n": 9}, "neither"),  # too few of the industry: the category's place
        ({"area_n": 0, "area_percentile": None}, "both"),  # no trade area: the district's place
        ({"industry_n": 9, "category_n": 9}, "unclear"),
        ({"area_n": 0, "area_percentile": None, "district_percentile": None}, "unclear"),
        ({"change_raw": None}, "unclear"),
    ],
)
def test_two_places_make_four_stances(changes, expected):
    assert business_street.stance(_street(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"change_raw": 0.1}, ["no_fall"]),
        ({"industry_percentile": 0.7, "seoul_growth": -0.1}, ["city_fell"]),
        ({"industry_percentile": 0.7}, ["others_fell"]),
        ({"industry_percentile": 0.7, "change_raw": 0.0}, []),
        ({"change_raw": None}, []),
    ],
)
def test_a_low_place_is_not_called_a_fall(changes, expected):
    assert business_street.nuances(_street(**changes)) == expected


@pytest.mark.slow
def test_the_place_of_the_trade_area_is_its_rank_by_growth_in_seoul(query):
    rows = query(
        "SELECT s.business_id, s.manager_id, s.industry_code, m.sales_yoy FROM business_scores s"
        " JOIN market_scores m ON m.area_code = s.trade_area_code AND m.industry_code = s.industry_code"
        " WHERE m.quarter = (SELECT max(quarter) FROM market_scores) AND m.sales_yoy IS NOT NULL AND s.state = 'OK'"
        " ORDER BY s.business_id LIMIT 5"
    )
    assert rows
    for business_id, manager, industry, growth in rows:
        others = [
            row[0]
            for row in query(
                "SELECT sales_yoy FROM market_scores WHERE industry_code = $industry AND sales_yoy IS NOT NULL"
                " AND quarter = (SELECT max(quarter) FROM market_scores)",
                industry=industry,
            )
        ]
        below = sum(other < growth for other in others) + 0.5 * sum(other == growth for other in others)
        street = read("shared/business_street", business_id=business_id, manager_ids=[manager]).iloc[0]
        assert street["area_n"] == len(others)
        assert street["area_percentile"] == pytest.approx(below / len(others))


@pytest.mark.slow
def test_the_own_place_is_that_among_the_open_of_the_district_and_nobody_of_unknown_change_has_one(query):
    sql = "SELECT business_id, district_code, category, industry_code, state, change_raw FROM business_scores"
    book = pd.DataFrame(query(sql), columns=["id", "district", "category", "industry", "state", "change"])
    peers = book[(book["state"] != "CLOSED") & book["change"].notna()]
    rows = query("SELECT business_id, industry_n, industry_percentile, category_n, category_percentile"
                 " FROM business_street ORDER BY hash(business_id) LIMIT 400")  # fmt: skip
    assert len(rows) == 400
    chosen = book.set_index("id")
    for business_id, *figures in rows:
        business = chosen.loc[business_id]
        near = peers[(peers["district"] == business["district"]) & (peers["category"] == business["category"])]
        expected = []
        for group in (near[near["industry"] == business["industry"]], near):
            below = (group["change"] < business["change"]).sum() + 0.5 * (group["change"] == business["change"]).sum()
            expected += [len(group), below / len(group) if len(group) and pd.notna(business["change"]) else None]
        assert figures == pytest.approx(expected)
    assert chosen.loc[[row[0] for row in rows], "change"].isna().any()
