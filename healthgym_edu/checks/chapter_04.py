"""Exercises of chapter 04: four bad figures to repair, one to put into words, one page to draw."""

from __future__ import annotations

import matplotlib.pyplot as plt

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import NotAttempted, Wrong, exercise
from healthgym_edu.exercises.placeholder import is_blank
from healthgym_edu.plots.ward_page import a_ward

from . import answers_04 as answers
from . import answers_page_04 as pages
from . import answers_text_04 as texts
from .figures_04 import GROUPS, as_group, deaths_by_lactate, leading_drugs, slices
from .page_04 import read_page, wards_to_read
from .series_04 import expect_band, expect_both
from .shown_04 import (
    expect_no_cause,
    expect_shares,
    expect_words,
    expect_zero,
    in_order,
    one_panel,
    panels,
    read_marks,
)
from .strangers import seed_of_a_check
from .words_04 import read_text

DEATH = ("die", "dead", "death", "dying", "mortal", "deceas", "fatal", "not surviv")
OF_SHARES = {
    1.0: ("share", "proportion", "fraction", "risk", "probability", "%", "per cent", "percent"),
    100.0: ("%", "per cent", "percent", "in 100", "per 100", "of 100", "in a hundred"),
}
SEED_WHEN_STRICT = 5


def context():
    """What the tests pass to the exercises: small, but with everything in it."""
    sepsis = load_cohort("sepsis")
    return {
        "art": load_cohort("art_hiv", n_patients=1500, seed=2),
        "sepsis": sepsis,
        "day": answers.day(sepsis),
        "icu": load_cohort("hypotension", n_patients=300, seed=2),
    }


@exercise(
    "04.sorted_drugs",
    hint=[
        "`leading.sort_values()` brings the drugs into the order of their shares.",
        "With `share` for the sorted table, dots are `ax.plot(100 * share, share.index, 'o')`, and "
        "bars with names that can be read are `ax.barh(share.index, 100 * share)`.",
        "`ax.set(xlabel='…', ylabel='…')`: say what is counted, and in what. Then `answer = ax`.",
    ],
    solution="""
from healthgym_edu.checks.figures_04 import leading_drugs

share = leading_drugs(art, 0).sort_values()
fig, ax = plt.subplots(figsize=(5.6, 3))
ax.plot(100 * share, share.index, "o")
ax.set(xlabel="Share of people (%)", ylabel="Leading drug", xlim=(0, None))
answer = ax
""",
    done="Two drugs that looked alike in the pie now stand in an order that anybody can read.",
    right=[
        lambda art: answers.lying(answers.drugs(art)),
        lambda art: answers.dots(answers.drugs(art)[::-1], factor=1),
        lambda art: answers.pandas_bars(answers.drugs(art)),
        lambda art: answers.pandas_bars(answers.drugs(art)[::-1], "bar"),
        lambda art: answers.lying(answers.counted(art).sort_values(), "Number of people", factor=1),
    ],
    wrong=[
        (lambda art: slices(leading_drugs(art, 0), plt.subplots()[1]), "still a pie"),
        (lambda art: answers.pie(answers.drugs(art), wedgeprops={"width": 0.3}), "still a pie"),
        (lambda art: answers.solid(answers.drugs(art)), "third dimension"),
        (lambda art: answers.dots(leading_drugs(art, 0)), "alphabetical"),
        (lambda art: answers.dots(answers.drugs(art), xlabel="Share"), "unit"),
        (lambda art: answers.dots(answers.drugs(art), xlabel=""), "no label"),
        (lambda art: answers.dots(answers.drugs(art).iloc[-5:]), "no label for the drug"),
        (lambda art: answers.lying(answers.drugs(art), left=4), "not at zero"),
        (lambda art: answers.dots(leading_drugs(art, 59).sort_values()), "month 0"),
        (lambda art: answers.drugs(art), "Axes or the Figure"),
    ],
)
def sorted_drugs(value, *, art):
    share = leading_drugs(art, 0)
    ax = one_panel(value)
    marks = read_marks(ax, share.index, "drug")
    expect_zero(ax, marks)
    counts = share * (art.frame["Timestep"] == 0).sum()
    if all(abs(marks.value[name] - n) < 0.005 * len(art) for name, n in counts.items()):
        unit = ("people", "persons", "patients", "number", "count")
    else:
        unit = OF_SHARES[expect_shares(marks, share, "drug", "draw the shares of month 0")]
    if not in_order(marks, share.sort_values().index):
        wrong = "in alphabetical order" if in_order(marks, share.index) else "in no order"
        raise Wrong(f"the drugs stand {wrong}", "sort by what is shown: the share")
    about = ("share", "people", "persons", "patients", "%", "per cent", "percent")
    expect_words(ax, marks.other, about, unit, "“Share of people (%)”")


