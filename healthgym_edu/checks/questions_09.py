"""Quick questions of chapter 09, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "09.mean_of_codes",
    "A network has learned from the codes. It is unsure whether somebody is Asian (1) or "
    "Caucasian (3), and it gives the number between the two. What stands in the table then?",
    {
        "Asian": "No. The number between 1 and 3 is 2, and this is the code of somebody else.",
        "African": (
            "Yes: the mean of 1 and 3 is 2. A third group appears because the network was "
            "unsure between two others."
        ),
        "Nothing": (
            "It would be better. But 2 is a code that the table knows, so nothing looks wrong."
        ),
    },
    right="African",
)

quick_question(
    "09.columns_apart",
    "After shuffling, each of the five columns still has the same share of each label. In how many "
    "rows do the five labels still make a regimen that somebody takes?",
    {
        "In all of them": ("No. Each label is one that people have, but not with any four others."),
        "In about nine of ten": (
            "No. Most drugs are taken in few combinations, so chance seldom hits one of them."
        ),
        "In fewer than half": (
            "Yes. Shares of single columns say nothing of which labels go together."
        ),
    },
    right="In fewer than half",
)

quick_question(
    "09.error_of_a_tenth",
    "With mean and spread, the standard deviation of the viral load is 163,000 copies/mL. A "
    "person has 30. The network errs by 0.1. What may come back?",
    {
        "Between 27 and 33 copies/mL": (
            "No. An error of 0.1 is a tenth of the standard deviation, not a tenth of the value."
        ),
        "Up to about 16,000 copies/mL": (
            "Yes. A tenth of 163,000 is 16,300. A suppressed person then looks as if treatment "
            "had failed."
        ),
        "30 copies/mL, because values are rounded": (
            "No. Rounding to two decimals cannot mend an error of thousands."
        ),
    },
    right="Up to about 16,000 copies/mL",
)

quick_question(
    "09.coin_of_everybody",
    "The number of a regimen is the share of heads among all 400 people who had it. Which AUROC "
    "will it reach for the coin, in the second 200?",
    {
        "About 0.5": (
            "It should, because nobody can predict a coin. But their own tosses are among those "
            "that made the number. Run the cell."
        ),
        "Below 0.5": "No. What could make the number point away from the tosses that made it?",
        "Well above 0.5": (
            "Yes. In a regimen that few people have, the number is made of their own tosses. "
            "It recognises them."
        ),
    },
    right="Well above 0.5",
)

quick_question(
    "09.padded_mean",
    "Patients who die have low pressures in their last hour. If the repeated rows are counted, "
    "what happens to the mean pressure of hour 47?",
    {
        "It comes out too low": (
            "Yes. The low pressure of an hour before death is counted again at hour 47, for "
            "somebody who is no longer there."
        ),
        "It comes out too high": "No. Look at what is repeated: the rows of those who died.",
        "Nothing, because no number is invented": (
            "No. Each number was true in its own hour. At hour 47 it is not."
        ),
    },
    right="It comes out too low",
)

quick_question(
    "09.who_shows_the_constant",
    "Who shows 1.73 in the row of hour 0?",
    {
        "All whose lactate was not measured at hour 0": (
            "No. If a patient is measured later, the first value is carried back to hour 0."
        ),
        "Nearly only those whose lactate is never measured in the whole stay": (
            "Yes. And at hour 0 nobody in the ward can know who that will be."
        ),
        "Patients chosen by chance": ("No. It depends on what happens to a patient after hour 0."),
    },
    right="Nearly only those whose lactate is never measured in the whole stay",
)

quick_question(
    "09.nonsense",
    "All numbers and levels are drawn at random, and decoded. What comes out?",
    {
        "An error": (
            "No. The codec turns any finite number into a value, and any level into a regimen "
            "that it knows."
        ),
        "A valid table of impossible patients": (
            "Yes. Each value fits its column, and no person is plausible."
        ),
        "Patients like those in `train`": (
            "No. The codec knows what a column can hold. It knows nothing of how people change."
        ),
    },
    right="A valid table of impossible patients",
)
