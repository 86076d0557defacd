"""Law and policy at their limits: what is blocked, from which day, for whom, and that the words exist."""

import csv
import tomllib
from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest

from core import db
from core.advice import lending, rules
from core.advice.lending import Earner, Request
from pages.shared.text import STRINGS
from tests.advice_bank import AS_OF, bank, failed, lend, prepared, score

CREDIT = ("L01", "L03", "L04", "L05", "L06", "P01", "P02", "P03", "P04")
SAVING = ("D01", "D02", "D03", "I01", "I02", "I03", "G01")


def _before(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def _rules() -> list[dict[str, str]]:
    with rules.RULES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_weakest_tier_is_offered_relief_only():
    con = bank("A")
    score(con, "A", 20, 1)
    lend(con, "A", "2022-05-01")
    found = failed(con, "A")
    assert found["A01"] == []
    relief_comes_first = {product for product, codes in found.items() if "RELIEF_FIRST" in codes}
    assert relief_comes_first == set(found) - {"A01", "L02", "P01", "P02", "P03", "P04"}


def test_a_tier_above_is_not_held_to_relief():
    con = bank("A")
    score(con, "A", 21, 2)
    assert not any("RELIEF_FIRST" in codes for codes in failed(con, "A").values())


@pytest.mark.parametrize(("days", "is_tied"), [(0, True), (31, True), (32, False)])
def test_tying_is_blocked_for_31_days_after_a_loan(days: int, is_tied: bool):
    con = bank("A")
    lend(con, "A", _before(days))
    found = failed(con, "A")
    assert ["TYING_1M" in found[product] for product in SAVING] == [is_tied] * len(SAVING)
    assert not any("TYING_1M" in found[product] for product in CREDIT)


@pytest.mark.parametrize(("days", "is_tied"), [(1, True), (31, True), (32, False)])
def test_tying_is_blocked_for_31_days_before_a_planned_loan(days: int, is_tied: bool):
    con = bank("A")
    lend(con, "A", str(AS_OF + timedelta(days=days)), known="2024-12-20")
    assert ("TYING_1M" in failed(con, "A")["G01"]) == is_tied


def test_an_overdraft_is_a_loan_for_the_tying_rule():
    con = bank("A")
    con.execute("INSERT INTO holdings VALUES ('H', 'A', 'L03', $day, NULL, NULL, $day)", {"day": _before(10)})
    assert "TYING_1M" in failed(con, "A")["D01"]


def test_an_accepted_loan_that_is_not_paid_out_yet_is_a_planned_one():
    con = bank("A", "B")
    said = "INSERT INTO interactions VALUES ($id, 'L04', $at, 'accepted', $day)"
    for shop, days in (("A", 10), ("B", 40)):
        con.execute(said, {"id": shop, "at": f"{_before(days)} 10:00:00", "day": _before(days)})
    assert "TYING_1M" in failed(con, "A")["D01"]
    assert "TYING_1M" not in failed(con, "B")["D01"]  # lapsed


def test_no_new_debt_where_the_stressed_cash_flow_does_not_cover_the_instalments():
    con = bank("A", "B")
    # 20 million x 0.85 x 0.126 = 2,142,000 a month under stress.
    lend(con, "A", "2022-05-01", due=2_142_001)
    lend(con, "B", "2022-05-01", due=2_142_000)
    tight, even = failed(con, "A"), failed(con, "B")
    assert all("DSCR_BELOW_1" in tight[product] for product in CREDIT)
    assert "DSCR_BELOW_1" not in tight["L02"]
    assert not any("DSCR_BELOW_1" in codes for codes in even.values())


def test_cash_flow_and_ceiling_in_sql_are_those_of_the_lending_module():
    con = bank("A")
    lend(con, "A", "2022-05-01", due=400_000)
    rows = rules.blocked(prepared(con), "A").set_index("product_id")
    cash, instalment = con.execute("SELECT cash_flow_krw, instalment_krw FROM advice_facts").fetchall()[0]
    terms = con.execute(
        "SELECT product_id, rate, coalesce(term_months_max, 60), coalesce(grace_months, 0), limit_krw,"
        " limit_sales_months, coalesce(repayment, 'equal_payment') FROM advice_catalogue WHERE is_credit AND purpose"
        " NOT IN ('refinance', 'liquidity_gap', 'small_emergency')"
    ).fetchall()
    assert len(terms) == 7
    for product, rate, months, grace, limit, sales_months, repayment in terms:
        limits = [value for value in (limit, sales_months and sales_months * 20_000_000) if value]
        request = Request(rate, months, None, min(limits, default=None), grace, repayment)
        found = lending.ceiling(Earner(20_000_000, 0.126, 400_000), request)
        assert (cash, instalment) == (pytest.approx(found.cash_flow_krw), 400_000)
        assert rows.amount_krw[product] == found.amount_krw, product


def test_refinancing_frees_the_instalment_it_replaces():
    con = bank("A")
    # 2,142,000 / 1.25 - 1,700,000 leaves 13,600 a month: next to nothing, unless the old instalment falls away.
    lend(con, "A", "2022-05-01", 60_000_000, due=1_700_000, rate=0.12)
    rows = rules.blocked(prepared(con), "A").set_index("product_id")
    owed = con.execute("SELECT loan_balance_krw FROM advice_facts").fetchall()[0][0]
    earner = Earner(20_000_000, 0.126, 1_700_000, owed, 1_700_000)
    assert rows.amount_krw["L02"] == lending.ceiling(earner, Request(0.07, 120, owed, 100_000_000)).amount_krw
    assert rows.amount_krw["L02"] > 30_000_000 > rows.amount_krw["L06"]
    assert rows.failed_rules["L02"] == []


@pytest.mark.parametrize(("due", "amount"), [(1_500_000, 100_000_000), (1_600_000, 92_000_000), (1_800_000, 0)])
def test_refinancing_a_part_of_the_debt_frees_a_part_of_the_instalments(due: int, amount: int):
    con = bank("A")
    # 139.8 million are owed, at most 100 million are refinanced: 28 % of the instalment stays due.
    lend(con, "A", "2022-05-01", 200_000_000, due=due, rate=0.12)
    rows = rules.blocked(prepared(con), "A").set_index("product_id")
    owed = con.execute("SELECT loan_balance_krw FROM advice_facts").fetchall()[0][0]
    earner = Earner(20_000_000, 0.126, due, owed, due, owed)
    found = lending.ceiling(earner, Request(0.07, 120, None, 100_000_000))
    assert (rows.amount_krw["L02"], found.amount_krw) == (amount, amount)
    assert ("NO_CAPACITY" in rows.failed_rules["L02"]) == (amount == 0)
    stressed = lending.annuity(amount, 0.09, 120) + due * (1 - amount / owed)
    assert amount == 0 or 1.25 * stressed <= 2_142_000


@pytest.mark.parametrize(("principal", "is_too_little"), [(2_718_056, True), (2_862_000, False)])
def test_a_refinancing_that_rounding_makes_too_small_to_help_is_none(principal: int, is_too_little: bool):
    con = bank("A")
    # Of 1.9 million a million would be refinanced, of 2.0 million all: only that frees the 3.7 million a month.
    lend(con, "A", "2022-05-01", principal, due=3_700_000, rate=0.12)
    rows = rules.blocked(prepared(con), "A").set_index("product_id")
    owed = con.execute("SELECT loan_balance_krw FROM advice_facts").fetchall()[0][0]
    earner = Earner(20_000_000, 0.126, 3_700_000, owed, 3_700_000, owed)
    found = lending.ceiling(earner, Request(0.07, 120, None, owed))
    assert ("NO_CAPACITY" in rows.failed_rules["L02"]) == is_too_little == (found.state == "NO_CAPACITY")


def test_from_a_billion_won_on_an_opinion_is_asked_for():
    con = bank("A", "B")
    for shop, sales in (("A", 182_000_000), ("B", 181_000_000)):
        con.execute("UPDATE revenue SET revenue_krw = $sales WHERE business_id = $id", {"sales": sales, "id": shop})
    prepared(con)
    for shop, amount, codes in (
        ("A", 1_000_000_000, {"LTI_RECORD", "LTI_OPINION"}),
        ("B", 994_000_000, {"LTI_RECORD"}),
    ):
        row = rules.blocked(con, shop).set_index("product_id").loc["L06"]
        assert (row.amount_krw, {code for code in row.confirm if code.startswith("LTI")}) == (amount, codes)


@pytest.mark.parametrize(("rate", "due", "need"), [(0.04, 200_000, 0), (0.04, 900_000, 0.4), (0.06, 200_000, 0.4)])
def test_two_loans_that_are_cheap_and_easily_carried_need_no_refinancing(rate: float, due: int, need: float):
    con = bank("A")
    for _ in range(2):
        lend(con, "A", "2022-05-01", 20_000_000, due=due, rate=rate)
    assert rules.blocked(prepared(con), "A").set_index("product_id").need["L02"] == pytest.approx(need)


def test_refinancing_that_does_not_lower_the_instalment_is_blocked():
    con = bank("A")
    lend(con, "A", "2022-05-01", 20_000_000, due=50_000, rate=0.12)
    assert "INSTALMENT_NOT_LOWER" in failed(con, "A")["L02"]


@pytest.mark.parametrize(("value", "tier", "is_blocked"), [(40, 2, True), (41, 3, False)])
def test_no_overdraft_and_no_investment_below_tier_3(value: int, tier: int, is_blocked: bool):
    con = bank("A")
    score(con, "A", value, tier)
    found = failed(con, "A")
    assert ("OVERDRAFT_TIER" in found["L03"], "OVERDRAFT_TIER" in found["L05"]) == (is_blocked, is_blocked)
    assert ("INVESTMENT_TIER" in found["I01"]) == is_blocked


@pytest.mark.parametrize(("owed", "is_blocked"), [(30_000_001, True), (30_000_000, False)])
def test_no_investment_for_who_owes_more_than_the_deposits(owed: int, is_blocked: bool):
    con = bank("A")
    con.execute("UPDATE balances SET overdraft_used_krw = $owed", {"owed": owed})
    assert ("INVESTMENT_NET_CASH" in failed(con, "A")["I01"]) == is_blocked


@pytest.mark.parametrize(("days", "codes"), [(29, set()), (30, {"PAST_DUE_30"}), (90, {"PAST_DUE_30", "PAST_DUE_90"})])
def test_arrears_block_new_debt_by_their_days(days: int, codes: set[str]):
    con = bank("A")
    lend(con, "A", "2022-05-01", due=100_000, days=days)
    found = failed(con, "A")
    assert {code for code in found["L04"] if code.startswith("PAST_DUE")} == codes
    assert ("NOT_DISTRESSED" in found["A01"]) == (days < 30)


def test_the_products_own_limits_are_kept_and_unknown_is_not_enough():
    con = bank("new", "old", "unknown")
    con.execute("UPDATE businesses SET opened_on = DATE '2024-08-01' WHERE business_id = 'new'")
    con.execute("UPDATE businesses SET opened_on = NULL WHERE business_id = 'unknown'")
    con.execute("UPDATE revenue SET revenue_krw = 8000000 WHERE business_id = 'new'")  # 96 million a year
    found = {shop: failed(con, shop) for shop in ("new", "old", "unknown")}
    assert "BUSINESS_AGE_MIN" in found["new"]["L01"]  # 4 months of the 6 asked for
    assert "BUSINESS_AGE_MIN" not in found["old"]["L01"]
    assert "BUSINESS_AGE_MIN" in found["unknown"]["L01"]
    assert ("BUSINESS_AGE_MAX" in found["old"]["P01"], "BUSINESS_AGE_MAX" in found["new"]["P01"]) == (True, False)
    assert ("SALES_MAX" in found["old"]["P01"], "SALES_MAX" in found["new"]["P01"]) == (True, False)
    assert "SCORE_MAX" in found["old"]["L01"]  # 70 of at most 60


def test_without_sales_or_a_score_nothing_that_rests_on_them_is_offered():
    con = bank("A")
    score(con, "A", None, None)
    con.execute("DELETE FROM revenue WHERE month < DATE '2024-08-01'")  # five months
    found = failed(con, "A")
    assert all("SALES_UNKNOWN" in found[product] for product in CREDIT)
    assert "SCORE_UNKNOWN" in found["L04"]
    assert "SCORE_MIN" in found["L06"]
    assert found["D01"] == []


def test_what_is_owned_or_was_just_declined_is_not_offered():
    con = bank("A")
    con.execute("INSERT INTO holdings VALUES ('H', 'A', 'D01', DATE '2023-01-01', NULL, NULL, DATE '2023-01-01')")
    con.execute("INSERT INTO holdings VALUES ('I', 'A', 'D03', '2023-01-01', NULL, '2024-01-01', '2023-01-01')")
    con.execute("INSERT INTO interactions VALUES ('A', 'D02', TIMESTAMP '2024-12-20 10:00', 'declined', '2024-12-20')")
    found = failed(con, "A")
    assert (found["D01"], found["D02"], found["D03"]) == (["ALREADY_OWNED"], ["DECLINED_1M"], [])


def test_a_corporation_is_told_by_its_registration_number_and_only_by_a_valid_one():
    con = bank("person", "company", "invalid")
    numbers = {"company": "1238700003", "invalid": "1231200001"}
    for shop, number in numbers.items():
        con.execute("UPDATE businesses SET registration_no = $no WHERE business_id = $id", {"no": number, "id": shop})
    found = {shop: failed(con, shop)["I03"] for shop in ("person", "company", "invalid")}
    assert found == {"person": [], "company": ["CORPORATION"], "invalid": ["CORPORATION_UNKNOWN"]}


def test_credit_and_investments_are_information_only_without_a_suitability_record():
    rows = rules.blocked(prepared(bank("A")), "A").set_index("product_id").suitability
    assert set(rows[["L01", "L04", "P01", "I01"]]) == {"record_missing"}
    assert set(rows[["A01", "A02", "D01", "G01"]]) == {"not_needed"}


def sign(con: duckdb.DuckDBPyConnection, kind: str, on: str, until: str | None = None, known: str = "") -> None:
    """A suitability record of shop A."""
    params = {"kind": kind, "on": on, "until": until, "known": known or on}
    con.execute("INSERT INTO suitability VALUES ('A', $kind, $on, $until, $known)", params)


def test_a_record_makes_recommendations_of_its_own_kind_only():
    con = bank("A")
    sign(con, "loan", "2024-11-01", "2025-10-31")
    rows = rules.blocked(prepared(con), "A").set_index("product_id").suitability
    assert set(rows[["L01", "L04", "P01"]]) == {"ready"}
    assert set(rows[["I01", "I02", "I03"]]) == {"record_missing"}


@pytest.mark.parametrize(
    ("on", "until", "known", "state"),
    [
        ("2023-01-10", "2024-12-31", "", "ready"),  # its last day
        ("2023-01-10", "2024-12-30", "", "record_missing"),  # over the day before
        ("2025-01-01", None, "2025-01-01", "record_missing"),  # not signed yet
        ("2024-12-01", None, "2025-01-05", "record_missing"),  # signed, and not known to the bank yet
        ("2022-12-31", None, "", "ready"),  # no end is named: 24 months
        ("2022-12-30", None, "", "record_missing"),
    ],
)
def test_a_record_counts_while_it_holds_and_is_known(on: str, until: str | None, known: str, state: str):
    con = bank("A")
    sign(con, "investment", on, until, known)
    assert rules.blocked(prepared(con), "A").set_index("product_id").suitability["I01"] == state


def test_an_old_record_takes_nothing_from_a_newer_one():
    con = bank("A")
    sign(con, "loan", "2022-02-01", "2023-01-31")
    sign(con, "loan", "2024-02-01", "2026-01-31")
    row = prepared(con).execute("FROM advice_facts").df().iloc[0]
    assert f"{row['suitability_loan_on']:%Y-%m-%d}" == "2024-02-01"


def test_a_closed_business_keeps_the_way_out_only():
    con = bank("A")
    lend(con, "A", "2022-05-01")
    con.execute("UPDATE businesses SET status = 'closed', status_on = DATE '2024-06-01'")
    found = failed(con, "A")
    assert [product for product, codes in found.items() if "CLOSED" not in codes] == ["A01"]
    assert found["A01"] == []


def test_facts_of_the_future_are_not_known():
    con = bank("A")
    lend(con, "A", "2023-01-10", due=100_000)
    before = prepared(con).execute("FROM advice_facts").df()
    for statement in (
        "INSERT INTO revenue VALUES ('A', '2025-01-01', 0, '2025-01-31')",
        "INSERT INTO balances VALUES ('A', '2025-01-01', 1, 1, 1, 1, 1, '2025-01-31')",
        "INSERT INTO repayments VALUES ('L0', '2025-01-01', 9, 0, 90, '2025-01-31')",
        "INSERT INTO holdings VALUES ('H', 'A', 'D01', '2025-01-02', NULL, NULL, '2025-01-02')",
        "INSERT INTO interactions VALUES ('A', 'D02', TIMESTAMP '2025-01-02 10:00', 'declined', '2025-01-02')",
        "INSERT INTO interactions VALUES ('A', 'L06', TIMESTAMP '2025-01-02 10:00', 'accepted', '2025-01-02')",
        "INSERT INTO opportunity_history VALUES ('A', '2025-01-31', 1, 1, 'OK')",
        "INSERT INTO suitability VALUES ('A', 'loan', '2025-01-02', NULL, '2025-01-02')",
    ):
        con.execute(statement)
    lend(con, "A", "2025-01-10", known="2025-01-10")
    pd.testing.assert_frame_equal(prepared(con).execute("FROM advice_facts").df(), before)


def test_the_whole_book_and_one_business_are_told_the_same():
    con = bank("A", "B", "C")
    score(con, "B", 15, 1)
    lend(con, "C", "2024-12-15", due=3_000_000)
    one = {shop: failed(con, shop) for shop in "ABC"}
    rules.pairs(con)
    for number, shop in enumerate("ABC"):
        everybody = con.execute(
            "SELECT product_id, count(code) FROM advice_pairs JOIN advice_catalogue USING (product_number) LEFT JOIN"
            " advice_rules AS r ON (failed & r.bit) <> 0 WHERE number = $number GROUP BY ALL",
            {"number": number},
        ).fetchall()
        assert dict(everybody) == {product: len(codes) for product, codes in one[shop].items()}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_rule_has_its_words_and_every_word_its_rule(language: str):
    words = tomllib.loads((STRINGS / language / "rules.toml").read_text(encoding="utf-8"))["rule"]
    assert list(words) == [rule["code"] for rule in _rules()]


def test_every_rule_names_a_condition_and_products_that_exist():
    con = prepared(bank("A"))
    conditions = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE advice_conditions)").fetchall()}
    known = {
        row[0] for row in con.execute("SELECT product_id FROM products UNION SELECT kind FROM products").fetchall()
    }
    text = db.sql("core/advice/sql/advice_pairs")
    for rule in _rules():
        assert rule["condition"] in conditions or f"'{rule['condition']}'" in text, rule["code"]
        named = {*rule["applies_to"].split("|"), *rule["except"].split("|")} - {"", "*"}
        assert named <= known, rule["code"]
        assert rule["effect"] in {"block", "information", "check"}
        assert rule["basis"]
        assert rule["source"]