@exercise(
    "04.median_band",
    hint=[
        'Group by month: `some.frame.groupby("Timestep")["VL"]`. It has `.median()` and '
        "`.quantile(0.25)`.",
        "`ax.plot(median)` draws the line, `ax.fill_between(low.index, low, high, alpha=0.3)` the "
        "band from the lower to the upper quartile.",
        '`ax.set(yscale="log", xlabel=…, ylabel=…)`, with the unit copies/mL.',
    ],
    solution="""
some = art.subset(art.patients.index[art.patients["Naive at entry"]][:300])
by_month = some.frame.groupby("Timestep")["VL"]
low, high = by_month.quantile(0.25), by_month.quantile(0.75)
fig, ax = plt.subplots(figsize=(6, 3))
ax.fill_between(low.index, low, high, alpha=0.3)
ax.plot(by_month.median())
ax.set(yscale="log", xlabel="Time (months)", ylabel="Viral load (copies/mL)")
answer = ax
""",
    done="One line and one band say what three hundred lines could not.",
    right=[
        lambda art: answers.band(art, edges=(0.1, 0.9), clip=50),
        answers.band_of_the_course,
        answers.band_of_seaborn,
        answers.quartile_lines,
        answers.steps,
        answers.in_years,
    ],
    wrong=[
        (lambda art: answers.band(art, scale="linear"), "linear axis"),
        (answers.spaghetti, "lines are still there"),
        (lambda art: answers.band(art, "mean"), "the mean"),
        (lambda art: answers.band(art, "geometric mean"), "geometric mean"),
        (lambda art: answers.band(art, edges="sd"), "two quantiles"),
        (lambda art: answers.band(art, edges=None), "no band"),
        (lambda art: answers.band(art, people=art), "everybody"),
        (lambda art: answers.band(art, ylabel="Viral load"), "no unit"),
        (lambda art: answers.band(art, xlabel=""), "no label"),
        (lambda art: answers.in_years(art, "Time (months)"), "no unit"),
        (lambda art: answers.band(art, ylim=(1e4, 1e6)), "cut a part of the median off"),
        (answers.boxes, "a line and a band are asked for"),
    ],
)
def median_band(value, *, art):
    ax = one_panel(value)
    unit = expect_band(ax, answers.some(art).frame, art.frame)
    expect_words(ax, "x", ("month", "time", "year", unit), (unit,), f"“Time ({unit}s)”")
    virus = ("vl", "viral", "virus", "hiv")
    expect_words(ax, "y", virus, ("copies",), "“Viral load (copies/mL)”")


