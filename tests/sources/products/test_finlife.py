"""The finlife client against a server that speaks as finlife does."""

import pytest

from core.sources.products import finlife
from core.sources.products.http import RefusedError, SchemaError, TransientError
from core.sources.products.offers import offers
from core.sources.products.store import Origin
from tests.sources.products.servers import (
    BANKS,
    FakeFinlife,
    Reply,
    Server,
    base_row,
    deposit_option,
    deposit_row,
    error_answer,
    loan_option,
    loan_row,
)

DEPOSITS, SAVINGS, LOANS = "depositProductsSearch", "savingProductsSearch", "busiLoanProductsSearch"
CREDIT, ANNUITY = "creditLoanProductsSearch", "annuitySavingProductsSearch"
WHERE = Origin("test", "2026-11-20T00:00:00+00:00", "0" * 64)


def _answer(client: finlife.Client, service: str, company: str = "") -> finlife.Answer:
    return finlife.answer(service, client.pages(service, BANKS, company)[0])


def _offers(client: finlife.Client, service: str) -> tuple[list[dict], list[dict]]:
    return offers(_answer(client, service), BANKS, "", WHERE)


def test_all_pages_of_a_question_are_read(fss: FakeFinlife, fss_server: Server, fss_client: finlife.Client):
    fss.rows_a_page = 2
    for number in range(5):
        fss.add(DEPOSITS, deposit_row(product=f"P{number}"), deposit_option("12", 2.5, 3.0, product=f"P{number}"))
    assert len(_answer(fss_client, DEPOSITS).base) == 5
    assert [request.params["pageNo"] for request in fss_server.requests] == ["1", "2", "3"]


def test_no_product_is_an_answer_and_no_failure(fss_client: finlife.Client):
    assert _answer(fss_client, SAVINGS).base == []


def test_counts_may_come_as_text(fss: FakeFinlife, fss_client: finlife.Client):
    fss.counts_as_text = True
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    assert len(_answer(fss_client, DEPOSITS).base) == 1


def test_a_question_can_be_narrowed_to_one_company(fss: FakeFinlife, fss_server: Server, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row("0010001"))
    fss.add(DEPOSITS, deposit_row("0010927"))
    fss.products[DEPOSITS, BANKS][1][1].append(deposit_option("6", 2.0, 2.0, "0010927"))
    assert [row["fin_co_no"] for row in _answer(fss_client, DEPOSITS, "0010927").base] == ["0010927"]
    assert fss_server.requests[0].params["financeCd"] == "0010927"


@pytest.mark.parametrize(
    ("code", "name", "ends_source"),
    [
        ("010", "unknown key", True),
        ("011", "key suspended", True),
        ("012", "key deleted", True),
        ("013", "sample key", True),
        ("020", "daily limit reached", True),
        ("021", "address not allowed", True),
        ("100", "parameter missing", False),
        ("101", "parameter not valid", False),
        ("777", "unknown code", False),
    ],
)
def test_every_error_code_has_a_name_and_is_not_asked_again(
    code: str, name: str, ends_source: bool, fss_server: Server, fss_client: finlife.Client
):
    fss_server.queued_replies.append(Reply(error_answer(code, "메시지")))
    with pytest.raises(RefusedError, match=name) as caught:
        fss_client.pages(DEPOSITS, BANKS)
    assert (caught.value.code, caught.value.ends_source) == (code, ends_source)
    assert len(fss_server.requests) == 1


