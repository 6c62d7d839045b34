"""Right and wrong answers to the open exercise of chapter 06: audits of a start–stop table."""

from __future__ import annotations

from healthgym_edu.survival import counting_process, time_to_event

from .answers_06 import above
from .case_06 import DRUGS, published_table


def audit_by_rebuilding(rows, cohort):
    """Make the table again, in months, and compare it with this one in months."""
    again = published_table(cohort, faults=[])

    def in_months(table):
        length = table["stop"] - table["start"]
        if (length <= 0).any():
            return None
        table = table.loc[table.index.repeat(length)].copy()
        table["month"] = table["start"] + table.groupby(level=0).cumcount()
        last = table["month"] + 1 == table["stop"]
        table["event"] = table["event"] & last
        names = ["PatientID", "month", "event", "regimen", *DRUGS]
        return table[names].sort_values(["PatientID", "month"]).reset_index(drop=True)

    mine, theirs = in_months(rows), in_months(again)
    same = mine is not None and mine.equals(theirs)
    return [] if same else ["not the table that the records give"]


def audit_by_sums(rows, cohort):
    """Five sums over everybody, and where the rows of each person lie."""
    table = counting_process(cohort, "suppressed_1000", ["Extra PI"], at_risk=above, horizon=12)
    length, true_length = rows["stop"] - rows["start"], table["stop"] - table["start"]
    last = rows["stop"] == rows.groupby("PatientID")["stop"].transform("max")
    sums = [
        (rows["PatientID"].nunique(), table["PatientID"].nunique()),
        (rows["event"].sum(), table["event"].sum()),
        ((rows["event"] & last).sum(), table["event"].sum()),
        (length.sum(), true_length.sum()),
        (length.min() > 0, True),
        ((rows["rtv"] * rows["rtvb"]).sum(), 0),
    ]
    return [f"{one} where {other} was expected" for one, other in sums if one != other]


def audit_by_person(rows, cohort):
    """One person after the other, in plain Python."""
    frame = cohort.frame[cohort.frame["Timestep"] <= 12]
    problems, waiting = set(), {}
    for person, loads in frame.groupby("PatientID")["VL"]:
        values = loads.tolist()
        if values[0] > 1000:
            low = [month for month, load in enumerate(values) if load <= 1000]
            waiting[person] = (low[0], True) if low else (12, False)
    if set(waiting) != set(rows["PatientID"]):
        problems.add("other persons")
    for person, mine in rows.groupby("PatientID"):
        covered = sorted(zip(mine["start"], mine["stop"], mine["event"], strict=True))
        at = 0
        for start, stop, event in covered:
            if start != at or stop <= start:
                problems.add("a gap, an overlap or an empty row")
            at = stop
            if event and (stop, True) != waiting.get(person):
                problems.add("an event at a wrong time")
        if (at, any(event for *_, event in covered)) != waiting.get(person):
            problems.add("wrong end")
    codes = rows["regimen"].str.split("+")
    if any(codes.map(lambda c, d=d: d in c).astype(int).ne(rows[d]).any() for d in DRUGS):
        problems.add("a drug that is not in the regimen")
    return problems


def audit_events_only(rows, cohort):
    times = time_to_event(cohort, "suppressed_1000", at_risk=above, horizon=12)
    return ["events"] if rows["event"].sum() != times["event"].sum() else []


def audit_of_the_template(rows, cohort):
    if rows["event"].sum() == rows["PatientID"].nunique():
        return ["as many events as people"]
    return []


def audit_without_cohort(rows, cohort):
    """All that the table alone can show."""
    kept = rows.sort_values(["PatientID", "start", "stop"])
    before = kept.groupby("PatientID")["stop"].shift(fill_value=0)
    inside = (kept["start"] != before) | (kept["stop"] <= kept["start"])
    early = kept["event"] & kept["PatientID"].duplicated(keep="last")
    both = (kept["rtv"] == 1) & (kept["rtvb"] == 1)
    return [name for name, bad in (("rows", inside), ("event", early), ("rtv", both)) if bad.any()]


def audit_by_equality(rows, cohort):
    """Takes every other division into rows for a problem."""
    again = published_table(cohort, faults=[])
    kept = rows.sort_values(["PatientID", "start"]).reset_index(drop=True)
    return [] if kept.equals(again) else ["not equal"]


def audit_unsorted(rows, cohort):
    before = rows.groupby("PatientID")["stop"].shift(fill_value=0)
    return ["gap"] if (rows["start"] != before).any() else []