@exercise(
    "04.honest_bars",
    hint=[
        "The Series `deaths` already has the groups in the order of the lactate.",
        "`ax.bar(deaths.index, 100 * deaths)` begins at zero, if you leave the limits alone.",
        "Two labels with units: lactate is measured in mmol/L, deaths are counted in 100 patients.",
    ],
    solution="""
from healthgym_edu.checks.figures_04 import deaths_by_lactate

share = deaths_by_lactate(sepsis)
fig, ax = plt.subplots(figsize=(5.2, 3))
ax.bar(share.index, 100 * share)
ax.set(xlabel="Lactate at hour 24 (mmol/L)", ylabel="Died by day 90 (in 100 patients)")
answer = ax
""",
    done="The last bar is five times as tall as the first, because five times as many die.",
    right=[
        lambda sepsis: answers.lying(
            deaths_by_lactate(sepsis), answers.DIED, answers.LACTATE, color="tab:orange"
        ),
        lambda sepsis: answers.dots(
            deaths_by_lactate(sepsis)[::-1], "Share dead by day 90", answers.LACTATE, factor=1
        ),
        answers.seaborn_bars,
        answers.lollipops,
        lambda sepsis: answers.named(sepsis, ["<1", "1–2", "2–4", "≥4"]),
        lambda sepsis: answers.named(sepsis, [f"{name} mmol/L" for name in GROUPS]),
    ],
    wrong=[
        (lambda sepsis: answers.upright(deaths_by_lactate(sepsis), low=8), "not at zero"),
        (lambda sepsis: answers.upright(deaths_by_lactate(sepsis).sort_index(key=list)), "alphabe"),
        (lambda sepsis: answers.upright(answers.deaths(sepsis, how="sum"), factor=1), "counts"),
        (lambda sepsis: answers.parts_of_all_deaths(sepsis), "all deaths"),
        (lambda sepsis: answers.upright(answers.deaths(sepsis, "Died in stay")), "day 90"),
        (lambda sepsis: answers.upright(answers.renamed(deaths_by_lactate(sepsis))), "wrong name"),
        (lambda sepsis: answers.upright(deaths_by_lactate(sepsis), xlabel="Lactate"), "no unit"),
        (lambda sepsis: answers.upright(deaths_by_lactate(sepsis), ylabel="Deaths"), "no unit"),
        (lambda sepsis: answers.upright(deaths_by_lactate(sepsis), log=True), "logarithmic"),
        (lambda sepsis: answers.named(sepsis, title="Lactate kills"), "claims a cause"),
        (lambda sepsis: answers.pie(deaths_by_lactate(sepsis)), "still a pie"),
        (lambda sepsis: answers.upright(deaths_by_lactate(sepsis).iloc[:3]), "no label for the"),
    ],
)
def honest_bars(value, *, sepsis):
    share, died = deaths_by_lactate(sepsis), answers.deaths(sepsis, how="sum")
    ax = one_panel(value)
    marks = read_marks(ax, GROUPS, "group", as_group)
    drawn = [marks.value[name] for name in GROUPS]
    near = {
        "these are counts of deaths": (died, "groups differ in size: divide by their patients"),
        "each value is a part of all deaths": (died / died.sum(), "divide by the group's patients"),
    }
    for slip, (numbers, step) in near.items():
        if any(abs(drawn / (factor * numbers) - 1).max() < 0.01 for factor in (1, 100)):
            raise Wrong(slip, step)
    step = "draw the share of each group that died by day 90, as in `deaths`"
    expect_zero(ax, marks)
    unit = OF_SHARES[expect_shares(marks, share, "group", step)]
    if not in_order(marks, GROUPS):
        wrong = "in alphabetical order" if in_order(marks, sorted(GROUPS)) else "out of order"
        raise Wrong(f"the groups stand {wrong}", "sort them from the lowest lactate to the highest")
    expect_words(ax, marks.axis, ("lact",), ("mmol",), "“Lactate at hour 24 (mmol/L)”")
    expect_words(ax, marks.other, DEATH, unit, "“Died by day 90 (in 100 patients)”")
    expect_no_cause(ax)


@exercise(
    "04.two_panels",
    hint=[
        "`fig, (upper, lower) = plt.subplots(2, 1, sharex=True)` makes two panels with one clock.",
        'Draw `day["MeanBP"]` on the upper one and `day["Lactate"]` on the lower one, each against '
        '`4 * day["Timepoints"]`, which is hours.',
        "Three labels: mmHg, mmol/L and hours. Then `answer = fig`.",
    ],
    solution="""
hours = 4 * day["Timepoints"]
fig, (upper, lower) = plt.subplots(2, 1, sharex=True, figsize=(6, 4))
upper.plot(hours, day["MeanBP"])
upper.set(ylabel="Mean arterial pressure (mmHg)")
lower.plot(hours, day["Lactate"])
lower.set(ylabel="Lactate (mmol/L)", xlabel="Time (hours)")
answer = fig
""",
    done="Nothing crosses any more. What rose and fell at the same hour can still be seen.",
    right=[
        lambda day: answers.stacked(day, ("Lactate", "MeanBP"), ["Lactate (mmol/L)", "MAP (mmHg)"]),
        lambda day: answers.stacked(day, grid=(1, 2), figsize=(9, 3)),
        lambda day: answers.pandas_panels(day),
        lambda day: answers.lactate_bars(day),
        lambda day: answers.stacked(day, unit=1 / 6, time="Time (days)"),
    ],
    wrong=[
        (lambda day: answers.twin(day), "two scales"),
        (lambda day: answers.together(day), "one panel"),
        (lambda day: answers.stacked(day, labels=["MAP", "Lactate"]), "no unit"),
        (lambda day: answers.stacked(day, sharey=True), "flat"),
        (lambda day: answers.stacked(day, ("MeanBP", "Creatinine")), "lactate is not"),
        (lambda day: answers.stacked(day, unit=1), "hours"),
        (lambda day: answers.lactate_bars(day, low=1), "begin at zero"),
        (lambda day: answers.stacked(day, sharex=False).axes[0], "one panel"),
        (lambda day: _with_limits(answers.stacked(day, sharex=False)), "same hours"),
    ],
)
def two_panels(value, *, day):
    expect_both(panels(value), day)


