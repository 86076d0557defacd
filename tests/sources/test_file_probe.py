"""Files of any kind: encodings, damage, lines that are no rows; refused with a sentence, never a traceback."""

from pathlib import Path

import pytest

from core.sources.csv_layout import layout
from core.sources.errors import FileRefusedError
from tests.sources.small_bank import BUSINESSES, REVENUE, TABLES, load_bank, load_core_tables, write_files

HEAD = b"business_id,month,revenue_krw\n"


def _refusal(tmp_path: Path, data: bytes) -> tuple[str, str]:
    """Code and sentence of a revenue file that is refused; the other tables must be there."""
    bank = load_core_tables(tmp_path, revenue=data)
    assert bank.count("businesses") == 3
    assert bank.count("revenue") == 0
    ((code, reason),) = bank.rows("SELECT code, reason FROM quarantine WHERE file = 'revenue.csv'")
    assert bank.rows("SELECT rows_read, rows_loaded FROM source_files WHERE file = 'revenue.csv'") == [(0, 0)]
    assert "revenue.csv" in reason
    return code, reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_both_encodings_and_both_line_breaks_give_the_same_names(tmp_path: Path, encoding: str, newline: str):
    # 똠 is in cp949 and not in the smaller EUC-KR.
    text = BUSINESSES.replace("가람식당", "똠양식당").replace("\n", newline)
    bank = load_core_tables(tmp_path, businesses=text.encode(encoding))
    assert bank.rows("SELECT name FROM businesses ORDER BY business_id") == [
        ("똠양식당",),
        ("나래의원",),
        ("다온문구",),
    ]
    assert bank.count("quarantine") == 0


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_separators_are_recognised(tmp_path: Path, delimiter: str):
    assert load_core_tables(tmp_path, revenue=REVENUE.replace(",", delimiter)).count("revenue") == 4


def test_the_name_of_a_file_does_not_matter(tmp_path: Path):
    bank = load_bank(write_files(tmp_path, businesses=REVENUE, revenue=BUSINESSES, x=TABLES["managers"]))
    assert (bank.count("businesses"), bank.count("revenue")) == (3, 4)


def test_columns_may_stand_in_any_order_and_case(tmp_path: Path):
    bank = load_core_tables(tmp_path, revenue="Revenue_KRW, MONTH ,Business_ID\n5,2024-01,B1\n")
    assert bank.rows("SELECT business_id, revenue_krw FROM revenue") == [("B1", 5)]


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "empty_file", "is empty"),
        (b"\n\n", "empty_file", "first line is empty"),
        (HEAD, "header_only", "no rows"),
        (HEAD[:-1], "header_only", "no rows"),
        ("business_id,month,revenue_krw\nB1,2024-01,1\n".encode("utf-16"), "encoding_utf16", "UTF-16"),
        ("business_id,month,revenue_krw\nB1,2024-01,1\n".encode("utf-16-le"), "encoding_utf16", "UTF-16"),
        (HEAD + b"B1,2024-01,1\nB\xff\xff,2024-01,2\n", "encoding_unknown", "line 3"),
        (HEAD + "가,2024-01,1\n".encode() + "똠,2024-01,1\n".encode("cp949"), "encoding_unknown", "line 3"),
        (HEAD + "가,2024-01,1\n나".encode()[:-1], "truncated_file", "cut off"),
        (HEAD + "가나,2024-01,1\n다".encode("cp949")[:-1], "truncated_file", "cut off"),
        (HEAD + b'B1,2024-01,1\n"B2,2024', "truncated_file", "inside a quoted cell"),
        (b"business_id,month\nB1,2024-01\n", "column_missing", "lacks revenue_krw"),
        (b"business_id,month,revenue_krw,month\nB1,2024-01,1,2\n", "column_repeated", "month more than once"),
        (HEAD.replace(b"\n", b"\r") + b"B1,2024-01,1\rB1,2024-02,1\r", "no_line_breaks", "no line breaks"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path, data: bytes, code: str, says: str):
    actual, reason = _refusal(tmp_path, data)
    assert (actual, says in reason) == (code, True), reason


def test_a_missing_column_is_reported_with_the_columns_that_are_there(tmp_path: Path):
    _, reason = _refusal(tmp_path, b"business_id,month,sales\nB1,2024-01,1\n")
    assert "looks like revenue" in reason
    assert "business_id, month, sales" in reason


def test_businesses_need_one_of_three_ways_to_a_district(tmp_path: Path):
    bank = load_bank(write_files(tmp_path, businesses=BUSINESSES.replace("district_code", "gu")))
    ((reason,),) = bank.rows("SELECT reason FROM quarantine")
    assert "lacks district_code or trade_area_code or lat" in reason


