"""Five hundred damaged files: each loads to a sound cohort or raises the documented error."""

from __future__ import annotations

import gzip
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from data_toys import toy_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import HealthGymError

SOUND = toy_table(3).to_csv(index=False).encode()
N_LINES = SOUND.count(b"\n")
TOKENS = (
    b"",
    b"NaN",
    b"NA",
    b"None",
    b"-1",
    b"0",
    b"2",
    b"3.0",
    b"1e400",
    b"-inf",
    b"99999999999999999999999",
    b"9223372036854775808",
    b"1.7976931348623157e308",
    b"abc",
    b"Male",
    b"True",
    b"1,5",
    b"1;5",
    b'"',
    b'"1.0"',
    b"'1'",
    b"0x10",
    b"1_000",
    b" 1 ",
    b"2023-01-01",
    b"=1+1",
    b"#N/A",
    b"\x00",
    b"\xe9",
    "é٣".encode(),
    b"\r",
    b"\n",
)
NAMES = tuple(name.encode() for name in (*SCHEMA.names, "Timepoints", "Unnamed: 0", "index", "Age"))

bytes_of = st.binary(min_size=1, max_size=4)
place = st.floats(0, 1, exclude_max=True)
line = st.integers(0, N_LINES - 1)
column = st.integers(0, len(SCHEMA) - 1)


def _at(content: bytes, where: float) -> int:
    return int(where * len(content))


def overwrite(where: float, new: bytes) -> Callable[[bytes], bytes]:
    return lambda old: old[: _at(old, where)] + new + old[_at(old, where) + len(new) :]


def insert(where: float, new: bytes) -> Callable[[bytes], bytes]:
    return lambda old: old[: _at(old, where)] + new + old[_at(old, where) :]


def cut_out(where: float, size: int) -> Callable[[bytes], bytes]:
    return lambda old: old[: _at(old, where)] + old[_at(old, where) + size :]


def flip(where: float, bit: int) -> Callable[[bytes], bytes]:
    def change(old: bytes) -> bytes:
        new = bytearray(old)
        if new:
            new[_at(old, where)] ^= 1 << bit
        return bytes(new)

    return change


def truncate(where: float) -> Callable[[bytes], bytes]:
    return lambda old: old[: _at(old, where)]


def in_lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda old: b"\n".join(change(old.split(b"\n")))


def drop_lines(first: int, count: int) -> Callable[[bytes], bytes]:
    return in_lines(lambda lines: lines[:first] + lines[first + count :])


def repeat_line(first: int, again: int) -> Callable[[bytes], bytes]:
    return in_lines(lambda lines: [*lines[:again], *lines[first : first + 1], *lines[again:]])


def replace_cell(number: int, cell: int, token: bytes) -> Callable[[bytes], bytes]:
    def change(lines: list[bytes]) -> list[bytes]:
        if number < len(lines):
            cells = lines[number].split(b",")
            cells[min(cell, len(cells) - 1)] = token
            lines[number] = b",".join(cells)
        return lines

    return in_lines(change)


def replace_column(cell: int, token: bytes) -> Callable[[bytes], bytes]:
    def change(lines: list[bytes]) -> list[bytes]:
        split = [text.split(b",") for text in lines]
        for cells in split[1:]:
            if len(cells) > cell:
                cells[cell] = token
        return [b",".join(cells) for cells in split]

    return in_lines(change)


def without_column(cell: int) -> Callable[[bytes], bytes]:
    def change(lines: list[bytes]) -> list[bytes]:
        split = [text.split(b",") for text in lines]
        return [b",".join(cells[:cell] + cells[cell + 1 :]) for cells in split]

    return in_lines(change)


def swap_bytes(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new)


def number_rows(old: bytes) -> bytes:
    return b"\n".join(b"%d,%s" % (i, text) for i, text in enumerate(old.split(b"\n")))


