"""A Parquet file's columns as the rows of text that a CSV file has, so that one strict reader serves both.

Numbers become the shortest text that reads back as the same, days `1959-01-31`, what is missing an empty cell, which
is then a problem like any other. Nested values are refused.
"""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

from worldmodel.data.optional import optional
from worldmodel.errors import InputError, Problem

MAGIC = b"PAR1"
CELLS = 20_000_000


def parquet_lines(content: bytes, where: str, most_rows: int, most_columns: int) -> list[list[str]]:
    """The column names, and one list of texts for each row; InputError for what is damaged, nested or too large."""
    parquet = optional("pyarrow.parquet", "reads and writes Parquet files")
    arrow = optional("pyarrow", "reads and writes Parquet files")
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        columns, rows = len(file.schema_arrow.names), file.metadata.num_rows
        if rows > most_rows or columns > most_columns or rows * columns > CELLS:
            raise InputError(_too_large(where, rows, columns, f"at most {most_rows} rows, {most_columns} columns"))
        lines = [list(map(str, file.schema_arrow.names)), *_rows(file, most_rows, where)]
    except (arrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise InputError(
            Problem(
                code="data-not-parquet",
                where=where,
                found=f"a damaged or foreign Parquet file ({str(error)[:200]})",
                wanted="flat columns of numbers, texts or days",
                mend="write the file anew, or save the data as CSV",
            )
        ) from error
    return lines


def _rows(file: Any, most: int, where: str) -> Iterator[list[str]]:
    """Batch by batch, since what the file says of its own length need not be true."""
    count = 0
    for batch in file.iter_batches(batch_size=65_536, use_threads=False):
        count += batch.num_rows
        if count > most:
            raise InputError(_too_large(where, count, batch.num_columns, f"at most {most} rows"))
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [_text(value) for value in values]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return value
        case dt.datetime():
            midnight = value.time() == dt.time.min
            return value.date().isoformat() if midnight else value.isoformat()
        case dt.date():
            return value.isoformat()
        case _:
            raise ValueError(f"a value of the kind {type(value).__name__}")


def _too_large(where: str, rows: int, columns: int, wanted: str) -> Problem:
    return Problem(
        code="data-too-large",
        where=where,
        found=f"{rows} rows and {columns} columns",
        wanted=wanted,
        mend="use fewer columns or longer steps",
    )
