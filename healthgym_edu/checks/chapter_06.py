"""Exercises of chapter 06, from events that are none to an audit of another team's table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import Wrong, exercise, expect_column, expect_function, expect_number
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_06 as answers
from . import audits_06 as audits
from .audit_06 import judge_audit
from .case_06 import FAULTS, published_table
from .enough import require_people


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    return {"art": load_cohort("art_hiv", n_patients=2500, seed=6)}


@exercise(
    "06.false_events",
    hint=[
        "Make the table of that team first: `published_table(art, horizon=24)`.",
        "Its events are the rows with `event`; join `loads` to them by PatientID and stop, as "
        "above, and count viral loads above 1,000.",
    ],
    solution="""
longer = published_table(art, horizon=24)
loads = art.frame[["PatientID", "Timestep", "VL"]].rename(columns={"Timestep": "stop"})
at_its_events = longer[longer["event"]].merge(loads, on=["PatientID", "stop"])
false_events = (at_its_events["VL"] > 1000).sum()
""".replace("longer =", "from healthgym_edu.checks.case_06 import published_table\nlonger =", 1),
    done="Fewer than with 12 months, because some people succeed in the second year.",
    right=[
        answers.false_events_by_difference,
        answers.false_events_from_records,
        answers.false_events_by_times,
    ],
    wrong=[
        (lambda art: answers.false_events(art, horizon=12), "the table of 12 months"),
        (lambda art: answers.false_events(art, sound=True), "the events that are real"),
        (lambda art: len(published_table(art, horizon=24)), "number of rows"),
        (lambda art: int(published_table(art, horizon=24)["event"].sum()), "all its events"),
        (lambda art: answers.false_events(art, threshold=50), "above 50"),
        (answers.above_at_24, "also those who succeeded before"),
        (answers.rows_above, "rows without an event"),
        (
            lambda art: answers.false_events(art) / published_table(art, horizon=24)["event"].sum(),
            "a share",
        ),
        (
            lambda art: (
                100 * answers.false_events(art) / published_table(art, horizon=24)["event"].sum()
            ),
            "per cent",
        ),
        (answers.fewer_than_in_a_year, "fewer there are"),
    ],
)
def false_events(value, *, art):
    table, of_a_year = (published_table(art, horizon=months) for months in (answers.LONGER, 12))
    expected, events = answers.false_events(art, table=table), int(table["event"].sum())
    in_a_year = answers.false_events(art, table=of_a_year)
    expect_number(
        value,
        expected,
        1e-6,
        "the number of events",
        "in the table of 24 months, count the events at which the viral load is above 1,000",
        slips={
            "it comes from the table of 12 months": in_a_year,
            "these are the events that are real": events - expected,
            "these are all its events": events,
            "it is the number of rows": len(table),
            "it takes those above 50 copies/mL; success is 1,000 or less": (
                answers.false_events(art, threshold=50, table=table)
            ),
            "it takes everybody above 1,000 in month 24, also those who succeeded before": (
                answers.above_at_24(art)
            ),
            "it also counts rows without an event": answers.rows_above(art, table),
            "it is a share, and a number of events was asked for": expected / events,
            "it is in per cent, and a number of events was asked for": 100 * expected / events,
            "it says how many fewer there are than with 12 months": in_a_year - expected,
        },
    )


@exercise(
    "06.missing_months",
    hint=[
        'Sort first: `rows.sort_values(["PatientID", "start"])`.',
        'Within a person, `.groupby("PatientID")["stop"].shift()` brings the stop of the row '
        "before.",
        "The difference between a start and that stop is the gap; the first row of a person has "
        "none. Add them up.",
    ],
    solution="""