@pytest.mark.parametrize("name", ["revenue.parquet", "revenue.xlsx", "revenue.csv"])
@pytest.mark.parametrize("start", [b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_cut_parquet_or_workbook_is_refused_with_a_sentence(tmp_path: Path, name: str, start: bytes):
    write_files(tmp_path, managers=TABLES["managers"], businesses=BUSINESSES)
    (tmp_path / "bank" / name).write_bytes(start + bytes(range(100)))
    ((reason,),) = load_bank(tmp_path).rows(f"SELECT reason FROM quarantine WHERE file = '{name}'")
    assert name in reason


def test_a_ragged_line_is_reported_and_the_lines_after_it_keep_their_numbers(tmp_path: Path):
    text = HEAD + b"B1,2024-01,1\nB1,2024-02,1,000\nB1\n\nB1,2024-03,3\nB1,2024-04,-4\n"
    bank = load_core_tables(tmp_path, revenue=text)
    assert bank.quarantined("revenue") == [
        (3, None, "B1,2024-02,1,000", "ragged_line", "row"),
        (4, None, "B1", "ragged_line", "row"),
        (7, "revenue_krw", "-4", "revenue_negative", "row"),
    ]
    assert bank.count("revenue") == 2


def test_a_line_break_inside_quotation_marks_is_part_of_its_cell(tmp_path: Path):
    text = BUSINESSES.replace("가람식당", '"가람\n식당, ""본점"""').replace("11740", "99999")
    bank = load_core_tables(tmp_path, businesses=text)
    assert bank.rows("SELECT name FROM businesses WHERE business_id = 'B1'") == [('가람\n식당, "본점"',)]
    assert bank.codes("businesses") == [(5, "district_unknown")]


def test_a_quotation_mark_never_closed_costs_its_line_only(tmp_path: Path):
    text = HEAD + b'B1,2024-01,1\n"B1,2024-02,2\nB1,2024-03,3\nB1,2024-04,x\n'
    bank = load_core_tables(tmp_path, revenue=text)
    assert bank.codes("revenue") == [(3, "unbalanced_quote"), (5, "amount_text")]
    assert bank.count("revenue") == 2


def test_a_last_line_without_line_break_is_kept_out_because_it_may_be_cut(tmp_path: Path):
    # 2024-02,200 may have been 2024-02,2000.
    bank = load_core_tables(tmp_path, revenue=HEAD + b"B1,2024-01,1\nB1,2024-02,200")
    assert bank.quarantined("revenue") == [(3, None, "B1,2024-02,200", "truncated_last_line", "row")]
    assert bank.count("revenue") == 1


def test_a_last_line_whose_last_cell_is_closed_by_a_quotation_mark_is_whole(tmp_path: Path):
    # The city ends some of its files so.
    bank = load_core_tables(tmp_path, revenue=HEAD + b'"B1","2024-01","1"\n"B1","2024-02","2"')
    assert bank.rows("SELECT sum(revenue_krw) FROM revenue") == [(3,)]


def test_line_numbers_are_right_in_cp949_after_cut_lines(tmp_path: Path):
    lines = BUSINESSES.splitlines()
    text = "\n".join([lines[0], lines[1], "ragged,line", "", lines[2].replace("11680", "00000"), lines[3], ""])
    bank = load_core_tables(tmp_path, businesses=text.encode("cp949"))
    assert bank.codes("businesses") == [(3, "ragged_line"), (5, "district_unknown")]


def test_mixed_line_breaks_are_read_as_lines(tmp_path: Path):
    bank = load_core_tables(tmp_path, revenue=HEAD + b"B1,2024-01,1\r\nB1,2024-02,2\nB1,2024-03,-3\r\n")
    assert bank.codes("revenue") == [(4, "revenue_negative")]
    assert bank.rows("SELECT sum(revenue_krw) FROM revenue") == [(3,)]


def test_a_file_that_is_mostly_ragged_is_refused_as_a_file(tmp_path: Path):
    data = HEAD + b"B1,2024-01,1,\n" * 100_001
    code, reason = _refusal(tmp_path, data)
    assert code == "ragged_file"
    assert "line 2" in reason


def test_formulas_and_markup_in_cells_stay_text(tmp_path: Path):
    name = "=HYPERLINK(1)'); DROP TABLE revenue;--"
    bank = load_core_tables(tmp_path, businesses=BUSINESSES.replace("가람식당", name))
    assert bank.rows("SELECT name FROM businesses WHERE business_id = 'B1'") == [(name,)]


@pytest.mark.parametrize(
    ("body", "rows", "bad", "segments"),
    [
        (b"1,2\n3,4\n", 2, [], [(0, 2)]),
        (b"1,2\n\n3,4\n", 2, [], [(0, 2), (1, 4)]),
        (b"1\n2,3\n", 1, [(2, "ragged_line")], [(0, 3)]),
        (b'1,"a\nb"\n3,4\n', 2, [], [(0, 2), (1, 4)]),
        (b'"a\nb\nc",2\n5\n3,4\n', 2, [(5, "ragged_line")], [(0, 2), (1, 6)]),
        (b'1,5" wide\n3,4\n', 1, [(2, "unbalanced_quote")], [(0, 3)]),
        (b'1,"a"b\n3,4\n', 1, [(2, "unbalanced_quote")], [(0, 3)]),
        (b'1,"a,b"\n"x""y",4\n', 2, [], [(0, 2)]),
        (b"1,a\rb\n3,4\n", 1, [(2, "ragged_line")], [(0, 3)]),
    ],
)
def test_the_layout_of_lines(tmp_path: Path, body: bytes, rows: int, bad: list, segments: list):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + body)
    lines = layout(path, ",", 2, 4)
    assert (lines.rows, [(line.line, line.code) for line in lines.bad], lines.segments) == (rows, bad, segments)


def test_blocks_do_not_change_the_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b'1,"x\ny"\n1\n22,33\n"4",""\n' * 50)
    whole = layout(path, ",", 2, 4)
    for block in (1, 2, 3, 7, 64):
        monkeypatch.setattr("core.sources.csv_layout.BLOCK", block)
        assert layout(path, ",", 2, 4) == whole
    assert (whole.rows, len(whole.bad)) == (150, 50)


def test_a_file_without_line_breaks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"1,2 " * 100)
    monkeypatch.setattr("core.sources.csv_layout.BLOCK", 8)
    with pytest.raises(FileRefusedError, match="no line breaks"):
        layout(path, ",", 2, 4)
