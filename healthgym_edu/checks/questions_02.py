"""Quick questions of chapter 02, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "02.repeated_lactate",
    "The table has one lactate in every block of four hours. How many of them, do you think, only "
    "repeat the value of the block before?",
    {
        "About 1 in 10": (
            "No. That would mean a blood sample nearly every four hours, from every patient."
        ),
        "About 4 in 10": "More than that. Blood is drawn for a reason, not by the clock.",
        "About 7 in 10": (
            "Yes. A lactate in this table is more often a repetition than a result. Pressure and "
            "urine, in contrast, are recorded around the clock."
        ),
    },
    right="About 7 in 10",
)

quick_question(
    "02.score_and_treatment",
    "A hospital decides to give a little noradrenaline to every patient with sepsis. What happens "
    "to its mean SOFA score on the first day, even if the drug did nothing at all?",
    {
        "It rises": (
            "Yes. A dose above 0 is worth at least 3 points. A score that contains a treatment "
            "cannot judge that treatment."
        ),
        "It stays as it was": (
            "No. Look at the table of points again: what gives the circulation 3 points?"
        ),
        "It falls": (
            "No. It would fall if the drug helped and were not counted. But the dose itself is "
            "counted."
        ),
    },
    right="It rises",
)

quick_question(
    "02.low_pressure_next_day",
    "Among the patients who are present at hour 24, take those with a mean pressure below 65 mmHg. "
    "How many of them, do you think, die within the next 24 hours?",
    {
        "About 4 in 100": (
            "Yes. A low pressure is common, and death on the next day is rare. Most low pressures "
            "rise again: they are treated, and an extreme value is partly chance, so that the next "
            "one is usually less extreme. This is called regression to the mean."
        ),
        "About 40 in 100": (
            "No. Ten times fewer. A low pressure is common, and death on the next day is rare."
        ),
        "About 70 in 100": (
            "No. This is the number before, read the other way round: of those who died, seven in "
            "ten had a low pressure. It says little about how many with a low pressure die."
        ),
    },
    right="About 4 in 100",
)

quick_question(
    "02.will_the_coin_protect",
    "Will the patients who ever had heads die less often than the others, equally often, or more "
    "often?",
    {
        "Less often": (
            "Yes, and by far, although nobody even looked at the coin. The text below says why."
        ),
        "Equally often": (
            "This is what a fair comparison would show, because a coin does nothing. Run the next "
            "cell: this comparison is not fair."
        ),
        "More often": (
            "No. Ask who has more chances to see heads once: a patient who stays for twenty "
            "blocks, or one who dies after three?"
        ),
    },
    right="Less often",
)

quick_question(
    "02.why_do_the_treated_die",
    "Which of these could make patients with a vasopressor die more often, although the drug helps "
    "them?",
    {
        "They had to live long enough to receive it": (
            "No. That is immortal time. It would make the treated look better, and the landmark "
            "has removed it."
        ),
        "They were sicker before they received it": (
            "Yes. A vasopressor is given when the pressure does not hold. The next table looks "
            "whether this is so here."
        ),
        "There were too few of them": (
            "No. Few patients make a comparison uncertain, in both directions. They do not make "
            "it wrong in one direction."
        ),
    },
    right="They were sicker before they received it",
)

quick_question(
    "02.forest_and_coins",
    "In the third try a coin decides for each patient who 'died', and half of the rows are used to "
    "learn. Which AUROC will the forest reach on the other rows?",
    {
        "About 0.5": (
            "This is what it should reach, because a coin cannot be predicted. But most patients "
            "have rows on both sides. Run the cells and see."
        ),
        "About 0.7, as before": (
            "No. Nothing about sepsis can help to predict a coin. What else could the forest have "
            "learnt?"
        ),
        "Nearly 1": (
            "Yes. The forest has seen other rows of the same patients, with the same fate. It only "
            "has to recognise them."
        ),
    },
    right="Nearly 1",
)
