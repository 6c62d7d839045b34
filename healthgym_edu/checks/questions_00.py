"""Quick questions of chapter 00, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "00.what_is_a_row",
    "What does one row of the table hold?",
    {
        "One person": "No. Each person has 60 rows, one for each month of five years.",
        "One person in one month": "Yes. So 8,916 people and 60 months make 534,960 rows.",
        "One visit to the clinic": (
            "No. There is a row for every month, also for the months in which nobody came."
        ),
    },
    right="One person in one month",
)

quick_question(
    "00.two_steps_up",
    "On this axis, how much more virus does a point have that lies two steps higher?",
    {
        "Twice as much": "No. Each step multiplies by ten; it does not add.",
        "20 times as much": "No. The two steps are multiplied: ten times ten.",
        "100 times as much": "Yes. One step up means ten times more, and ten times ten is 100.",
    },
    right="100 times as much",
)

quick_question(
    "00.one_life",
    "In a hospital's records, people on DTG are suppressed more often than people on EFV. Does "
    "this show the effect of the drug?",
    {
        "Yes, if there are enough people": (
            "No. With more people, the difference between the two groups becomes more certain, but "
            "not its reason."
        ),
        "Not by itself": (
            "Right. Those who received DTG may differ from the others in more than the drug. Twins "
            "differ in nothing else."
        ),
        "Yes, if the doctors chose carefully": (
            "No. The more carefully doctors choose, the more the two groups differ from the start."
        ),
    },
    right="Not by itself",
)
