"""Reads a demo bank's files the plain way (pandas, no loader), so that the generator is tested for itself."""

from pathlib import Path

import numpy as np
import pandas as pd

MONTHS = pd.period_range("2019-01", "2024-12", freq="M").astype(str)
QUARTERS = [10 * year + k for year in range(2019, 2025) for k in (1, 2, 3, 4)]


def city(raw: Path, name: str) -> pd.DataFrame:
    """All city files whose name holds `name`, one below the other, codes as text."""
    files = sorted((raw / "seoul").glob(f"*{name}*.csv"))
    codes = dict.fromkeys(("상권_코드", "서비스_업종_코드", "자치구_코드", "행정동_코드"), str)
    return pd.concat([pd.read_csv(file, encoding="cp949", dtype=codes) for file in files], ignore_index=True)


def cells(raw: Path) -> pd.DataFrame:
    """One row an area, industry and quarter with shops: kind, t (0..23), stores, sales (NaN: absent), sales a shop."""
    keys = ["기준_년분기_코드", "상권_코드", "서비스_업종_코드"]
    sales = city(raw, "추정매출")[[*keys, "당월_매출_금액"]]
    stores = city(raw, "점포")[[*keys, "상권_구분_코드", "유사_업종_점포_수"]]
    rows = stores.merge(sales, how="left", on=keys, validate="1:1")
    rows.columns = ["quarter", "area", "industry", "kind", "stores", "sales"]
    return rows.assign(
        t=rows["quarter"].map({q: t for t, q in enumerate(QUARTERS)}), shop=rows["sales"] / rows["stores"]
    )


def wide(rows: pd.DataFrame, value: str, index: list[str]) -> pd.DataFrame:
    """Logarithm of the summed value, one column a quarter."""
    return np.log(rows.pivot_table(index=index, columns="t", values=value, aggfunc="sum", min_count=1))


class Bank:
    """The bank's tables, and any monthly column as a (businesses, 72) grid with NaN where there is no row."""

    def __init__(self, raw: Path) -> None:
        self.folder = raw / "bank"
        self.businesses = self.table("businesses", parse_dates=["opened_on", "customer_since", "status_on"])
        self.place = {business: i for i, business in enumerate(self.businesses["business_id"])}

    def table(self, name: str, **options: object) -> pd.DataFrame:
        """A table as pandas reads it, codes as text."""
        codes = {"district_code": str, "trade_area_code": str}
        return pd.read_csv(self.folder / f"{name}.csv", dtype=codes if name == "businesses" else None, **options)

    def grid(self, rows: pd.DataFrame, column: str) -> np.ndarray:
        """(businesses, 72) values of a monthly table."""
        values = np.full((len(self.place), len(MONTHS)), np.nan)
        month = rows["month"].map({month: t for t, month in enumerate(MONTHS)})
        values[rows["business_id"].map(self.place), month] = rows[column]
        return values

    def days_past_due(self) -> np.ndarray:
        """(businesses, 72) worst days past due over a business's loans; NaN without a loan."""
        owner = self.table("loans").set_index("loan_id")["business_id"]
        rows = self.table("repayments")
        rows["business_id"] = rows["loan_id"].map(owner)
        return self.grid(rows.groupby(["business_id", "month"], as_index=False)["days_past_due"].max(), "days_past_due")
