"""Three questions about safety, asked of patients whom a policy has treated."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from healthgym_edu.data import Cohort

LOW = 55  # mmHg
MUCH = 3000  # mL of boluses in two days


def safety(treated: Mapping[str, Cohort]) -> pd.DataFrame:
    """Return what happened under each policy, in per cent of hours or of patients.

    Parameters
    ----------
    treated : mapping of str to Cohort
        Policy to the patients it has treated: the same ones for all, see `healthgym_edu.twins`.

    Returns
    -------
    DataFrame
        A row for each policy: hours with a mean pressure below 55 mmHg, averaged over patients;
        patients with more than 3 litres of boluses; patients who died.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> safety(hg.twins("hypotension", ["clinician"], 50)).columns.tolist()
    ['hours below 55 mmHg (%)', 'over 3 L of fluid (%)', 'died (%)']
    """
    return pd.DataFrame({name: _one(cohort) for name, cohort in treated.items()}).T


def _one(cohort: Cohort) -> dict[str, float]:
    who = cohort.frame["PatientID"]
    low = (cohort.frame["MAP"] < LOW).groupby(who).mean()
    given = cohort.frame["fluid_boluses"].astype(float).groupby(who).sum()
    return {
        "hours below 55 mmHg (%)": 100 * low.mean(),
        "over 3 L of fluid (%)": 100 * (given > MUCH).mean(),
        "died (%)": 100 * cohort.patients["Died"].mean(),
    }
