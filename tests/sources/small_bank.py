"""A bank of three businesses, written as CSV files and loaded; a test changes a cell and looks what the loader says."""

from dataclasses import dataclass
from pathlib import Path

from core import db
from core.sources import load

MANAGERS = "manager_id,name,branch\nR1,김하늘,중앙\n"
BUSINESSES = (
    "business_id,name,registration_no,industry_code,district_code,opened_on,customer_since,manager_id,status\n"
    "B1,가람식당,123-45-67891,CS100001,11110,2015-03-02,2016-01-04,R1,open\n"
    "B2,나래의원,,CS200006,11680,2018-07-01,2018-07-01,R1,open\n"
    "B3,다온문구,,CS300021,11740,2011-05-05,2019-02-01,R1,closed\n"
)
REVENUE = "business_id,month,revenue_krw\nB1,2024-01,1000\nB1,2024-02,2000\nB2,2024-01,3000\nB3,2024-01,0\n"
LOANS = (
    "loan_id,business_id,product_id,principal_krw,annual_rate,opened_on,matures_on,repayment,closed_on\n"
    "L1,B1,P1,10000000,0.045,2023-01-10,2028-01-10,annuity,\n"
)
REPAYMENTS = "loan_id,month,due_krw,paid_krw,days_past_due\nL1,2024-01,200000,200000,0\n"
HOLDINGS = "holding_id,business_id,product_id,opened_on,ends_on,closed_on\nH1,B1,D1,2023-01-10,,\n"
CONTACTS = "contact_id,business_id,at,channel,topic,complaint\nC1,B1,2024-01-05 10:00:00,call,arrears,0\n"
INTERACTIONS = "business_id,product_id,at,action\nB1,P2,2024-01-05 10:00:00,viewed\n"
SUITABILITY = "business_id,kind,recorded_on,expires_on\nB1,loan,2023-06-01,2025-05-31\n"
PAYMENTS = (
    "payment_id,customer_id,business_id,at,amount_krw,merchant_id,merchant_category,method,succeeded\n"
    "T1,U1,B1,2024-01-05 10:00:00,5000,M1,korean_food,card,1\n"
)
BALANCES = "business_id,month,deposit_avg_krw,inflow_krw,outflow_krw\nB1,2024-01,500,100,90\n"
TABLES = {
    "managers": MANAGERS,
    "businesses": BUSINESSES,
    "revenue": REVENUE,
    "balances": BALANCES,
    "loans": LOANS,
    "repayments": REPAYMENTS,
    "holdings": HOLDINGS,
    "contacts": CONTACTS,
    "interactions": INTERACTIONS,
    "suitability": SUITABILITY,
    "payments": PAYMENTS,
}


@dataclass
class LoadedBank:
    """A database in memory with the checked tables of a data folder, and short queries on it."""

    con: db.Connection

    def rows(self, sql: str) -> list[tuple]:
        """Rows of a query."""
        return self.con.execute(sql).fetchall()

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        return db.count(self.con, table)

    def quarantined(self, table: str) -> list[tuple]:
        """(line, column, value, code, action) of a table's quarantine, in order of lines."""
        return self.rows(
            f"SELECT line, column_name, value, code, action FROM quarantine WHERE source_table = '{table}' "
            "ORDER BY line, column_name, code"
        )

    def codes(self, table: str) -> list[tuple]:
        """(line, code) of a table's quarantine."""
        return [(row[0], row[3]) for row in self.quarantined(table)]


def write_files(raw: Path, folder: str = "bank", **contents: str | bytes) -> Path:
    """Write files raw/<folder>/<name>.csv; the raw folder."""
    (raw / folder).mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (raw / folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return raw


def load_bank(raw: Path) -> LoadedBank:
    """Load a raw folder into memory; every row that was read must be in its table or in the quarantine."""
    con = db.connect()
    load(con, raw)
    lost = con.execute("SELECT * FROM source_files WHERE rows_read <> rows_loaded + rows_quarantined").fetchall()
    assert lost == []
    for (table,) in con.execute("SELECT DISTINCT source_table FROM source_files WHERE rows_loaded > 0").fetchall():
        expected = con.execute("SELECT sum(rows_loaded) FROM source_files WHERE source_table = $1", [table]).fetchall()
        assert db.count(con, table) == expected[0][0]
    return LoadedBank(con)


def load_core_tables(raw: Path, **changed: str | bytes) -> LoadedBank:
    """Write managers, businesses and revenue, with the `changed` files in place of theirs, and load them."""
    return load_bank(
        write_files(raw, **({name: TABLES[name] for name in ("managers", "businesses", "revenue")} | changed))
    )


def load_all_tables(raw: Path, **changed: str | bytes) -> LoadedBank:
    """Write all tables of the bank, with the `changed` files in place of theirs, and load them."""
    return load_bank(write_files(raw, **(TABLES | changed)))