harmless = st.one_of(
    st.builds(
        replace_cell,
        st.integers(1, N_LINES - 1),
        st.integers(0, 2),
        st.sampled_from([b"1", b"50.25", b"1e2", b"0", b" 7 ", b"+3.5", b".5"]),
    ),
    st.builds(replace_cell, st.just(0), st.just(14), st.just(b"Timepoints")),
    st.builds(swap_bytes, st.just(b"\n"), st.just(b"\r\n")),
    st.just(in_lines(lambda lines: [lines[0], *lines[:0:-1]])),
    st.sampled_from([lambda old: b"\xef\xbb\xbf" + old, number_rows]),
)
mutation = st.one_of(
    harmless,
    st.builds(overwrite, place, bytes_of),
    st.builds(insert, place, bytes_of),
    st.builds(cut_out, place, st.integers(1, 2000)),
    st.builds(flip, place, st.integers(0, 7)),
    st.builds(flip, st.floats(0, 0.02), st.integers(0, 7)),
    st.builds(truncate, place),
    st.builds(drop_lines, line, st.integers(1, 70)),
    st.builds(repeat_line, line, line),
    st.builds(replace_cell, line, column, st.sampled_from(TOKENS)),
    st.builds(replace_cell, st.just(0), column, st.sampled_from(NAMES)),
    st.builds(replace_column, column, st.sampled_from(TOKENS)),
    st.builds(without_column, column),
    st.builds(swap_bytes, st.sampled_from([b",", b"\n", b".", b"0"]), st.sampled_from(TOKENS)),
    st.builds(swap_bytes, st.just(b","), st.sampled_from([b";", b"\t", b" ", b"|"])),
    st.sampled_from([gzip.compress, lambda old: old + old]),
)
FUZZ = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def loads_or_explains(content: bytes, name: str) -> bool:
    """Loading `content` gives a sound cohort (True), or an error that names the file (False)."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        path = Path(folder) / name
        path.write_bytes(content)
        cohort, said = None, ""
        try:
            cohort = load_cohort("art_hiv", source=path)
        except HealthGymError as error:
            said = str(error)
    if cohort is None:
        assert name in said
        assert len(said) < 2500
    else:
        SCHEMA.validate(cohort.frame)
        assert len(cohort) == cohort.frame["PatientID"].nunique() >= 1
        assert cohort.frame.index.equals(pd.RangeIndex(60 * len(cohort)))
    return cohort is not None


def test_500_mutated_csv_files_load_or_explain_themselves():
    loaded = []

    @settings(FUZZ, max_examples=500)
    @given(st.lists(st.one_of(harmless, mutation), min_size=1, max_size=4))
    def fuzz(mutations: list[Callable[[bytes], bytes]]) -> None:
        content = SOUND
        for mutate in mutations:
            content = mutate(content)
        loaded.append(loads_or_explains(content, "mutated.csv"))

    fuzz()
    assert len(loaded) >= 500
    assert 10 <= sum(loaded) <= len(loaded) - 100  # neither outcome is an accident


@settings(FUZZ, max_examples=100)
@given(st.lists(mutation, min_size=1, max_size=2), st.booleans())
def test_a_mutated_gzip_file_loads_or_explains_itself(mutations, pack_first):
    content = gzip.compress(SOUND) if pack_first else SOUND
    for mutate in mutations:
        content = mutate(content)
    loads_or_explains(content if pack_first else gzip.compress(content), "mutated.csv.gz")


@settings(FUZZ, max_examples=100)
@given(st.lists(mutation, min_size=1, max_size=3))
def test_a_mutated_parquet_file_loads_or_explains_itself(mutations):
    content = toy_table(1).to_parquet()
    for mutate in mutations:
        content = mutate(content)
    loads_or_explains(content, "mutated.parquet")


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff" * 100, b",", b",\n,", b'"', b"VL", b"\r", SOUND[:143]]
)
@pytest.mark.parametrize("name", ["tiny.csv", "tiny.csv.gz", "tiny.parquet"])
def test_a_tiny_file_explains_itself(content, name):
    assert not loads_or_explains(content, name)