def _with_limits(fig):
    fig.axes[1].set_xlim(20, 60)
    return fig


@exercise(
    "04.alt_text",
    hint=[
        "Begin with what it is: “Bars: …”, or “Dots: …”.",
        "Name what is on each axis, then say the message: what happens to one of them as the other "
        "grows, from how much to how much.",
        "Read two numbers off the figure, with their unit: “from … in 100 to … in 100”.",
    ],
    solution="""
alt_text = (
    "Bars: share of patients with sepsis who died by day 90, by lactate at hour 24. Deaths rise "
    "with lactate, from 9 in 100 below 1 mmol/L to 46 in 100 at 4 mmol/L and more."
)
""",
    done="Somebody who cannot see the figure now knows what it says.",
    right=[lambda sepsis, text=text: text for text in texts.GOOD_TEXTS],
    wrong=[*texts.BAD_TEXTS, (42, "quotation marks")],
)
def alt_text(value, *, sepsis):
    if is_blank(value):
        raise NotAttempted
    read_text(value, deaths_by_lactate(sepsis))


@exercise(
    "04.half_a_minute",
    hint=[
        'The last hour of everybody: `now = ward.frame[ward.frame["Hours from now"] == 0]`; '
        '`now.sort_values("MAP")` puts the lowest pressure first. The bed is in `PatientID`.',
        "Two panels that share their beds: `fig, (left, right) = plt.subplots(1, 2, sharey=True)`; "
        "dots for the pressure on the left, for `lactic_acid` on the right.",
        "A missing lactate is NaN: `right.text(…, 'never measured')` says so in words.",
    ],
    solution="""
def draw(ward):
    now = ward.frame[ward.frame["Hours from now"] == 0].sort_values("MAP", ascending=False)
    beds = [f"Bed {bed}" for bed in now["PatientID"]]
    fig, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(7.4, 4))
    left.axvline(65, color="black", ls="--", lw=1)
    left.plot(now["MAP"], beds, "o")
    left.set(xlabel="Mean pressure now (mmHg)", title="Dashed: 65 mmHg")
    right.plot(now["lactic_acid"], beds, "D")
    for row, lactate in enumerate(now["lactic_acid"]):
        if np.isnan(lactate):
            right.text(0.2, row, "never measured", va="center")
    right.set(xlabel="Lactate, last result (mmol/L)", xlim=(0, None))
    return fig
""",
    done="A page is good when somebody else finds the right bed. Show it to somebody.",
    right=[lambda icu, page=page: page for page in pages.RIGHT],
    wrong=[
        *((lambda icu, page=page: page, said) for page, said in pages.WRONG),
        (lambda icu: pages.same_for_everybody(icu), "of bed 1 now"),
        (lambda icu: pages.one_figure_for_all(), "the same figure"),
        (lambda icu: pages.my_page(a_ward(icu, 10)), "your function"),
    ],
)
def half_a_minute(value, *, icu):
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function", "give its name without parentheses")
    seed = seed_of_a_check(SEED_WHEN_STRICT, [icu.seed])
    people = icu.fresh(150, seed=seed) if icu.decisions is not None else icu
    seen = []
    for ward in wards_to_read(people, seed % 1_000_000):
        before = set(plt.get_fignums())
        try:
            said = value(ward)
            if is_blank(said):
                raise NotAttempted
            figures = {ax.figure for ax in panels(said)}
            if len(figures) != 1:
                raise Wrong(f"your function gave {len(figures)} figures", "return one figure")
            seen += figures
            if seen.count(seen[0]) > 1:
                step = "let each call make its own, with `plt.subplots(…)` inside the function"
                raise Wrong("your function gave the same figure for two wards", step)
            read_page(seen[-1], ward)
        finally:  # pages of other wards would appear below the cell
            for number in set(plt.get_fignums()) - before:
                plt.close(number)
