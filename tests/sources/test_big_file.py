"""A big file with bad lines: bounded memory, the right line numbers, every other row loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.sources.small_bank import BUSINESSES, MANAGERS, write_files

pytestmark = pytest.mark.slow

ROWS = 2_400_000
BAD = {
    1_000: ('"open,2024-01,1,x', "unbalanced_quote"),
    ROWS // 2: ("N1,2024-01,1,234,x", "ragged_line"),
    ROWS - 7: ("N9,2018-01,many,x", "amount_text"),
}
# The file is loaded in a process of its own, so that its memory can be measured; the figures come back on stdout. Not
# getrusage: a process begins with the highest figure of the process that started it.
LOADER = """
import json, re, sys
from pathlib import Path
from core import db
from core.sources import load
con = db.connect(sys.argv[2], "1GB")
load(con, Path(sys.argv[1]))
where = "WHERE source_table = 'revenue'"
print(json.dumps(con.execute(f"SELECT line, code FROM quarantine {where} AND action = 'row' ORDER BY line").fetchall()))
print(json.dumps(con.execute(f"SELECT rows_read, rows_loaded FROM source_files {where}").fetchall()))
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_big_file_with_three_bad_lines_loads_in_bounded_memory(tmp_path: Path, encoding: str):
    businesses = [
        f"N{number},가람{number},,CS100001,11110,2015-03-02,2016-01-04,R1,open" for number in range(ROWS // 72 + 1)
    ]
    header = BUSINESSES.splitlines()[0]
    write_files(tmp_path / "raw", managers=MANAGERS, businesses="\n".join([header, *businesses, ""]))
    with (tmp_path / "raw" / "bank" / "revenue.csv").open("w", encoding=encoding) as file:
        file.write("business_id,month,revenue_krw,비고\n")
        for row in range(ROWS):
            number, month = divmod(row, 72)
            line = f"N{number},{2019 + month // 12}-{month % 12 + 1:02},{row * 7919 % 10**9},메모"
            file.write(BAD.get(row + 2, (line,))[0] + "\n")
    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(tmp_path / "raw"), str(tmp_path / "bank.duckdb")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines, counts, megabytes = map(json.loads, done.stdout.splitlines())
    assert lines == [[line, code] for line, (_, code) in BAD.items()]
    assert counts == [[ROWS, ROWS - len(BAD)]]
    assert megabytes < 1_500