def test_a_condition_is_never_unknown():
    con = bank("A")
    con.execute("INSERT INTO businesses (business_id, manager_id, status) VALUES ('empty', 'M1', 'open')")
    con.execute("INSERT INTO opportunity_history VALUES ('empty', $as_of, NULL, NULL, 'SHORT')", {"as_of": AS_OF})
    rows = prepared(con).execute("FROM advice_conditions").df()
    assert not rows.isna().any().any()
    assert date(2024, 12, 31) == AS_OF
    assert failed(con, "empty")["L04"] == ["SALES_UNKNOWN", "SCORE_UNKNOWN", "SALES_CLASS"]


def test_where_no_file_told_of_loans_nobody_is_free_of_debt():
    con = bank("A")
    con.execute("CREATE TABLE absent_tables AS SELECT 'loans' AS source_table")
    rows = rules.blocked(prepared(con), "A").set_index("product_id")
    assert all("DEBT_UNKNOWN" in rows.failed_rules[product] for product in (*CREDIT, "L02", "A02"))
    assert not any("NO_LOAN" in codes for codes in rows.failed_rules)
    assert "INVESTMENT_NET_CASH" in rows.failed_rules["I01"]
    assert "CONFIRM_LOANS" in rows.confirm["D01"]
    known = con.execute(
        "SELECT loans_open, loan_balance_krw, instalment_krw, days_past_due FROM advice_facts"
    ).fetchall()
    assert known == [(None, None, None, None)]


