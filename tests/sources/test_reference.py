"""Tables of data/reference: the regions are those of their clustering, codes refer to codes that exist."""

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering

from core.config import REFERENCE

FIGURES = [
    "area_sales_krw_total",
    "area_sales_krw_p50",
    "area_footfall_mean",
    "store_sales_krw_p50",
    "cell_sales_krw_p50",
]


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / f"{name}.csv", dtype=str, keep_default_na=False)


def test_regions_are_the_ward_clusters_of_the_districts_trade():
    districts = _read("districts")
    logs = np.log(districts[FIGURES].astype(float))
    scaled = (logs - logs.mean()) / logs.std(ddof=0)
    clusters = AgglomerativeClustering(n_clusters=6, linkage="ward").fit_predict(scaled)
    # Numbers of clusters mean nothing; the partition is the same if the pairs of numbers and names are one to one.
    pairs = set(zip(clusters.tolist(), districts["region"], strict=True))
    assert len(pairs) == len(set(clusters.tolist())) == districts["region"].nunique() == 6


def test_there_are_25_districts_of_seoul_each_once_in_a_known_region():
    districts = _read("districts")
    assert districts["district_code"].is_unique
    assert len(districts) == 25
    assert districts["district_code"].str.fullmatch(r"11\d{3}").all()
    assert set(districts["region"]) == set(_read("regions")["region"])
    assert districts["name_ko"].str.endswith("구").all()


def test_every_industry_has_a_category_and_the_family_of_its_code():
    industries = _read("industries")
    assert industries["industry_code"].is_unique
    assert set(industries["category"]) == set(_read("categories")["category"])
    families = industries["industry_code"].str[2].map({"1": "food", "2": "services", "3": "retail"})
    assert (families == industries["family"]).all()


def test_there_are_twelve_categories_and_each_family_has_one_default():
    categories = _read("categories")
    assert len(categories) == 12
    defaults = categories.loc[categories["family_default"] != "", "family_default"]
    assert sorted(defaults) == ["food", "retail", "services"]
    industries = _read("industries").set_index("category")["family"]
    for row in categories[categories["family_default"] != ""].itertuples():
        assert row.family_default in set(industries[[row.category]])


def test_mapped_codes_lead_to_known_industries():
    codes = set(_read("industries")["industry_code"])
    for name in ("ksic", "industries_2018"):
        assert set(_read(name)["industry_code"]) <= codes
    ksic = _read("ksic")["ksic"]
    assert ksic.is_unique
    assert ksic.str.fullmatch(r"\d{3,5}").all()


def test_names_of_the_old_generation_that_are_unchanged_keep_their_industry():
    new = _read("industries").set_index("name_ko")["industry_code"]
    old = _read("industries_2018").set_index("name_ko")["industry_code"]
    same = old.index.intersection(new.index)
    assert len(same) > 10
    assert (old[same] == new[same]).all()
