"""The schema: the published columns, labels for codes, and a clear error for every misfit."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from healthgym_edu.conditions import CONDITIONS, get_mechanism
from healthgym_edu.conditions.art_hiv.variables import SCHEMA as ART_HIV
from healthgym_edu.errors import ArgumentError, HealthGymError, SchemaError
from healthgym_edu.schema import Schema, Variable

TOY = Schema(
    condition="toy",
    title="A toy condition",
    n_steps=3,
    step_unit="day",
    variables=(
        Variable(
            "Pulse", "numeric", "Beats.", unit="bpm", low=0, high=300, measured_by="Pulse (M)"
        ),
        Variable(
            "Ward", "categorical", "Where.", labels=("North", "East", "South"), codes=(1, 2, 4)
        ),
        Variable("Pulse (M)", "flag", "Measured.", labels=(False, True), codes=(0, 1)),
        Variable("ID", "id", "Who."),
        Variable("Day", "step", "When.", unit="day"),
    ),
)


@pytest.fixture
def table() -> pd.DataFrame:
    """File codes of two patients over three days."""
    return pd.DataFrame(
        {
            "Pulse": [60.0, 61.5, 62.0, 80.0, 81.0, 82.0],
            "Ward": [1.0, 1.0, 2.0, 4.0, 4.0, 4.0],
            "Pulse (M)": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0],
            "ID": [0, 0, 0, 5, 5, 5],
            "Day": [0, 1, 2, 0, 1, 2],
        }
    )


@pytest.fixture
def frame(table: pd.DataFrame) -> pd.DataFrame:
    return TOY.decode(table)


# --- the published columns of ART for HIV


def test_art_hiv_has_the_published_columns_in_file_order():
    assert ",".join(ART_HIV.names) == (
        "VL,CD4,Rel CD4,Gender,Ethnic,Base Drug Combo,Comp. INI,Comp. NNRTI,Extra PI,"
        "Extra pk-En,VL (M),CD4 (M),Drug (M),PatientID,Timestep"
    )
    assert (ART_HIV.id, ART_HIV.step, ART_HIV.n_steps) == ("PatientID", "Timestep", 60)
    assert ART_HIV.numeric == ["VL", "CD4", "Rel CD4"]
    assert ART_HIV.binary == ["Gender", "Extra pk-En"]
    assert ART_HIV.categorical == [
        "Ethnic",
        "Base Drug Combo",
        "Comp. INI",
        "Comp. NNRTI",
        "Extra PI",
    ]
    assert ART_HIV.flags == ["VL (M)", "CD4 (M)", "Drug (M)"]
    assert ART_HIV.static == ["Gender", "Ethnic"]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("Gender", {1: "Male", 2: "Female"}),
        ("Ethnic", {1: "Asian", 2: "African", 3: "Caucasian", 4: "Other"}),
        (
            "Base Drug Combo",
            {
                0: "FTC + TDF",
                1: "3TC + ABC",
                2: "FTC + TAF",
                3: "DRV + FTC + TDF",
                4: "FTC + RTVB + TDF",
                5: "Other",
            },
        ),
        ("Comp. INI", {0: "DTG", 1: "RAL", 2: "EVG", 3: "Not Applied"}),
        ("Comp. NNRTI", {0: "NVP", 1: "EFV", 2: "RPV", 3: "Not Applied"}),
        ("Extra PI", {0: "DRV", 1: "RTVB", 2: "LPV", 3: "RTV", 4: "ATV", 5: "Not Applied"}),
        ("Extra pk-En", {0: False, 1: True}),
        ("VL (M)", {0: False, 1: True}),
        ("CD4 (M)", {0: False, 1: True}),
        ("Drug (M)", {0: False, 1: True}),
    ],
)
def test_art_hiv_has_the_published_codes(name, labels):
    variable = ART_HIV[name]
    assert dict(zip(variable.codes, variable.labels, strict=True)) == labels


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("VL", 0.1, 97_566.41), ("CD4", 7.96, 42_475.2), ("Rel CD4", 1.871, 586.635)],
)
def test_art_hiv_ranges_admit_the_released_file(name, least, most):
    assert ART_HIV[name].low <= least
    assert most <= ART_HIV[name].high


# --- codes to labels and back


def test_decode_turns_codes_into_labels_and_types(table):
    frame = TOY.decode(table)
    assert frame["Ward"].tolist() == ["North", "North", "East", "South", "South", "South"]
    assert frame["Ward"].dtype == pd.CategoricalDtype(["North", "East", "South"], ordered=False)
    assert frame["Pulse (M)"].tolist() == [True, False, True, True, False, False]
    assert [str(frame[name].dtype) for name in ("Pulse", "Pulse (M)", "ID", "Day")] == [
        "float64",
        "bool",
        "int64",
        "int64",
    ]


def test_decode_and_encode_undo_each_other(table):
    pd.testing.assert_frame_equal(TOY.encode(TOY.decode(table)), table)


def test_decode_puts_columns_in_order_and_keeps_row_labels(table):
    shuffled = table[["Day", "Ward", "ID", "Pulse (M)", "Pulse"]].set_axis(range(10, 16))
    frame = TOY.decode(shuffled)
    assert list(frame.columns) == TOY.names
    assert frame.index.tolist() == list(range(10, 16))


@pytest.mark.parametrize("dtype", ["int8", "float32", "Int64", "Float64", "string", "object"])
def test_decode_reads_the_same_codes_from_any_type(table, frame, dtype):
    table["Ward"] = table["Ward"].astype(int).astype(dtype)
    pd.testing.assert_frame_equal(TOY.decode(table), frame)


def test_whole_numbers_in_a_numeric_column_become_floats(table):
    table["Pulse"] = [60, 61, 62, 80, 81, 82]
    assert TOY.decode(table)["Pulse"].dtype == np.float64


def _fails(table: pd.DataFrame, *words: str, column: str | None, row: int | None = None) -> None:
    """Decoding and validating `table` raises the error that names the place and the mend."""
    with pytest.raises(SchemaError) as caught:
        TOY.validate(TOY.decode(table))
    for word in words:
        assert word in str(caught.value)
    assert caught.value.column == column
    assert caught.value.row == row
    assert isinstance(caught.value, HealthGymError)
    assert isinstance(caught.value, ValueError)


def test_a_missing_column_is_named(table):
    _fails(table.drop(columns="Ward"), "missing: 'Ward'", "Pulse, Ward", column="Ward")


def test_an_extra_column_is_named(table):
    _fails(table.assign(Mood=1), "not expected: 'Mood'", column="Mood")


def test_a_column_that_appears_twice_is_named(table):
    _fails(pd.concat([table, table[["Day"]]], axis=1), "more than once: 'Day'", column="Day")


def test_something_else_than_a_table_is_refused():
    with pytest.raises(SchemaError, match="Expected a pandas DataFrame, found list"):
        TOY.decode([1, 2, 3])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("Ward", 3.0, ("'Ward', row 4", "found 3", "1 = North, 2 = East, 4 = South", "1 of 6")),
        ("Ward", 0.0, ("found 0",)),
        ("Ward", 5.0, ("found 5",)),
        ("Ward", 1.5, ("found 1.5",)),
        ("Ward", -1.0, ("found -1",)),
        ("Ward", 65_537.0, ("found 65537",)),
        ("Ward", np.inf, ("found inf",)),
        ("Ward", np.nan, ("the value is missing",)),
        ("Ward", "North", ("found 'North'. Expected one of 1 = North",)),
        ("Pulse (M)", 2.0, ("found 2", "0 = False, 1 = True")),
        ("Pulse", "fast", ("found 'fast'. Expected 0 to 300 bpm",)),
        ("Pulse", np.nan, ("ID 5, Day 1", "the value is missing")),
        ("Pulse", -0.5, ("found -0.5", "0 to 300 bpm")),
        ("Pulse", 300.1, ("found 300.1",)),
        ("Pulse", np.inf, ("found inf",)),
        ("Pulse", 10**400, ("found 1000000", "…")),
        ("ID", 5.5, ("found 5.5", "a whole number")),
        ("ID", 1e300, ("found 1e+300", "a whole number")),
        ("ID", np.nan, ("the value is missing",)),
        ("Day", "two", ("found 'two'",)),
    ],
)
def test_one_bad_cell_is_found(table, column, value, words):
    table[column] = table[column].astype(object)
    table.loc[4, column] = value
    _fails(table, *words, column=column, row=4)


def test_true_and_false_are_codes_of_a_flag_but_not_of_words(table, frame):
    flags = table.assign(**{"Pulse (M)": table["Pulse (M)"].astype(bool)})
    pd.testing.assert_frame_equal(TOY.decode(flags), frame)
    flags["Pulse (M)"] = [True, None, *flags["Pulse (M)"][2:]]
    _fails(flags, "row 1: the value is missing", column="Pulse (M)", row=1)
    _fails(table.assign(Ward=True), "found True", "1 = North", column="Ward", row=0)


def test_a_code_that_needs_more_than_a_byte_is_not_wrapped_round(table):
    _fails(table.assign(Ward=257.0), "found 257", column="Ward", row=0)


def test_a_long_cell_is_shortened(table):
    table["Pulse"] = table["Pulse"].astype(object)
    table.loc[0, "Pulse"] = "x" * 5000
    with pytest.raises(SchemaError) as caught:
        TOY.decode(table)
    assert len(str(caught.value)) < 300


def test_encode_names_a_label_without_a_code(frame):
    frame["Ward"] = frame["Ward"].astype(object)
    frame.loc[3, "Ward"] = "West"
    with pytest.raises(
        SchemaError, match=r"'Ward', row 3: found 'West'.*1 = North, 2 = East, 4 = South"
    ):
        TOY.encode(frame)


# --- validation of labelled tables


def test_a_sound_table_passes(frame):
    assert TOY.validate(frame) is None


@pytest.mark.parametrize("pulse", [0.0, 300.0])
def test_the_ends_of_a_range_belong_to_it(frame, pulse):
    TOY.validate(frame.assign(Pulse=pulse))


@pytest.mark.parametrize(
    ("rows", "words", "row"),
    [
        ([0, 1, 1, 2, 3, 4, 5], ("patient 0, Day 1 appears twice",), 1),
        ([0, 2, 3, 4, 5], ("patient 0, Day 2 comes straight after Day 0", "missing"), 2),
        ([1, 2, 3, 4, 5], ("patient 0, Day 1", "first row. Expected Day 0"), 1),
        ([0, 1, 2, 4, 5], ("patient 5, Day 1", "first row. Expected Day 0"), 4),
        ([3, 4, 5, 0, 1, 2], ("patient 0, Day 0 comes after patient 5", "Sort"), 0),
        ([0, 2, 1, 3, 4, 5], ("Day 2 comes straight after Day 0",), 2),
        ([0, 1, 0, 3, 4, 5], ("Day 0 comes after patient 0, Day 1", "Sort"), 0),
        ([0, 1, 2, 3, 4], ("Patient 5 has 2 rows. Expected 3", "1 of 2 patients", "cut off"), 4),
        ([0, 1, 2, 3], ("Patient 5 has 1 row.",), 3),
        ([], ("not a single row",), None),
    ],
)
def test_the_steps_of_every_patient_are_checked(frame, rows, words, row):
    with pytest.raises(SchemaError) as caught:
        TOY.validate(frame.loc[rows])
    for word in words:
        assert word in str(caught.value)
    assert caught.value.row == row


def test_too_many_steps_are_found(frame):
    longer = pd.concat([frame.loc[:2], frame.loc[[2]].assign(Day=3), frame.loc[3:]])
    with pytest.raises(SchemaError, match="Patient 0 has 4 rows. Expected 3"):
        TOY.validate(longer)


def test_patients_may_differ_in_length_where_the_schema_says_so(frame):
    uneven = replace(TOY, equal_length=False)
    uneven.validate(frame.loc[[0, 3, 4]])
    with pytest.raises(SchemaError, match="Patient 0 has 3 rows. Expected at most 2"):
        replace(uneven, n_steps=2).validate(frame)
    with pytest.raises(SchemaError, match="Day 2 comes straight after Day 0"):
        uneven.validate(frame.loc[[0, 2]])


def test_columns_in_another_order_are_refused(frame):
    with pytest.raises(SchemaError, match="another order"):
        TOY.validate(frame[frame.columns[::-1]])


@pytest.mark.parametrize(
    ("column", "change", "words"),
    [
        ("Ward", lambda values: values.astype(str), "Expected a categorical"),
        ("Ward", lambda values: values.cat.set_categories(["North"]), "Expected a categorical"),
        ("Ward", lambda values: values.mask([False] * 5 + [True]), "row 5: the value is missing"),
        ("Pulse (M)", lambda values: values.astype(float), "Expected booleans"),
        ("Pulse", lambda values: values.astype(str), "Expected floating-point numbers"),
        ("Pulse", lambda values: values.astype(int), "Expected floating-point numbers"),
        ("ID", lambda values: values.astype(float), "Expected integers"),
    ],
)
def test_a_column_of_the_wrong_type_is_named(frame, column, change, words):
    with pytest.raises(SchemaError, match=words) as caught:
        TOY.validate(frame.assign(**{column: change(frame[column])}))
    assert caught.value.column == column


# --- the schema itself


def test_the_schema_answers_by_name():
    assert TOY["Pulse"].label == "Pulse (bpm)"
    assert TOY["Ward"].label == "Ward"
    assert (TOY["Ward"].title, TOY["Ward"].short) == ("Ward", "Ward")
    assert len(TOY) == 5
    assert "Ward" in TOY
    assert "Mood" not in TOY
    assert [variable.name for variable in TOY] == TOY.names
    with pytest.raises(ArgumentError, match=r"no column 'Mood' in toy.*'Pulse', 'Ward'"):
        TOY["Mood"]


def test_a_label_is_the_title_with_the_unit_and_a_short_one_has_two_lines():
    fluid = Variable("Input4H", "numeric", "Fluid.", "mL", title="Fluid in 4 hours", short="Fluid")
    assert (fluid.label, fluid.short_label) == ("Fluid in 4 hours (mL)", "Fluid\n(mL)")
    cells = Variable("Wbc", "numeric", "Cells.", unit="E9/L", title="White blood cells")
    assert cells.label == "White blood cells (10⁹/L)"
    assert cells.short_label == "White blood cells\n(10⁹/L)"


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_column_has_a_label_in_words_for_figures(condition):
    schema = get_mechanism(condition).schema
    columns = [v for v in (*schema, *schema.patients) if v.kind not in ("id", "step")]
    for variable in columns:
        words = variable.title
        assert not re.search(r"[_.]|[a-z][A-Z]|\d[A-Z]|\(M\)", words.replace("pH", "")), words
        assert words[0].isupper() or words.startswith("pH"), words
        assert not variable.unit or variable.label.endswith(")"), variable.label
        assert len(variable.label) <= 45
        lines = variable.short_label.split("\n")
        assert max(map(len, lines)) <= 26 or variable.kind == "flag", lines
    assert len({variable.label for variable in columns}) == len(columns)


@pytest.mark.parametrize(
    ("condition", "column", "label"),
    [
        ("art_hiv", "VL", "Viral load (copies/mL)"),
        ("art_hiv", "CD4", "CD4 count (cells/µL)"),
        ("sepsis", "Output4H", "Urine in 4 hours (mL)"),
        ("sepsis", "MeanBP", "Mean arterial pressure (mmHg)"),
        ("hypotension", "MAP", "Mean arterial pressure (mmHg)"),
        ("hypotension", "lactic_acid_m", "Lactate measured"),
    ],
)
def test_figures_say_in_words_what_the_codebook_calls_by_its_published_name(
    condition, column, label
):
    schema = get_mechanism(condition).schema
    assert schema[column].label == label
    assert column in schema.codebook().index


def test_the_schema_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        TOY.title = "Another"


def test_the_codebook_has_one_row_per_column():
    book = ART_HIV.codebook()
    assert list(book.index) == ART_HIV.names
    assert book.loc["Gender", "values in files"] == "1 = Male, 2 = Female"
    assert book.loc["VL", "unit"] == "copies/mL"
    assert book.loc["VL", "values in files"] == "0 to 10,000,000 copies/mL"
    assert book.loc["VL", "measured by"] == "VL (M)"
    assert book.loc["Timestep", "values in files"] == "0 to 59"
    assert (book["description"].str.len() > 15).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "number"}, "is not one of"),
        ({"kind": "binary"}, "need them"),
        ({"kind": "numeric", "labels": ("a",), "codes": (1,)}, "labels belong to"),
        ({"kind": "binary", "labels": ("a", "b"), "codes": (1,)}, "each label needs its own code"),
        ({"kind": "binary", "labels": ("a", "b"), "codes": (1, 1)}, "codes do not rise"),
        ({"kind": "binary", "labels": ("a", "a"), "codes": (1, 2)}, "its own code"),
        ({"kind": "numeric", "low": 2.0, "high": 1.0}, "low is above high"),
    ],
)
def test_a_variable_that_contradicts_itself_is_refused(arguments, words):
    with pytest.raises(ArgumentError, match=words):
        Variable("X", description="Anything.", **arguments)


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        ((0, 1, 2, 3, 4, 4), "appears twice"),
        ((0, 1, 2, 3), "exactly one column must be of kind 'step'"),
        ((0, 1, 2, 4), "exactly one column must be of kind 'id'"),
        ((0, 1, 3, 4), "is measured by what is not a flag"),
    ],
)
def test_a_schema_that_contradicts_itself_is_refused(keep, words):
    with pytest.raises(ArgumentError, match=words):
        replace(TOY, variables=tuple(TOY.variables[i] for i in keep))