# A rule, a product, what is changed of shop $id, the last value that the rule allows, and the first that it forbids.
SCORED = "UPDATE opportunity_history SET score = $value WHERE business_id = $id"
OPENED = "UPDATE businesses SET opened_on = $value WHERE business_id = $id"
SOLD = "UPDATE revenue SET revenue_krw = $value WHERE business_id = $id"
GREW = (
    "UPDATE revenue SET revenue_krw = CASE WHEN month < '2023-01-01' THEN 10000000 WHEN month < '2024-01-01'"
    " THEN 11000000 ELSE $value END WHERE business_id = $id"
)
LIMITS = (
    ("SCORE_MIN", "L01", SCORED, 21, 20),
    ("SCORE_MAX", "L01", SCORED, 60, 61),
    ("SCORE_MIN", "L03", SCORED, 41, 40),
    ("SCORE_MIN", "L06", SCORED, 61, 60),
    ("BUSINESS_AGE_MIN", "L01", OPENED, "2024-06-30", "2024-07-01"),
    ("BUSINESS_AGE_MIN", "L05", OPENED, "2023-12-31", "2024-01-01"),
    ("BUSINESS_AGE_MAX", "P01", OPENED, "2018-01-01", "2017-12-31"),
    ("SALES_MAX", "P01", SOLD, 8_666_666, 8_666_667),  # 104 million a year
    ("SALES_CLASS", "L04", SOLD, 41_666_666, 41_666_667),  # 500 million
    ("NO_HARDSHIP", "P01", f"{SOLD} AND month >= '2024-10-01'", 18_000_000, 18_000_001),
    ("NO_GROWTH", "P03", GREW, 12_100_000, 12_099_999),
    (
        "UTILISATION",
        "L03",
        "UPDATE balances SET overdraft_limit_krw = 1000, overdraft_used_krw = $value WHERE business_id = $id",
        799,
        800,
    ),
    ("NOT_IN_SEOUL", "L05", "UPDATE businesses SET district_code = $value WHERE business_id = $id", "11740", "26110"),
    ("NOT_MICRO", "P02", "UPDATE businesses SET employees = $value WHERE business_id = $id", 4, 5),
    (
        "NO_IMPROVEMENT",
        "A02",
        "UPDATE opportunity_history SET tier = $value WHERE business_id = $id AND as_of = '2023-12-31'",
        3,
        4,
    ),
    (
        "DECLINED_1M",
        "D01",
        "INSERT INTO interactions VALUES ($id, 'D01', $value, 'declined', '2024-12-01')",
        "2024-11-29 23:59:00",
        "2024-11-30 00:00:00",
    ),
    (
        "PAST_DUE_LIMIT",
        "L01",
        "UPDATE repayments SET days_past_due = $value FROM loans"
        " WHERE loans.loan_id = repayments.loan_id AND business_id = $id",
        29,
        30,
    ),
)


