"""Tables of clean rows as Parquet: texts that come once are written as they are."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlm.commands.tables import write_blocks


@pytest.mark.parametrize("n", [0, 10, 5000])
def test_a_column_of_ids_that_come_once_has_no_dictionary(tmp_path, n):
    block = pa.table(
        {
            "school": pa.array([str(i // 25) for i in range(n)], pa.string()),
            "pupil": pa.array([str(i) for i in range(n)], pa.string()),
            "score": pa.array([float(i) for i in range(n)], pa.float64()),
        }
    )
    path = tmp_path / "rows.parquet"
    write_blocks(path, block.schema, [block, block] if n else [])
    file = pq.ParquetFile(path)
    assert file.schema_arrow.equals(block.schema)
    assert file.read().equals(pa.concat_tables([block, block]))
    if n == 5000:
        group = file.metadata.row_group(0)
        used = [group.column(i).has_dictionary_page for i in range(3)]
        assert used == [True, False, True]
