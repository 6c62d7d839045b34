"""Files that are not what they were taken for: records of real people, another condition's table.

The course works on simulated and on published synthetic patients. A table with the identifiers of
a clinical database is refused by its header alone, before a single value of it is read: no value
can then stand in a message, a log or a notebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .. import conditions
from ..errors import SchemaError, SourceError
from ..schema import Schema
from .layouts import plain_names

__all__ = ["refuse_labelled", "refuse_other_condition", "refuse_real_people"]

# Names in the public documentation of MIMIC-III, MIMIC-IV and eICU, in small letters without marks
_IDENTIFIERS = {
    "subjectid", "hadmid", "icustayid", "stayid",
    "dob", "dod", "dodhosp", "dodssn", "anchorage", "anchoryear", "anchoryeargroup",
    "admittime", "dischtime", "deathtime", "edregtime", "edouttime", "intime", "outtime",
    "charttime", "chartdate", "storetime",
    "patientunitstayid", "patienthealthsystemstayid", "uniquepid", "hospitaldischargeyear",
    "mrn", "medicalrecordnumber", "nhsnumber", "ssn", "dateofbirth", "birthdate", "dateofdeath",
}  # fmt: skip


def refuse_real_people(columns: Iterable[str], name: str) -> None:
    """Raise `SourceError` if a column identifies people, as in a clinical database.

    Parameters
    ----------
    columns : iterable of str
        The header of the file: capitals, spaces, quotes and underscores do not matter.
    name : str
        What to call the file.
    """
    found = [one for one in columns if re.sub(r"[^a-z0-9]", "", one.lower()) in _IDENTIFIERS]
    if found:
        listed = ", ".join(one.strip(" \"'") for one in found[:6])
        raise SourceError(
            f"{name} looks like records of real people: it has {listed}, which identify patients, "
            "stays or dates in databases such as MIMIC and eICU. Those are credentialed data, lent "
            "to a named person under an agreement that forbids passing them on. The course takes "
            "simulated and published synthetic patients only, so the file was refused before any "
            "value was read. Delete this copy if it should not be on this computer, and ask your "
            "data steward if you are not sure; to go on, leave source out for the teaching cohort."
        )


def refuse_other_condition(columns: Iterable[str], schema: Schema, name: str) -> None:
    """Raise `SchemaError` if these are rather the columns of another condition."""
    found = set(columns)
    n_own = _n_known(found, schema)
    if n_own == len(schema):
        return
    names = [name for name in conditions.CONDITIONS if name != schema.condition]
    others = [conditions.get_mechanism(name).schema for name in names]
    for other in others:
        n_theirs = _n_known(found, other)
        if n_theirs / len(other) > max(0.5, n_own / len(schema)):
            raise SchemaError(
                f"these are columns of {other.condition!r} ({n_theirs} of its {len(other)}), not "
                f"of {schema.condition!r} ({n_own} of its {len(schema)}). Call "
                f"load_cohort({other.condition!r}, source={name!r})."
            )


def refuse_labelled(columns: Iterable[str], schema: Schema, name: str) -> None:
    """Raise `SchemaError` if these are the plain names of a labelled file."""
    found, names = set(columns), plain_names(schema.names)
    if found == set(names) and found != set(schema.names):
        raise SchemaError(
            f"{name} was written with the layout 'labelled', for R and for people: it has words "
            "where the course reads codes. Export it again without --layout, or read it with "
            "read.R or pandas."
        )


def _n_known(columns: set[str], schema: Schema) -> int:
    """Count the columns of a schema that a file has, under any edition's name."""
    return len({dict(schema.aliases).get(one, one) for one in columns} & set(schema.names))
