"""Import: files are checked against what is there, copied whole or not at all; demo and real data never mix."""

from pathlib import Path

import pytest

from core.errors import DataError
from core.sources.importer import Report, check_files, import_files
from tests.sources.small_bank import BUSINESSES, REVENUE, TABLES, load_bank, write_files

DEMO = '{"seed": 1, "businesses": 3}'


def _write_inbox(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def _files(raw: Path) -> list[str]:
    return sorted(str(path.relative_to(raw)) for path in raw.rglob("*") if path.is_file())


def _accepted(report: Report) -> dict[str, bool]:
    return {file.file: file.accepted for file in report.files}


def test_a_whole_bank_is_imported(tmp_path: Path):
    raw = tmp_path / "raw"
    report = import_files(_write_inbox(tmp_path / "in", **TABLES), raw)
    assert all(file.accepted and not file.problems for file in report.files)
    assert _files(raw) == sorted(f"bank/{name}.csv" for name in TABLES)
    assert load_bank(raw).count("businesses") == 3


def test_check_says_the_same_and_copies_nothing(tmp_path: Path):
    raw, inbox = tmp_path / "raw", _write_inbox(tmp_path / "in", **TABLES, stray="a,b\n1,2\n")
    assert check_files(inbox, raw) == import_files(inbox, tmp_path / "other")
    assert not raw.exists()


def test_files_of_the_city_and_of_the_bank_go_to_their_folders(tmp_path: Path):
    sales = "기준_년분기_코드,상권_코드,서비스_업종_코드,당월_매출_금액\n20241,3110001,CS100001,1\n"
    import_files(_write_inbox(tmp_path / "in", **TABLES, 매출=sales), tmp_path / "raw")
    assert "seoul/매출.csv" in _files(tmp_path / "raw")


def test_a_file_that_is_no_table_is_not_imported_and_the_others_are(tmp_path: Path):
    inbox = _write_inbox(tmp_path / "in", **TABLES, holiday="colour,taste\nred,sweet\n")
    report = import_files(inbox, tmp_path / "raw")
    assert not _accepted(report)["holiday.csv"]
    assert sum(_accepted(report).values()) == len(TABLES)
    assert "bank/holiday.csv" not in _files(tmp_path / "raw")


def test_a_problem_says_count_line_column_value_and_what_to_do(tmp_path: Path):
    bad = REVENUE + 'B1,2024-03,"1,234"\nB1,2024-04,"5,678"\n'
    report = check_files(_write_inbox(tmp_path / "in", **(TABLES | {"revenue": bad})), tmp_path / "raw")
    (revenue,) = (file for file in report.files if file.table == "revenue")
    assert (revenue.rows, revenue.quarantined, revenue.accepted) == (6, 2, True)
    (problem,) = revenue.problems
    for words in ("2 x left out", "thousands separators", "plain digits", "line 6", "revenue_krw = '1,234'"):
        assert words in problem


def test_a_file_without_a_good_row_is_not_imported(tmp_path: Path):
    inbox = _write_inbox(tmp_path / "in", **(TABLES | {"revenue": "business_id,month,revenue_krw\nB9,x,y\n"}))
    report = import_files(inbox, tmp_path / "raw")
    assert not _accepted(report)["revenue.csv"]
    assert "bank/revenue.csv" not in _files(tmp_path / "raw")


def test_a_file_is_checked_against_the_tables_that_are_there(tmp_path: Path):
    raw = tmp_path / "raw"
    import_files(_write_inbox(tmp_path / "in", **TABLES), raw)
    more = _write_inbox(
        tmp_path / "more", april="business_id,month,revenue_krw\nB1,2024-04,1\nB1,2024-01,999\nB8,2024-04,1\n"
    )
    (file,) = import_files(more / "april.csv", raw).files
    # 2024-01 of B1 is 1000 in revenue.csv: two files that overlap and differ.
    assert (file.rows, file.quarantined, file.accepted) == (3, 2, True)
    for words in ("rows of the same key differ", "not in businesses"):
        assert any(words in problem for problem in file.problems)


def test_the_same_file_again_replaces_itself(tmp_path: Path):
    raw = tmp_path / "raw"
    import_files(_write_inbox(tmp_path / "in", **TABLES), raw)
    inbox = _write_inbox(tmp_path / "new", revenue=REVENUE.replace("1000", "1001"))
    (file,) = import_files(inbox / "revenue.csv", raw).files
    assert file.problems == []
    assert load_bank(raw).rows("SELECT sum(revenue_krw) FROM revenue") == [(6001,)]


def test_two_files_of_one_name_are_both_kept(tmp_path: Path):
    head = "business_id,month,revenue_krw\n"
    inbox = tmp_path / "in"
    _write_inbox(inbox, **{name: text for name, text in TABLES.items() if name != "revenue"})
    _write_inbox(inbox / "2023", data=head + "B1,2023-01,1\n")
    _write_inbox(inbox / "2024", data=head + "B1,2024-01,2\n")
    import_files(inbox, tmp_path / "raw")
    assert {"bank/data.csv", "bank/2024-data.csv"} <= set(_files(tmp_path / "raw"))
    assert load_bank(tmp_path / "raw").count("revenue") == 2


def test_a_file_never_replaces_one_of_another_table(tmp_path: Path):
    raw = write_files(tmp_path / "raw", data=BUSINESSES, managers=TABLES["managers"])
    import_files(_write_inbox(tmp_path / "in", data=REVENUE) / "data.csv", raw)
    bank = load_bank(raw)
    assert (bank.count("businesses"), bank.count("revenue")) == (3, 4)


def test_real_files_replace_demo_files_and_the_report_says_so(tmp_path: Path):
    raw = write_files(tmp_path / "raw", demo_revenue=REVENUE, demo_businesses=BUSINESSES)
    (raw / "bank" / "DEMO.json").write_text(DEMO, encoding="utf-8")
    write_files(raw, "seoul", demo="a\n1\n")
    (raw / "seoul" / "DEMO.json").write_text(DEMO, encoding="utf-8")
    report = import_files(_write_inbox(tmp_path / "in", **TABLES), raw)
    assert any("demo" in note for note in report.notes)
    assert any("demo" in problem for problem in report.files[0].problems)
    # The trade areas were not touched: only what the real files stand in for goes.
    assert _files(raw) == sorted([*(f"bank/{name}.csv" for name in TABLES), "seoul/DEMO.json", "seoul/demo.csv"])
    # Nothing of the demo was in the way: the same keys were there.
    assert not any("same key" in problem for file in report.files for problem in file.problems)


def test_real_files_that_cannot_be_used_leave_the_demo_where_it_is(tmp_path: Path):
    raw = write_files(tmp_path / "raw", demo_revenue=REVENUE)
    (raw / "bank" / "DEMO.json").write_text(DEMO, encoding="utf-8")
    report = import_files(_write_inbox(tmp_path / "in", revenue="business_id,month,revenue_krw\n"), raw)
    assert report.notes == []
    assert _files(raw) == ["bank/DEMO.json", "bank/demo_revenue.csv"]


def test_demo_files_stay_demo_and_never_join_real_ones(tmp_path: Path):
    demo = _write_inbox(tmp_path / "demo", **TABLES)
    (demo / "DEMO.json").write_text(DEMO, encoding="utf-8")
    import_files(demo, tmp_path / "fresh")
    assert load_bank(tmp_path / "fresh").rows("SELECT DISTINCT is_demo FROM source_files") == [(True,)]
    real = tmp_path / "real"
    import_files(_write_inbox(tmp_path / "in", **TABLES), real)
    report = import_files(demo, real)
    assert not any(_accepted(report).values())
    assert "never mixed" in report.files[0].problems[0]


def test_an_empty_folder_and_the_data_folder_itself_are_refused(tmp_path: Path):
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="holds no CSV"):
        import_files(tmp_path / "in", tmp_path / "raw")
    raw = write_files(tmp_path / "raw", **TABLES)
    with pytest.raises(DataError, match="where imported files go"):
        import_files(raw / "bank", raw)
    assert len(_files(raw)) == len(TABLES)


def test_no_draft_stays_beside_the_copies(tmp_path: Path):
    import_files(_write_inbox(tmp_path / "in", **TABLES), tmp_path / "raw")
    assert not [name for name in _files(tmp_path / "raw") if ".new" in name]
