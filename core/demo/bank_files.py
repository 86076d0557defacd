"""Files of the bank's tables: CSV for a small bank, Parquet for the long tables of a large one."""

from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet

ALWAYS_CSV = ("managers", "businesses")
# Our own words need no quotes; pyarrow raises where one does.
UNQUOTED = csv.WriteOptions(include_header=False, quoting_style="none")


class BankFiles:
    """Tables of raw/bank, written chunk by chunk; `rows`: number of rows by table."""

    def __init__(self, folder: Path, large: bool) -> None:
        self.folder, self.large = folder, large
        self.rows: dict[str, int] = {}
        self._writers: dict[str, parquet.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def append(self, name: str, table: pa.Table) -> None:
        """Append rows to a table; the first call creates its file."""
        if self.large and name not in ALWAYS_CSV:
            self._append_parquet(name, table)
        else:
            self._append_csv(name, table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def _append_parquet(self, name: str, table: pa.Table) -> None:
        if name not in self._writers:
            self._writers[name] = parquet.ParquetWriter(self.folder / f"{name}.parquet", table.schema)
        self._writers[name].write_table(table)

    def _append_csv(self, name: str, table: pa.Table) -> None:
        first = name not in self.rows
        with (self.folder / f"{name}.csv").open("wb" if first else "ab") as file:
            if first:
                file.write(",".join(table.column_names).encode() + b"\n")
            csv.write_csv(table, file, UNQUOTED)


def table(**columns: np.ndarray | pd.Series | pa.Array) -> pa.Table:
    """Columns as an Arrow table."""
    return pa.table({name: pa.array(values) for name, values in columns.items()})
