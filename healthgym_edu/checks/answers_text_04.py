"""Right and wrong alternative texts of chapter 04's repaired bars."""

GOOD_TEXTS = (
    "Dot plot of deaths by day 90 against lactate at hour 24. The higher the lactate, the more "
    "patients die: 9 %, 15 %, 25 % and 46 % in the four groups.",
    "Column chart. As lactate falls from 4 mmol/L and more to below 1, mortality falls from 46 "
    "percent to 9 percent.",
    "A horizontal bar chart shows that patients with a lactate of 4 mmol/L or more die about five "
    "times as often as those below 1 mmol/L.",
    "Bars: fewer patients die when lactate is low. Of those below 1 mmol/L at hour 24, 9 % died by "
    "day 90, against 46 % of those with 4 mmol/L and more.",
    "Bars: share of patients who died by day 90, by lactate at hour 24. It goes up from 9 in 100 "
    "below 1 mmol/L to 46 in 100 at 4 mmol/L and more.",
    "Bars: deaths by day 90 in four groups of lactate at hour 24. Deaths are lowest (9 %) below 1 "
    "mmol/L and highest (46 %) at 4 mmol/L and more.",
)
_FROM_TO = "from 9 % below 1 mmol/L to 46 % at 4 mmol/L and more."
BAD_TEXTS = (
    ("Bars of deaths by lactate.", "characters long"),
    ("Bars: " + 30 * "deaths rise with lactate, to 46 %, ", "characters long"),
    (
        f"Image of a bar chart: deaths by day 90 rise with lactate at hour 24, {_FROM_TO}",
        "image of",
    ),
    (
        f"Deaths by day 90 rise with lactate, which was measured at hour 24, {_FROM_TO}",
        "kind of fig",
    ),
    (
        "Bars: patients die more often from left to right, from 9 % in the first group to 46 % in "
        "the last group.",
        "lactate",
    ),
    (
        "Bars: patients with more lactate at hour 24 do worse, from 9 % in the first group to 46 % "
        "in the last group.",
        "deaths",
    ),
    (
        "Bars: share of patients who died by day 90 in four groups of lactate at hour 24, with "
        "9 %, 15 %, 25 % and 46 %.",
        "direction",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24; the more lactate, the more patients "
        "die, and clearly so.",
        "no number",
    ),
    (
        f"Bars: deaths by day 90 rise with lactate at hour 24, {_FROM_TO.replace('9 %', '2 %')}",
        "2 %",
    ),
    (f"Bars: deaths by day 90 fall with lactate at hour 24, {_FROM_TO}", "other way round"),
    (
        "Bars: the lower the lactate at hour 24, the more patients die by day 90: 46 % in the last "
        "group and 9 % in the first one.",
        "other way round",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24 from 46 % in the lowest group to 9 % "
        "in the highest one.",
        "do not agree",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24; ten times as many patients die in "
        "the highest group.",
        "no two groups",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24, from 9 to 15 to 25 and, in the "
        "highest group, to 46.",
        "have no unit",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24, from nine of 100 in the lowest group "
        "to forty-six in the highest.",
        "as digits",
    ),
    (
        "Bars: deaths by day 90 rise with lactate at hour 24, from one in eleven in the lowest "
        "group to nearly half in the highest.",
        "as digits",
    ),
    (
        "Bars: deaths by day 90 are lowest (46 %) below 1 mmol/L of lactate and highest (9 %) at 4 "
        "mmol/L and more.",
        "at the wrong groups",
    ),
    (f"Bars: deaths by day 90 rise because lactate kills, {_FROM_TO}", "claims a cause"),
    (
        f"Bars of deaths by day 90: survival rises with lactate at hour 24, {_FROM_TO}",
        "survival rises",
    ),
    (
        f"A pie chart with dots: deaths by day 90 rise with lactate at hour 24, {_FROM_TO}",
        "speaks of “pie”",
    ),
    (
        f"A bar chart with dots: deaths by day 90 rise with lactate at hour 24, {_FROM_TO}",
        "two kinds",
    ),
    (
        "Bars bars bars lactate lactate deaths deaths deaths rise rise 9 % 46 % of the patients "
        "with the lactate.",
        "twice in a row",
    ),
    (
        "Bars, lactate, deaths, day 90, hour 24, rise, 9 % lowest, 46 % highest, patients, groups, "
        "more, sepsis, higher.",
        "no sentence",
    ),
)
