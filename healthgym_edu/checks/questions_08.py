"""Quick questions of chapter 08, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "08.by_eye",
    "By eye: which two of the five tables look like the real one?",
    {
        "A and D": (
            "No. In both, the viral load of a person jumps from month to month. In the real table "
            "it stays where it is for many months."
        ),
        "B and E": (
            "Yes. Their lines fall once, stay flat for months, and sometimes rise. Your eye found "
            "what some of the numbers below do not find."
        ),
        "B and C": (
            "B, yes. But look at C again: the viral load of everybody jumps from month to month, "
            "and nobody stays high or low."
        ),
    },
    right="B and E",
)

quick_question(
    "08.pooled",
    "Why is KS so small for all months together, although table A is wrong in month 0?",
    {
        "Table A has the right values in the wrong months": (
            "Yes. All months together, its values are those of real people. High viral loads are "
            "there, but not where they belong."
        ),
        "The sample is too small": (
            "No. There are thousands of rows. A small sample would make KS larger, not smaller."
        ),
        "The viral load does not change over time": (
            "No. It changes most in the first months, as the curves of means show."
        ),
    },
    right="Table A has the right values in the wrong months",
)

quick_question(
    "08.two_lines",
    "The trend is a straight line. Take the trend of the viral load and that of the CD4 count of "
    "one patient: which correlations over the months are possible?",
    {
        "Every number from -1 to 1": (
            "No. Draw two straight lines and plot one against the other: the points lie on a line."
        ),
        "Only 0 or 1": ("No. One of the two lines may rise while the other falls."),
        "Only -1 or 1": (
            "Yes. Two straight lines rise and fall in step, or one rises while the other falls. "
            "How steep they are does not matter."
        ),
    },
    right="Only -1 or 1",
)

quick_question(
    "08.how_was_a_made",
    "The rows of table A are true rows, its labels change far too often, and its months look "
    "alike. How was it probably made?",
    {
        "Each column was put into another order": (
            "No. Then the columns of a row would not fit each other. In table A they do."
        ),
        "Noise was added to every number": (
            "No. Noise does not make a drug change from month to month."
        ),
        "The rows of each patient were put into another order": (
            "Yes. Each row stays whole and with its patient, so all that looks at single rows "
            "finds nothing. Only time is lost."
        ),
    },
    right="The rows of each patient were put into another order",
)

quick_question(
    "08.split_by_row",
    "The rows are divided at random, and the other table is a fresh draw. Which AUROC will the "
    "judge reach?",
    {
        "Below 0.5": "No. What could make the judge wrong more often than right?",
        "About 0.5": (
            "It should, because there is nothing to find. But most patients have rows on both "
            "sides, so the judge has met them. Run the cell."
        ),
        "Far above 0.5": (
            "Yes. The judge has seen other months of the same patients and knows in which table "
            "they stood. It recognises people, not a difference."
        ),
    },
    right="Far above 0.5",
)

quick_question(
    "08.copy_or_fresh",
    "Tables B and E fool every metric. Can any metric that compares them with the real table say "
    "which of them is the copy?",
    {
        "Yes, the one with the smaller distances": (
            "No. Which of the two is nearer differs from metric to metric, as between any two "
            "groups of people."
        ),
        "Yes, judge P": (
            "No. The copied people are true people. There is nothing about them to recognise."
        ),
        "No": (
            "Right. For a person who was never in `train`, copied people are people like all "
            "others. One has to compare with `train` to see it."
        ),
    },
    right="No",
)

quick_question(
    "08.no_difference",
    "A report compares 100 real with 100 synthetic patients and writes: 'CD4 counts do not "
    "differ.' What may it say?",
    {
        "That no large difference was found": (
            "Yes. It should also say how small a difference it could have found."
        ),
        "That the CD4 counts are equal": (
            "No. The figure shows that with 100 patients an error of 10 % usually stays unseen."
        ),
        "Nothing at all": (
            "A little more: a distance far above those in the figure would have been seen with 100 "
            "patients, too."
        ),
    },
    right="That no large difference was found",
)

quick_question(
    "08.score_95",
    "What does a quality score of 0.95 say about an HIV table, if a fresh draw scores 0.986 and "
    "columns put apart score 0.879?",
    {
        "It is 95 % like the real one": (
            "No. A score has to be read between its floor and its ceiling, and the floor here is "
            "0.879."
        ),
        "It is good enough to train a model": (
            "No. Whether it is useful for something is another question, which chapter 14 asks."
        ),
        "It is better than nonsense and worse than a fresh draw": (
            "Yes, and that is all. Where it is wrong, in time for instance, the score does not say."
        ),
    },
    right="It is better than nonsense and worse than a fresh draw",
)