def test_an_undefined_error_is_asked_again(fss: FakeFinlife, fss_server: Server, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    fss_server.queued_replies += [Reply(error_answer("900", "정의되지 않은 오류")), Reply(error_answer("900", ""))]
    assert len(_answer(fss_client, DEPOSITS).base) == 1
    assert len(fss_server.requests) == 3


def test_an_undefined_error_that_stays_is_named(fss_server: Server, fss_client: finlife.Client):
    fss_server.queued_replies += [Reply(error_answer("900", "정의되지 않은 오류"))] * 4
    with pytest.raises(TransientError, match="900, undefined error"):
        fss_client.pages(DEPOSITS, BANKS)


def test_two_companies_with_one_product_code_keep_their_own_rates(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row("0010001", "X"), deposit_option("12", 2.0, 2.1, "0010001", "X"))
    fss.add(DEPOSITS, deposit_row("0010927", "X"), deposit_option("12", 3.0, 3.5, "0010927", "X"))
    offers, _ = _offers(fss_client, DEPOSITS)
    assert {row["company_no"]: (row["rate_min"], row["rate_max"]) for row in offers} == {
        "0010001": (0.02, 0.021),
        "0010927": (0.03, 0.035),
    }


def _credit(kind: str, rate_type: str, **bands_of: float) -> dict:
    facts = {"dcls_month": "202608", "fin_co_no": "0010001", "fin_prdt_cd": "C", "crdt_prdt_type": kind}
    grades = dict.fromkeys(("1", "4", "5", "6", "10", "11", "12", "13", "avg"), 0.0)
    values = {f"crdt_grad_{grade}": rate for grade, rate in (grades | bands_of).items()}
    return facts | values | {"crdt_lend_rate_type": rate_type}


def test_credit_loans_are_joined_on_their_type_too(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(CREDIT, base_row(product="C", crdt_prdt_type="1", cb_name="KCB"), _credit("1", "A", **{"1": 4.0}))
    fss.add(CREDIT, base_row(product="C", crdt_prdt_type="2", cb_name="KCB"), _credit("2", "A", **{"1": 6.0}))
    offers, _ = _offers(fss_client, CREDIT)
    assert {row["product_type"]: row["rate_min"] for row in offers} == {"1": 0.04, "2": 0.06}


def test_the_margin_of_a_credit_loan_is_not_taken_for_its_rate(fss: FakeFinlife, fss_client: finlife.Client):
    options = _credit("1", "A", **{"1": 5.0}), _credit("1", "C", **{"1": 1.5}), _credit("1", "D", **{"1": -0.5})
    fss.add(CREDIT, base_row(product="C", crdt_prdt_type="1"), *options)
    offers, rates = _offers(fss_client, CREDIT)
    assert (offers[0]["rate_min"], offers[0]["rate_max"]) == (0.05, 0.05)
    assert {row["component"] for row in rates} == {"A", "C", "D"}


def test_a_band_of_zero_is_not_lent_in_and_not_the_cheapest_loan(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(LOANS, loan_row(), loan_option(4.5, 9.0, 4.5, 5.2, 9.0))
    offers, rates = _offers(fss_client, LOANS)
    assert (offers[0]["rate_min"], offers[0]["rate_max"]) == (0.045, 0.09)
    assert [row["band"] for row in rates if row["band"] not in (None, "average")] == ["over_900", "801_900", "701_800"]
    assert min(row["rate_low"] for row in rates) == 0.045


def test_a_lowest_rate_of_zero_is_none(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(LOANS, loan_row(), loan_option(0, 9.0, 0, 0, 9.0))
    assert (
        _offers(fss_client, LOANS)[0][0]["rate_min"] == 0.045
    )  # the average that loan_option() gives, the lowest left
    fss.add(LOANS, loan_row(product="B2"), loan_option(0, 0, product="B2"))
    assert _offers(fss_client, LOANS)[0][1]["rate_min"] is None


def test_a_deposit_may_pay_nothing(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row(), deposit_option("1", 0.0, 0.1))
    assert _offers(fss_client, DEPOSITS)[0][0]["rate_min"] == 0.0


def test_a_rate_that_is_not_known_stays_unknown(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", None, None), deposit_option("24", 2.0, None))
    assert [(row["term_months"], row["rate_low"]) for row in _offers(fss_client, DEPOSITS)[1]] == [(24, 0.02)]


def test_names_with_newlines_become_one_line(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row(fin_prdt_nm="주거래\n우대\u202e예금\u200b"), deposit_option("12", 2.5, 3.0))
    assert _answer(fss_client, DEPOSITS).base[0]["fin_prdt_nm"] == "주거래 우대예금"


@pytest.mark.parametrize(
    ("sent", "limit", "without"), [(999_999_999, None, True), (None, None, False), (500, 500, False)]
)
def test_no_limit_and_an_unknown_limit_are_two_things(
    sent: int | None, limit: int | None, without: bool, fss: FakeFinlife, fss_client: finlife.Client
):
    fss.add(DEPOSITS, deposit_row(max_limit=sent), deposit_option("12", 2.5, 3.0))
    offer = _offers(fss_client, DEPOSITS)[0][0]
    assert (offer["limit_krw"], offer["has_no_limit"]) == (limit, without)


def test_annuities_in_the_form_of_business_loans_are_refused(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(ANNUITY, loan_row(), loan_option(4.5, 9.0, 4.5))
    with pytest.raises(SchemaError, match="pnsn_kind"):
        _answer(fss_client, ANNUITY)


@pytest.mark.parametrize("announced", [0, 297])
def test_an_answer_with_another_number_of_rows_than_announced_is_refused(
    announced: int, fss: FakeFinlife, fss_server: Server, fss_client: finlife.Client
):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    content = fss._page(fss.products[DEPOSITS, BANKS], 1)
    content["result"]["total_count"] = announced
    fss_server.queued_replies.append(Reply(content))
    with pytest.raises(SchemaError, match=f"announces {announced} rows and sent 1"):
        _answer(fss_client, DEPOSITS)


def test_a_server_that_repeats_its_first_page_is_refused(
    fss: FakeFinlife, fss_server: Server, fss_client: finlife.Client
):
    fss.rows_a_page = 1
    fss.add(DEPOSITS, deposit_row(product="P1"))
    fss.add(DEPOSITS, deposit_row(product="P2"))
    first = fss._page(fss.products[DEPOSITS, BANKS], 1)
    fss_server.queued_replies += [Reply(first), Reply(first)]
    with pytest.raises(SchemaError, match="asked for page 2 and sent page 1"):
        fss_client.pages(DEPOSITS, BANKS)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>maintenance</html>", b'{"result":', b"[]", b'{"result": null}', b'{"result": {"err_cd": "000"}}'],
)
def test_what_is_no_answer_is_refused_and_not_asked_again(
    content: bytes, fss_server: Server, fss_client: finlife.Client
):
    fss_server.queued_replies.append(Reply(content))
    with pytest.raises((SchemaError, RefusedError)):
        fss_client.pages(DEPOSITS, BANKS)
    assert len(fss_server.requests) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fin_prdt_cd": None}, "row 2 has no fin_prdt_cd"),
        ({"dcls_month": "202613"}, "row 2: dcls_month is '202613'"),
        ({"join_deny": ["1"]}, "row 2: join_deny is list"),
        ({"max_limit": "a lot"}, "row 2: max_limit is 'a lot'"),
    ],
)
def test_one_row_of_a_wrong_form_and_nothing_is_used(
    wrong: dict, message: str, fss: FakeFinlife, fss_client: finlife.Client
):
    fss.add(DEPOSITS, deposit_row())
    fss.add(DEPOSITS, deposit_row(product="P2") | wrong)
    with pytest.raises(SchemaError, match=message):
        _answer(fss_client, DEPOSITS)


@pytest.mark.parametrize("rate", [True, "three", float("nan"), float("inf"), {}])
def test_a_rate_that_is_no_number_is_refused(rate: object, fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0) | {"intr_rate": rate})
    with pytest.raises(SchemaError, match="intr_rate"):
        _answer(fss_client, DEPOSITS)


def test_a_rate_that_has_gone_from_every_row_is_a_changed_service(fss: FakeFinlife, fss_client: finlife.Client):
    renamed = {name: value for name, value in deposit_option("12", 2.5, 3.0).items() if name != "intr_rate2"}
    fss.add(DEPOSITS, deposit_row(), renamed | {"best_rate": 3.0})
    with pytest.raises(SchemaError, match="no intr_rate2 in any of 1 rows"):
        _answer(fss_client, DEPOSITS)


def test_a_rate_that_cannot_be_true_leaves_out_its_row_only(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(
        DEPOSITS,
        deposit_row(),
        deposit_option("12", 2.5, 3.0),
        deposit_option("24", 350.0, 360.0),
        deposit_option("36", -1.0, 2.0),
    )
    answer = _answer(fss_client, DEPOSITS)
    assert [row["save_trm"] for row in answer.option] == [12]
    assert [line.split(":")[1] for line in answer.left_out] == [
        " intr_rate is 350.0, must be from 0 to 100",
        " intr_rate is -1.0, must be from 0 to 100",
    ]


def test_options_of_no_product_and_products_that_come_twice_are_left_out(fss: FakeFinlife, fss_client: finlife.Client):
    fss.add(
        DEPOSITS,
        deposit_row(product="P1"),
        deposit_option("12", 2.5, 3.0),
        deposit_option("12", 9.0, 9.0, product="P9"),
    )
    fss.add(DEPOSITS, deposit_row(product="P2"), deposit_option("12", 2.6, 3.0, product="P2"))
    fss.add(DEPOSITS, deposit_row(product="P2"), deposit_option("12", 2.7, 3.0, product="P2"))
    answer = _answer(fss_client, DEPOSITS)
    assert [row["fin_prdt_cd"] for row in answer.base] == ["P1"]
    assert [row["intr_rate"] for row in answer.option] == [0.025]
    assert answer.left_out == [
        "depositProductsSearch: 0010001/P2 comes 2 times",
        "depositProductsSearch: 3 options belong to none of the products used",
    ]
