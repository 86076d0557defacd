"""Rules of law and policy at their limits: what is blocked, from which day, for whom; every rule has its text."""

import tomllib
from datetime import timedelta

import pandas as pd
import pytest

from core import db, reference
from core.advice import lending, rules
from core.advice.lending import Borrower, LoanRequest
from pages.shared.text import STRINGS
from tests.advice_bank import AS_OF, add_loan, bank, fact, failed_rules, insert, prepare, products_of, update

CREDIT = ("L01", "L03", "L04", "L05", "L06", "P01", "P02", "P03", "P04")
SAVING = ("D01", "D02", "D03", "I01", "I02", "I03", "G01")


def _before(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def _rules() -> list[dict[str, str]]:
    return list(reference.rows(rules.RULES.name))


def test_the_weakest_tier_is_offered_relief_only():
    con = bank("A")
    update(con, "opportunity_history", "A", score=20, tier=1)
    add_loan(con, "A", "2022-05-01")
    failed = failed_rules(con, "A")
    assert failed["A01"] == []
    relief_comes_first = {product for product, codes in failed.items() if "RELIEF_FIRST" in codes}
    assert relief_comes_first == set(failed) - {"A01", "L02", "P01", "P02", "P03", "P04"}


def test_a_tier_above_is_not_held_to_relief():
    con = bank("A")
    update(con, "opportunity_history", "A", score=21, tier=2)
    assert not any("RELIEF_FIRST" in codes for codes in failed_rules(con, "A").values())


@pytest.mark.parametrize(("days", "is_tied"), [(0, True), (31, True), (32, False)])
def test_tying_is_blocked_for_31_days_after_a_loan(days: int, is_tied: bool):
    con = bank("A")
    add_loan(con, "A", _before(days))
    failed = failed_rules(con, "A")
    assert ["TYING_1M" in failed[product] for product in SAVING] == [is_tied] * len(SAVING)
    assert not any("TYING_1M" in failed[product] for product in CREDIT)


@pytest.mark.parametrize(("days", "is_tied"), [(1, True), (31, True), (32, False)])
def test_tying_is_blocked_for_31_days_before_a_planned_loan(days: int, is_tied: bool):
    con = bank("A")
    add_loan(con, "A", str(AS_OF + timedelta(days=days)), known_on="2024-12-20")
    assert ("TYING_1M" in failed_rules(con, "A")["G01"]) == is_tied


def test_an_overdraft_is_a_loan_for_the_tying_rule():
    con = bank("A")
    insert(con, "holdings", business_id="A", product_id="L03", opened_on=_before(10))
    assert "TYING_1M" in failed_rules(con, "A")["D01"]


def test_an_accepted_loan_that_is_not_paid_out_yet_is_a_planned_one():
    con = bank("A", "B")
    for shop, days in (("A", 10), ("B", 40)):
        insert(con, "interactions", business_id=shop, product_id="L04", action="accepted", at=_before(days))
    assert "TYING_1M" in failed_rules(con, "A")["D01"]
    assert "TYING_1M" not in failed_rules(con, "B")["D01"]  # lapsed


def test_no_new_debt_where_the_stressed_cash_flow_does_not_cover_the_instalments():
    con = bank("A", "B")
    # 20 million x 0.85 x 0.126 = 2,142,000 a month under stress.
    add_loan(con, "A", "2022-05-01", due_krw=2_142_001)
    add_loan(con, "B", "2022-05-01", due_krw=2_142_000)
    tight, even = failed_rules(con, "A"), failed_rules(con, "B")
    assert all("DSCR_BELOW_1" in tight[product] for product in CREDIT)
    assert "DSCR_BELOW_1" not in tight["L02"]
    assert not any("DSCR_BELOW_1" in codes for codes in even.values())


def test_cash_flow_and_largest_loan_in_sql_are_those_of_the_lending_module():
    con = bank("A")
    add_loan(con, "A", "2022-05-01", due_krw=400_000)
    rows = products_of(con, "A")
    terms = con.execute(
        "SELECT product_id, rate, coalesce(term_months_max, $term), coalesce(grace_months, 0), limit_krw,"
        " limit_sales_months, coalesce(repayment, 'equal_payment') FROM advice_catalogue WHERE is_credit AND purpose"
        " NOT IN ('refinance', 'liquidity_gap', 'small_emergency')",
        {"term": lending.DEFAULT_TERM_MONTHS},
    ).fetchall()
    assert len(terms) == 7
    for product, rate, months, grace, limit, sales_months, repayment in terms:
        limits = [value for value in (limit, sales_months and sales_months * 20_000_000) if value]
        request = LoanRequest(rate, months, None, min(limits, default=None), grace, repayment)
        loan = lending.max_loan(Borrower(20_000_000, 0.126, 400_000), request)
        assert fact(con, "cash_flow_krw") == pytest.approx(loan.cash_flow_krw)
        assert fact(con, "instalment_krw") == 400_000
        assert rows.amount_krw[product] == loan.amount_krw, product


def test_refinancing_frees_the_instalment_it_replaces():
    con = bank("A")
    # 2,142,000 / 1.25 - 1,700,000 leaves 13,600 a month: next to nothing, unless the old instalment falls away.
    add_loan(con, "A", "2022-05-01", principal_krw=60_000_000, due_krw=1_700_000, rate=0.12)
    rows = products_of(con, "A")
    debt = fact(con, "loan_balance_krw")
    borrower = Borrower(20_000_000, 0.126, 1_700_000, debt, 1_700_000)
    assert rows.amount_krw["L02"] == lending.max_loan(borrower, LoanRequest(0.07, 120, debt, 100_000_000)).amount_krw
    assert rows.amount_krw["L02"] > 30_000_000 > rows.amount_krw["L06"]
    assert rows.failed_rules["L02"] == []


@pytest.mark.parametrize(("due", "amount"), [(1_500_000, 100_000_000), (1_600_000, 92_000_000), (1_800_000, 0)])
def test_refinancing_a_part_of_the_debt_frees_a_part_of_the_instalments(due: int, amount: int):
    con = bank("A")
    # 139.8 million are owed, at most 100 million are refinanced: 28 % of the instalment stays due.
    add_loan(con, "A", "2022-05-01", principal_krw=200_000_000, due_krw=due, rate=0.12)
    rows = products_of(con, "A")
    debt = fact(con, "loan_balance_krw")
    borrower = Borrower(20_000_000, 0.126, due, debt, due, debt)
    loan = lending.max_loan(borrower, LoanRequest(0.07, 120, None, 100_000_000))
    assert (rows.amount_krw["L02"], loan.amount_krw) == (amount, amount)
    assert ("NO_CAPACITY" in rows.failed_rules["L02"]) == (amount == 0)
    stressed = lending.annuity_payment(amount, 0.09, 120) + due * (1 - amount / debt)
    assert amount == 0 or 1.25 * stressed <= 2_142_000


@pytest.mark.parametrize(("principal", "is_too_little"), [(2_718_056, True), (2_862_000, False)])
def test_a_refinancing_that_rounding_makes_too_small_to_help_is_none(principal: int, is_too_little: bool):
    con = bank("A")
    # Of 1.9 million a million would be refinanced, of 2.0 million all: only that frees the 3.7 million a month.
    add_loan(con, "A", "2022-05-01", principal_krw=principal, due_krw=3_700_000, rate=0.12)
    rows = products_of(con, "A")
    debt = fact(con, "loan_balance_krw")
    borrower = Borrower(20_000_000, 0.126, 3_700_000, debt, 3_700_000, debt)
    loan = lending.max_loan(borrower, LoanRequest(0.07, 120, None, debt))
    assert ("NO_CAPACITY" in rows.failed_rules["L02"]) == is_too_little == (loan.state == "NO_CAPACITY")


def test_from_a_billion_won_on_an_opinion_is_asked_for():
    con = bank("A", "B")
    for shop, sales in (("A", 182_000_000), ("B", 181_000_000)):
        update(con, "revenue", shop, revenue_krw=sales)
    prepare(con)
    for shop, amount, codes in (
        ("A", 1_000_000_000, {"LTI_RECORD", "LTI_OPINION"}),
        ("B", 994_000_000, {"LTI_RECORD"}),
    ):
        row = rules.eligibility(con, shop).set_index("product_id").loc["L06"]
        assert (row.amount_krw, {code for code in row.confirm if code.startswith("LTI")}) == (amount, codes)


@pytest.mark.parametrize(("rate", "due", "need"), [(0.04, 200_000, 0), (0.04, 900_000, 0.4), (0.06, 200_000, 0.4)])
def test_two_loans_that_are_cheap_and_easily_carried_need_no_refinancing(rate: float, due: int, need: float):
    con = bank("A")
    for _ in range(2):
        add_loan(con, "A", "2022-05-01", principal_krw=20_000_000, due_krw=due, rate=rate)
    assert products_of(con, "A").need["L02"] == pytest.approx(need)


def test_refinancing_that_does_not_lower_the_instalment_is_blocked():
    con = bank("A")
    add_loan(con, "A", "2022-05-01", principal_krw=20_000_000, due_krw=50_000, rate=0.12)
    assert "INSTALMENT_NOT_LOWER" in failed_rules(con, "A")["L02"]


@pytest.mark.parametrize(("value", "tier", "is_blocked"), [(40, 2, True), (41, 3, False)])
def test_no_overdraft_and_no_investment_below_tier_3(value: int, tier: int, is_blocked: bool):
    con = bank("A")
    update(con, "opportunity_history", "A", score=value, tier=tier)
    failed = failed_rules(con, "A")
    assert ("OVERDRAFT_TIER" in failed["L03"], "OVERDRAFT_TIER" in failed["L05"]) == (is_blocked, is_blocked)
    assert ("INVESTMENT_TIER" in failed["I01"]) == is_blocked


@pytest.mark.parametrize(("debt", "is_blocked"), [(30_000_001, True), (30_000_000, False)])
def test_no_investment_where_debt_is_above_the_deposits(debt: int, is_blocked: bool):
    con = bank("A")
    update(con, "balances", overdraft_used_krw=debt)
    assert ("INVESTMENT_NET_CASH" in failed_rules(con, "A")["I01"]) == is_blocked


@pytest.mark.parametrize(("days", "codes"), [(29, set()), (30, {"PAST_DUE_30"}), (90, {"PAST_DUE_30", "PAST_DUE_90"})])
def test_arrears_block_new_debt_by_their_days(days: int, codes: set[str]):
    con = bank("A")
    add_loan(con, "A", "2022-05-01", due_krw=100_000, days_past_due=days)
    failed = failed_rules(con, "A")
    assert {code for code in failed["L04"] if code.startswith("PAST_DUE")} == codes
    assert ("NOT_DISTRESSED" in failed["A01"]) == (days < 30)


def test_the_products_own_limits_are_kept_and_unknown_is_not_enough():
    con = bank("new", "old", "unknown")
    update(con, "businesses", "new", opened_on="2024-08-01")
    update(con, "businesses", "unknown", opened_on=None)
    update(con, "revenue", "new", revenue_krw=8_000_000)  # 96 million a year
    failed = {shop: failed_rules(con, shop) for shop in ("new", "old", "unknown")}
    assert "BUSINESS_AGE_MIN" in failed["new"]["L01"]  # 4 months of the 6 asked for
    assert "BUSINESS_AGE_MIN" not in failed["old"]["L01"]
    assert "BUSINESS_AGE_MIN" in failed["unknown"]["L01"]
    assert ("BUSINESS_AGE_MAX" in failed["old"]["P01"], "BUSINESS_AGE_MAX" in failed["new"]["P01"]) == (True, False)
    assert ("SALES_MAX" in failed["old"]["P01"], "SALES_MAX" in failed["new"]["P01"]) == (True, False)
    assert "SCORE_MAX" in failed["old"]["L01"]  # 70 of at most 60


def test_without_sales_or_a_score_nothing_that_rests_on_them_is_offered():
    con = bank("A")
    update(con, "opportunity_history", "A", score=None, tier=None)
    con.execute("DELETE FROM revenue WHERE month < DATE '2024-08-01'")  # five months
    failed = failed_rules(con, "A")
    assert all("SALES_UNKNOWN" in failed[product] for product in CREDIT)
    assert "SCORE_UNKNOWN" in failed["L04"]
    assert "SCORE_MIN" in failed["L06"]
    assert failed["D01"] == []


def test_what_is_owned_or_was_just_declined_is_not_offered():
    con = bank("A")
    insert(con, "holdings", business_id="A", product_id="D01", opened_on="2023-01-01")
    insert(con, "holdings", business_id="A", product_id="D03", opened_on="2023-01-01", closed_on="2024-01-01")
    insert(con, "interactions", business_id="A", product_id="D02", action="declined", at="2024-12-20 10:00")
    failed = failed_rules(con, "A")
    assert (failed["D01"], failed["D02"], failed["D03"]) == (["ALREADY_OWNED"], ["DECLINED_1M"], [])


def test_a_valid_registration_number_tells_a_corporation_and_an_invalid_one_does_not():
    con = bank("person", "company", "invalid")
    update(con, "businesses", "company", registration_no="1238700003")
    update(con, "businesses", "invalid", registration_no="1231200001")
    failed = {shop: failed_rules(con, shop)["I03"] for shop in ("person", "company", "invalid")}
    assert failed == {"person": [], "company": ["CORPORATION"], "invalid": ["CORPORATION_UNKNOWN"]}


def test_credit_and_investments_are_information_only_without_a_suitability_record():
    rows = products_of(bank("A"), "A").suitability
    assert set(rows[["L01", "L04", "P01", "I01"]]) == {"record_missing"}
    assert set(rows[["A01", "A02", "D01", "G01"]]) == {"not_needed"}


def sign(con: db.Connection, kind: str, on: str, until: str | None = None, known: str = "") -> None:
    """A suitability record of shop A."""
    known_on = known or on
    insert(con, "suitability", business_id="A", kind=kind, recorded_on=on, expires_on=until, available_on=known_on)


def test_a_record_makes_recommendations_of_its_own_kind_only():
    con = bank("A")
    sign(con, "loan", "2024-11-01", "2025-10-31")
    rows = products_of(con, "A").suitability
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
    assert products_of(con, "A").suitability["I01"] == state


def test_an_old_record_takes_nothing_from_a_newer_one():
    con = bank("A")
    sign(con, "loan", "2022-02-01", "2023-01-31")
    sign(con, "loan", "2024-02-01", "2026-01-31")
    row = prepare(con).execute("FROM advice_facts").df().iloc[0]
    assert f"{row['suitability_loan_on']:%Y-%m-%d}" == "2024-02-01"


def test_a_closed_business_is_offered_closing_support_only():
    con = bank("A")
    add_loan(con, "A", "2022-05-01")
    update(con, "businesses", status="closed", status_on="2024-06-01")
    failed = failed_rules(con, "A")
    assert [product for product, codes in failed.items() if "CLOSED" not in codes] == ["A01"]
    assert failed["A01"] == []


def test_facts_of_the_future_are_not_known():
    con = bank("A")
    add_loan(con, "A", "2023-01-10", due_krw=100_000)
    before = prepare(con).execute("FROM advice_facts").df()
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
    add_loan(con, "A", "2025-01-10", known_on="2025-01-10")
    pd.testing.assert_frame_equal(prepare(con).execute("FROM advice_facts").df(), before)


def test_the_rules_for_the_whole_book_are_those_for_one_business():
    con = bank("A", "B", "C")
    update(con, "opportunity_history", "B", score=15, tier=1)
    add_loan(con, "C", "2024-12-15", due_krw=3_000_000)
    failed = {shop: failed_rules(con, shop) for shop in "ABC"}
    rules.write_pairs(con)
    for number, shop in enumerate("ABC"):
        counts = con.execute(
            "SELECT product_id, count(code) FROM advice_pairs JOIN advice_catalogue USING (product_number) LEFT JOIN"
            " advice_rules AS r ON (failed & r.bit) <> 0 WHERE number = $number GROUP BY ALL",
            {"number": number},
        ).fetchall()
        assert dict(counts) == {product: len(codes) for product, codes in failed[shop].items()}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_rule_has_its_text_and_every_text_its_rule(language: str):
    words = tomllib.loads((STRINGS / language / "rules.toml").read_text(encoding="utf-8"))["rule"]
    assert list(words) == [rule["code"] for rule in _rules()]


def test_every_rule_names_a_condition_and_products_that_exist():
    con = prepare(bank("A"))
    conditions = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE advice_conditions)").fetchall()}
    rows = con.execute("SELECT product_id FROM products UNION SELECT kind FROM products").fetchall()
    products = {row[0] for row in rows}
    text = db.sql("core/advice/sql/advice_pairs")
    for rule in _rules():
        assert rule["condition"] in conditions or f"'{rule['condition']}'" in text, rule["code"]
        names = {*rule["applies_to"].split("|"), *rule["except"].split("|")} - {"", "*"}
        assert names <= products, rule["code"]
        assert rule["effect"] in {"block", "information", "check"}
        assert rule["basis"]
        assert rule["source"]


