"""One selection for all pages: what the URL says, what a build knows, what a callback changed."""

import pytest

from pages.shared import selection, state
from pages.shared.selection import Selection
from pages.shared.url import PARAMS, params_of, selection_from
from tests.pages.conftest import run_page

FULL = Selection("RM002", "11680", "dining", (1, 3), "한강", "OK", "pd", 3, "B0000007", "weak", ("watch", "risk"), "95",
                 ("B-1", "a~b&c"), ("11140",), 12)  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_selection_survives_the_url():
    assert selection_from(params_of(FULL)) == FULL


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_defaults_stay_out_of_the_url(manager):
    assert params_of(Selection(scope=manager)) == {}


def test_every_field_has_a_place_in_the_url():
    assert set(PARAMS) == set(Selection.__dataclass_fields__)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"tier": "1-9-x-3"}, {"tiers": (1, 3)}),
        ({"tier": "99999999"}, {"tiers": ()}),
        ({"churn": "severe-panic-watch"}, {"churn": ("watch", "severe")}),
        ({"page": "-4"}, {"page": 1}),
        ({"visits": "12"}, {"visits": 12}),
        ({"visits": "many"}, {"visits": selection.DEFAULT_VISITS}),
        ({"page": "१२"}, {"page": 1}),  # digits, but not ours
        ({"page": "9" * 400}, {"page": 1}),
        ({"q": "가" * 500}, {"text": "가" * 64}),
        ({"id": "'; DROP TABLE managers"}, {"business_id": "'; DROP TABLE managers"}),  # bound, never put into SQL
        ({"compare": "a~~b~a~c~d~e"}, {"basket": ("a", "b", "c", "d")}),
        ({"compare": "x" * 65 + "~B1"}, {"basket": ("B1",)}),
        ({"areas": "~".join("12345678")}, {"areas": ("1", "2", "3", "4")}),
        ({"nonsense": "1"}, {}),
    ],
)
def test_a_hostile_url_is_cut_to_form(query, expected):
    chosen = selection_from(query)
    assert {name: getattr(chosen, name) for name in expected} == expected


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_codes_unknown_to_the_build_are_dropped(manager):
    at = run_page("businesses", rm="RM999", district="99999", category="space", state="FINE", sort="height", map="x",
                  churn="panic", anomaly="7", areas="99999")  # fmt: skip
    assert at.session_state[state.SELECTION] == Selection(scope=manager)


@pytest.mark.slow
def test_a_branch_is_everyone_of_it(query):
    branch, ids = query("SELECT branch, list(manager_id ORDER BY manager_id) FROM managers GROUP BY branch LIMIT 1")[0]
    at = run_page("businesses", rm=f"branch-{ids[0]}")
    total = query("SELECT count(*) FROM business_scores WHERE branch = $branch AND state <> 'CLOSED'", branch=branch)
    assert (
        f"**{total[0][0]:,}개 업체 (담당 전체" in at.markdown[-1].value
        or f"**{total[0][0]:,}개" in at.markdown[0].value
    )


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_changed_filter_starts_again_at_the_first_page():
    at = run_page("businesses", rm="branch-RM001", page="2")
    at.selectbox(key="choose_sort").set_value("pd").run()
    assert at.session_state[state.SELECTION].page == 1