def test_every_limit_of_a_product_holds_from_its_first_value_on():
    shops = {(number, is_over): f"{number}-{is_over}" for number in range(len(LIMITS)) for is_over in (False, True)}
    con = bank(*shops.values())
    for (number, is_over), shop in shops.items():
        lend(con, shop, "2022-05-01", due=100_000)
        con.execute(LIMITS[number][2], {"id": shop, "value": LIMITS[number][4 if is_over else 3]})
    prepared(con)
    wrong = [
        (rule, product, is_over)
        for (number, is_over), shop in shops.items()
        for rule, product in [LIMITS[number][:2]]
        if (rule in rules.blocked(con, shop).set_index("product_id").failed_rules[product]) != is_over
    ]
    assert wrong == []


def test_loans_without_reported_repayments_have_unknown_arrears_not_none():
    con = bank("A")
    lend(con, "A", "2022-05-01")
    rows = rules.blocked(prepared(con), "A").set_index("product_id")
    assert "CONFIRM_ARREARS" in rows.confirm["L04"]
    assert con.execute("SELECT days_past_due FROM advice_facts").fetchall() == [(None,)]


@pytest.mark.parametrize(("rate", "loans", "is_blocked"), [(0.0576, 1, False), (0.0575, 1, True), (0.03, 2, False)])
def test_refinancing_needs_two_loans_or_a_rate_above_the_new_one(rate: float, loans: int, is_blocked: bool):
    con = bank("A")
    for _ in range(loans):
        lend(con, "A", "2022-05-01", due=400_000, rate=rate)
    # Base rate 2.5 % and a spread of 2 to 4.5 points: 5.75 % in the middle.
    assert ("NO_REFINANCING" in failed(con, "A")["L02"]) == is_blocked