def missing_months(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    stopped = ordered.groupby("PatientID")["stop"].shift()
    return (ordered["start"] - stopped).clip(lower=0).sum()
""",
    done="In a sound table it is 0.",
    right=[
        lambda art: answers.missing_by_span,
        lambda art: answers.missing_by_loop,
        lambda art: answers.missing_by_sets,
    ],
    wrong=[
        *((lambda art, wrong=wrong: wrong, slip) for slip, wrong in answers.MISSING_SLIPS.items()),
        (lambda art: lambda rows: 0, "does it use its arguments?"),
        (lambda art: lambda rows: None, "returned nothing"),
    ],
)
def missing_months(value, *, art):
    toy = answers.toy_rows()
    whole = toy[toy["PatientID"].isin([1, 4])]
    team = published_table(art).sample(frac=1, random_state=0)
    expect_function(
        value,
        [((rows,), answers.missing_months(rows)) for rows in (toy, whole, team)],
        1e-6,
        "your function",
        "of each row but a person's first: its start, minus the stop of the row before; added up",
        slips=answers.MISSING_SLIPS,
    )


@exercise(
    "06.has_drug",
    hint=[
        "A regimen is a list of codes with + between them. What if you divide it there?",
        '`regimen.str.split("+")` gives a list for each; `.map(lambda codes: …)` asks it.',
    ],
    solution="""
def has_drug(regimen, code):
    return ("+" + regimen + "+").str.contains(f"+{code}+", regex=False)
""",
    done="A pattern is a small program. Try it on what it must not find, too.",
    right=[
        lambda art: answers.has_drug_by_split,
        lambda art: answers.has_drug_by_dummies,
        lambda art: answers.has_drug_by_pattern,
        lambda art: answers.has_drug_by_list,
    ],
    wrong=[
        *((lambda art, wrong=wrong: wrong, slip) for slip, wrong in answers.DRUG_SLIPS.items()),
        (lambda art: lambda regimen, code: regimen == "", "does it use its arguments?"),
        (lambda art: lambda regimen, code: None, "returned nothing"),
    ],
)
def has_drug(value, *, art):
    def found(regimen, code):
        result = value(regimen, code)
        if result is None or is_blank(result):
            return result
        asked = np.asarray(result)
        return asked.astype(int) if asked.dtype != object else asked

    asked = [(answers.toy_regimens(), "rtv"), (answers.toy_regimens(), "rtvb")]
    asked += [(answers.toy_regimens(), "drv"), (answers.codes_of(art), "rtv")]
    cases = [(one, np.asarray(answers.whole_codes(*one)).astype(int)) for one in asked]
    slips = {
        slip: lambda regimen, code, wrong=wrong: np.asarray(wrong(regimen, code)).astype(int)
        for slip, wrong in answers.DRUG_SLIPS.items()
    }
    expect_function(
        found if callable(value) and not is_blank(value) else value,
        cases,
        1e-9,
        "your function",
        "divide the text at each +, and ask whether the code is among the parts",
        slips=slips,
    )


@exercise(
    "06.moved",
    hint=[
        '`hazard_ratios(published_table(art, ["censored"])).loc["rtvb", "estimate"]` is for one.',
        "Do this for each of the faults, and once with `faults=[]`.",
        "Divide by the one without faults, subtract 1, and multiply by 100.",
    ],
    solution="""
from healthgym_edu.checks.case_06 import COVARIATES, FAULTS, published_table
from lifelines import CoxTimeVaryingFitter

def ratio(faults):
    columns = ["PatientID", "start", "stop", "event", *COVARIATES]
    rows = published_table(art, faults)[columns]
    model = CoxTimeVaryingFitter().fit(rows, id_col="PatientID", event_col="event")
    return np.exp(model.params_["rtvb"])

moved = pd.Series({fault: 100 * (ratio([fault]) / ratio([]) - 1) for fault in FAULTS})
""",
    done="The pattern, harmless for DTG, moves RTVB. The interval of RTVB is wide, so nobody could "
    "have seen it in the result.",
    right=[
        answers.moved,
        lambda art: answers.moved(art).to_dict(),
        lambda art: answers.moved(art).iloc[::-1],
        lambda art: answers.moved(art).to_frame("per cent"),
    ],
    wrong=[
        (lambda art: answers.moved(art, "rtv"), "of rtv"),
        (lambda art: answers.moved(art, "dtg"), "of dtg"),
        (lambda art: answers.moved(art) / 100, "shares"),
        (lambda art: 100 * answers.moved(art, per_cent=False), "subtract 100"),
        (answers.moved_backwards, "other way round"),
        (answers.moved_from_all, "all three"),
        (answers.moved_on_log_scale, "logarithm"),
        (answers.moved_by_points, "difference of two hazard ratios"),
        (lambda art: answers.moved(art, per_cent=False), "these are ratios"),
        (answers.the_ratios, "hazard ratios themselves"),
        (answers.moved_from_published, "with all three faults; divide by"),
        (lambda art: 100 * answers.moved_by_points(art), "hundredths"),
        (answers.moved_after_rounding, "rounded hazard ratios"),
        (lambda art: pd.concat([answers.moved(art), pd.Series({"none": 0.0})]), "more than the"),
        (lambda art: answers.moved(art).abs() * -1, "sign"),
        (lambda art: answers.moved(art).map("{:.1f} %".format), "not text"),
        (lambda art: answers.moved(art).tolist(), "name each entry"),
        (lambda art: answers.moved(art)["pattern"], "Series"),
        (lambda art: answers.moved(art).reset_index(drop=True), "index"),
        (lambda art: answers.moved(art).iloc[:2], "rows"),
        (lambda art: answers.moved(art).round(0), "rounded"),
    ],
)
def moved(value, *, art):
    if isinstance(value, dict):
        value = pd.Series(value)
    expected = answers.moved(art)
    named = "name each entry by its fault, such as pd.Series({'censored': …})"
    if isinstance(value, pd.Series) and set(value.index) > set(FAULTS):
        kept = ", ".join(FAULTS)
        raise Wrong("the Series has more than the three faults", f"keep {kept}, and no others")
    if isinstance(value, (list, tuple, np.ndarray)):
        raise Wrong("the numbers arrived without the names of the faults", named)
    if isinstance(value, pd.Series) and len(value) == len(expected):
        if not set(value.index) == set(FAULTS):
            raise Wrong(f"the index is {value.index.tolist()}", named)
        if not is_numeric_dtype(value):
            raise Wrong("the entries should be numbers, not text", "leave the per cent sign out")
        if (value * expected < 0).any() and np.allclose(value.abs(), expected.abs()):
            raise Wrong("a sign is the other way round", "above the sound one is plus")
    step = "the hazard ratio with one fault, divided by that with none, minus 1, in per cent"
    slips = {
        "these are the numbers of rtv, and rtvb was asked for": answers.moved(art, "rtv"),
        "these are the numbers of dtg, and rtvb was asked for": answers.moved(art, "dtg"),
        "these are shares; give per cent": expected / 100,
        "these are ratios; subtract 1, and give per cent": expected / 100 + 1,
        "these are per cent *of* the sound one; subtract 100": expected + 100,
        "it is the other way round: the sound one divided by that with the fault": (
            answers.moved_backwards(art)
        ),
        "it starts from the table with all three faults; start from that with none": (
            answers.moved_from_all(art)
        ),
        "it is a logarithm; give per cent of the hazard ratio itself": (
            answers.moved_on_log_scale(art)
        ),
        "it is the difference of two hazard ratios, not per cent": answers.moved_by_points(art),
        "it is the difference of two hazard ratios in hundredths; divide instead": (
            100 * answers.moved_by_points(art)
        ),
        "these are the hazard ratios themselves; divide by that of the table without faults": (
            answers.the_ratios(art)
        ),
        "it compares with the table with all three faults; divide by that with none": (
            answers.moved_from_published(art)
        ),
        "it starts from rounded hazard ratios; round at the end, if at all": (
            answers.moved_after_rounding(art)
        ),
    }
    expect_column(value, expected, 1e-3, "the Series", step, slips)


@exercise(
    "06.audit",
    hint=[
        "Sort by PatientID, start and stop. Then each row must start where the one before it "
        "stopped, and the first at 0; the event may stand in the last one only.",
        "`hg.survival.time_to_event(cohort, …)` knows from the records who is in, how long, and "
        "with or without an event. Compare it person by person, or sum by sum.",
        "Compare each drug's column with what `has_drug` finds in the regimen.",
    ],
    solution="""
def audit(rows, cohort):
    problems = []
    kept = rows.sort_values(["PatientID", "start", "stop"])
    before = kept.groupby("PatientID")["stop"].shift(fill_value=0)
    if (kept["start"] != before).any():
        problems.append("a row does not start where the one before it stopped")
    if (kept["stop"] <= kept["start"]).any():
        problems.append("a row has no length")
    if (kept["event"] & kept["PatientID"].duplicated(keep="last")).any():
        problems.append("an event stands before the last row")
    told = hg.survival.time_to_event(
        cohort, "suppressed_1000", at_risk=lambda frame: frame["VL"] > 1000, horizon=12
    ).set_index("PatientID")
    found = kept.groupby("PatientID").agg(duration=("stop", "max"), event=("event", "any"))
    if set(found.index) != set(told.index):
        problems.append("persons are missing, or others were added")
    elif not found["event"].equals(told.loc[found.index, "event"]):
        problems.append("events are not those of the records")
    elif (found["duration"] != told.loc[found.index, "duration"]).any():
        problems.append("follow-up ends too early or too late")
    for code in ("dtg", "efv", "rtv", "rtvb"):
        says = kept["regimen"].str.split("+").map(lambda codes: code in codes)
        if (says != (kept[code] == 1)).any():
            problems.append(f"the column {code} is not what the regimen says")
    return problems
""",
    done="Keep it. It is the first thing to run on Saturday, and the last on Sunday.",
    right=[
        lambda art: audits.audit_by_rebuilding,
        lambda art: audits.audit_by_sums,
        lambda art: audits.audit_by_person,
    ],
    wrong=[
        (lambda art: lambda rows, cohort: [], "finds nothing wrong with any table"),
        (lambda art: lambda rows, cohort: ["something is wrong"], "6 of 6 sound tables"),
        (lambda art: audits.audit_of_the_template, "finds nothing wrong with any table"),
        (lambda art: audits.audit_events_only, "of 22 faulty tables; in some of them"),
        (lambda art: audits.audit_without_cohort, "finds nothing in"),
        (lambda art: audits.audit_by_equality, "divided more often"),
        (lambda art: audits.audit_unsorted, "in another order"),
        (lambda art: lambda rows, cohort: None, "returned nothing"),
        (lambda art: lambda rows, cohort: True, "one text for each problem"),
        (lambda art: lambda rows, cohort: "gaps", "one text for each problem"),
        (lambda art: lambda rows, cohort: [rows["start"].min() > 0], "only where you found"),
        (lambda art: lambda rows: [], "raised TypeError"),
        (lambda art: lambda rows, cohort: rows["time"].sum(), "raised KeyError"),
        (lambda art: audits.audit_by_sums(published_table(art), art), "without parentheses"),
    ],
)
def audit(value, *, art):
    require_people(art, "art", "people")
    return judge_audit(value, art)
