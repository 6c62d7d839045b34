"""A real trial to try the workflow on: ACTG 320, read from the file that scikit-survival ships.

scikit-survival is no dependency of the course and is never imported here. Only its file is read,
so ``pip install --no-deps scikit-survival`` is enough.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd

from ..errors import SourceError

FILE = Path("datasets", "data", "actg320.arff")
"""Where the records lie in the folder of scikit-survival, whose module is called ``sksurv``."""

INSTALL = "pip install --no-deps scikit-survival"

COLUMNS = {
    "time": "duration", "censor": "event", "time_d": "duration_death", "censor_d": "died",
    "tx": "arm", "strat2": "stratum", "age": "age", "sex": "sex", "raceth": "ethnicity",
    "ivdrug": "drug use", "hemophil": "haemophilia", "karnof": "karnofsky", "cd4": "cd4",
    "priorzdv": "zidovudine months",
}  # fmt: skip
"""Names in the file, and names here in the order of the table. ``txgrp``, which says the arm once
more and that three people began with stavudine, is left out."""

CODES = {
    "arm": {0: "no indinavir", 1: "indinavir"},
    "stratum": {0: "CD4 up to 50", 1: "CD4 51 to 200"},
    "sex": {1: "male", 2: "female"},
    "ethnicity": {
        1: "White", 2: "Black", 3: "Hispanic", 4: "Asian or Pacific Islander",
        5: "American Indian or Alaskan Native",
    },
    "drug use": {1: "never", 2: "currently", 3: "previously"},
}  # fmt: skip
"""What the numbers mean, after the code sheet of the data."""

WHOLE = ("duration", "duration_death", "age", "karnofsky")
YES_OR_NO = ("event", "died", "haemophilia")


def actg320() -> pd.DataFrame:
    """Read the 1,151 people of the trial ACTG 320, one row each, in the words of this course.

    In 1996 and 1997 people with HIV who had at most 200 CD4 cells/µL and had taken zidovudine for
    three months or more were randomised, double-blind, to zidovudine (or stavudine) and
    lamivudine, with or without the protease inhibitor indinavir. 1,156 took part, 577 with
    indinavir and 579 without. Five of them are not in the file: three with and two without, all
    in the higher stratum, none with an event.

    Returns
    -------
    DataFrame
        ``PatientID``: from 1, in the order of the file. ``duration`` (days) and ``event``: AIDS
        or death, whichever came first. ``entry``: 0. ``duration_death`` (days) and ``died``: death
        alone. ``arm``: text, as all labels. The rest was recorded before treatment: ``stratum``,
        of the CD4 count at *screening*; ``age`` (years); ``sex``; ``ethnicity``; ``drug use``
        (into a vein); ``haemophilia``; ``karnofsky``, from 100, no complaint, to 70, cares for
        themselves but cannot work; ``cd4`` (cells/µL) at baseline, later than the screening, so
        that some are above 200; ``zidovudine months``.

    Raises
    ------
    SourceError
        scikit-survival is not installed, or it has no such file.

    Notes
    -----
    Trial: Hammer et al., NEJM 1997, doi:10.1056/NEJM199709113371101. Data and code sheet: Hosmer,
    Lemeshow and May, *Applied Survival Analysis*, 2nd edition, 2008, doi:10.1002/9780470258019,
    published with the book. The sheet calls ``censor`` a diagnosis of AIDS, but all 26 deaths
    count in it, too. Copies of the data number sex differently: here 1 is male, 951 people.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> trial = hg.survival.actg320()
    >>> trial.groupby("arm")["event"].sum().to_dict()
    {'indinavir': 33, 'no indinavir': 63}
    """
    from scipy.io import arff

    rows, _ = arff.loadarff(_path())
    raw = pd.DataFrame(rows)
    table = pd.DataFrame({"PatientID": range(1, len(raw) + 1)})
    for name, column in COLUMNS.items():
        values = raw[name].astype(float)  # labels arrive as bytes: b"1"
        table[column] = values.astype(int).map(CODES[column]) if column in CODES else values
    table = table.astype(dict.fromkeys(WHOLE, int) | dict.fromkeys(YES_OR_NO, bool))
    table.insert(3, "entry", 0)
    return table


def _path() -> str:
    """Where the file lies, found without importing scikit-survival."""
    found = importlib.util.find_spec("sksurv")
    folders = [] if found is None else list(found.submodule_search_locations or [])
    for folder in folders:
        if Path(folder, FILE).is_file():
            return str(Path(folder, FILE))
    fault = "is not installed here"
    if folders:
        fault = f"is installed here, but has no {FILE.as_posix()} in {folders[0]}"
    raise SourceError(
        f"The records of ACTG 320 come with scikit-survival, which {fault}. Type in a terminal, "
        f"and then run this again: {INSTALL}"
    )