def test_a_condition_is_never_unknown():
    con = bank("A")
    insert(con, "businesses", business_id="empty", manager_id="M1", status="open")
    insert(con, "opportunity_history", business_id="empty", as_of=AS_OF, state="SHORT")
    rows = prepare(con).execute("FROM advice_conditions").df()
    assert not rows.isna().any().any()
    assert failed_rules(con, "empty")["L04"] == ["SALES_UNKNOWN", "SCORE_UNKNOWN", "SALES_CLASS"]


def test_where_no_file_reports_loans_nobody_is_known_to_be_free_of_debt():
    con = bank("A")
    con.execute("CREATE TABLE absent_tables AS SELECT 'loans' AS source_table")
    rows = products_of(con, "A")
    assert all("DEBT_UNKNOWN" in rows.failed_rules[product] for product in (*CREDIT, "L02", "A02"))
    assert not any("NO_LOAN" in codes for codes in rows.failed_rules)
    assert "INVESTMENT_NET_CASH" in rows.failed_rules["I01"]
    assert "CONFIRM_LOANS" in rows.confirm["D01"]
    columns = ("loans_open", "loan_balance_krw", "instalment_krw", "days_past_due")
    assert [fact(con, column) for column in columns] == [None, None, None, None]


# A rule, a product, the change of shop $id, the last value that the rule allows, and the first that it forbids.
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
        add_loan(con, shop, "2022-05-01", due_krw=100_000)
        con.execute(LIMITS[number][2], {"id": shop, "value": LIMITS[number][4 if is_over else 3]})
    prepare(con)
    wrong = [
        (rule, product, is_over)
        for (number, is_over), shop in shops.items()
        for rule, product in [LIMITS[number][:2]]
        if (rule in rules.eligibility(con, shop).set_index("product_id").failed_rules[product]) != is_over
    ]
    assert wrong == []


def test_loans_without_reported_repayments_have_unknown_arrears_and_not_zero():
    con = bank("A")
    add_loan(con, "A", "2022-05-01")
    rows = products_of(con, "A")
    assert "CONFIRM_ARREARS" in rows.confirm["L04"]
    assert fact(con, "days_past_due") is None


@pytest.mark.parametrize(("rate", "loans", "is_blocked"), [(0.0576, 1, False), (0.0575, 1, True), (0.03, 2, False)])
def test_refinancing_needs_two_loans_or_a_rate_above_the_new_one(rate: float, loans: int, is_blocked: bool):
    con = bank("A")
    for _ in range(loans):
        add_loan(con, "A", "2022-05-01", due_krw=400_000, rate=rate)
    # Base rate 2.5 % and a spread of 2 to 4.5 points: 5.75 % in the middle.
    assert ("NO_REFINANCING" in failed_rules(con, "A")["L02"]) == is_blocked
