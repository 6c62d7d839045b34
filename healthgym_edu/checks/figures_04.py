"""The numbers of chapter 04's exercises, and its four figures that are bad on purpose.

Each bad figure shows true numbers and misleads all the same. Its axes carry the gid `BAD`.
"""

from __future__ import annotations

import re

import pandas as pd
from matplotlib.axes import Axes

from healthgym_edu.data import Cohort

BAD = "bad on purpose"
GROUPS = ["below 1", "1 to 2", "2 to 4", "4 and more"]  # lactate, mmol/L
NONE = "Not Applied"
HUES = ["red", "orange", "gold", "yellowgreen", "green", "teal", "blue", "purple", "magenta"]


def lactate_groups(sepsis: Cohort) -> pd.Series:
    """Return the group of lactate at hour 24 of every patient who is there, by patient."""
    block_6 = sepsis.frame[sepsis.frame["Timepoints"] == 6].set_index("PatientID")
    return pd.cut(block_6["Lactate"], [0, 1, 2, 4, 50], right=False, labels=GROUPS)


def as_group(label: object) -> str:
    """Return the name in `GROUPS` that a label means, in whichever way it is written.

    Examples
    --------
    >>> from healthgym_edu.checks.figures_04 import as_group
    >>> [as_group(label) for label in ("<1", "1–2 mmol/L", "[2, 4)", "≥ 4", "unknown")]
    ['below 1', '1 to 2', '2 to 4', '4 and more', 'unknown']
    """
    text = " ".join(str(label).lower().replace("$", "").split())
    text = re.sub(r"\\(?:leq?|lt)(?![a-z]) *", "<", re.sub(r"\\(?:geq?|gt)(?![a-z]) *", ">", text))
    text = re.sub(r"\(?mmol ?(?:/|per) ?l(?:it(?:re|er))?\)?|lactate:?", "", text).strip()
    edges = [f"{float(number):g}" for number in re.findall(r"\d+(?:\.\d+)?", text)]
    if edges == ["1"] and re.match(r"below|under|(?:less|lower) than|up to|[<≤]", text):
        return GROUPS[0]
    more = re.search(r"more|above|over|at least|higher|[+≥>]", text)
    if edges[:1] == ["4"] and (more or len(edges) == 2):
        return GROUPS[3]
    if len(edges) == 2:
        return GROUPS[0] if edges == ["0", "1"] else " to ".join(edges)
    return text


def deaths_by_lactate(sepsis: Cohort) -> pd.Series:
    """Return the share of patients who die by day 90, by their lactate at hour 24 (mmol/L)."""
    group = lactate_groups(sepsis)
    died = sepsis.patients.loc[group.index, "Died in 90 days"]
    return died.groupby(group.rename("lactate"), observed=True).mean().rename("share dead")


def leading_drugs(art: Cohort, month: int) -> pd.Series:
    """Return the share of people by the drug that leads their regimen, by name.

    That is the integrase inhibitor; without one the NNRTI; without both the protease inhibitor.
    Boosters lead nothing, and people without any of these drugs are left out.
    """
    rows = art.frame[art.frame["Timestep"] == month].astype({"Base Drug Combo": str})
    led = rows["Comp. INI"].astype(str)
    for column in ("Comp. NNRTI", "Extra PI"):
        led = led.where(led != NONE, rows[column].astype(str))
    in_base = led.isin([NONE, "RTV", "RTVB"]) & rows["Base Drug Combo"].str.contains("DRV")
    led = led.mask(in_base, "DRV")
    shares = led[~led.isin([NONE, "RTV", "RTVB"])].value_counts(normalize=True)
    return shares.sort_index().rename("share of people").rename_axis("leading drug")


def all_the_lines(some: Cohort, ax: Axes) -> Axes:
    """Draw everybody's viral load as a line of its own, on a linear axis, in colours of nobody."""
    ax.plot(some.frame.pivot(index="Timestep", columns="PatientID", values="VL") / 1e6, "-", lw=0.7)
    ax.set(title=f"{len(some)} people", xlabel="Month", ylabel="VL (millions)", gid=BAD)
    return ax


def cut_bars(share: pd.Series, ax: Axes) -> Axes:
    """Draw bars in alphabetical order, on an axis that begins just below the smallest."""
    share = share.sort_index(key=lambda index: index.astype(str))
    ax.bar(share.index.astype(str), 100 * share, color="C1")
    ax.set(ylim=(92 * share.min(), 102 * share.max()), xlabel="Lactate", ylabel="Deaths", gid=BAD)
    ax.set_title("Lactate kills")
    return ax


def two_scales(rows: pd.DataFrame, ax: Axes) -> Axes:
    """Draw pressure and lactate of one patient in one panel, on two scales that make them cross."""
    hours = 4 * rows["Timepoints"]
    ax.plot(hours, rows["MeanBP"], color="C0", ls="-")
    ax.set(xlabel="Hours", ylabel="MAP", ylim=(45, 93), title="Pressure and lactate", gid=BAD)
    other = ax.twinx()
    other.plot(hours, rows["Lactate"], color="C1", ls="-")
    other.set(ylabel="Lactate", ylim=(1.6, 4.6), gid=BAD)
    other.spines["right"].set_visible(True)
    other.grid(False)
    return ax


def slices(share: pd.Series, ax: Axes) -> Axes:
    """Draw a pie in the colours of the rainbow, with the names in a key beside it."""
    wedges, _ = ax.pie(share, colors=HUES[: len(share)], startangle=40)
    ax.legend(wedges, share.index, loc="center left", bbox_to_anchor=(0.95, 0.5), fontsize=8.5)
    ax.set(title="Leading drugs", gid=BAD)
    return ax
