"""Quick questions of chapter 06, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "06.what_if_true",
    "If a hazard ratio of 0.34 for DTG were true, what would it mean?",
    {
        "On DTG, success comes at a third of the rate": (
            "Yes. It would say that success on DTG comes at a third of the rate, and trials found "
            "that it comes sooner. A clinician in the team should have asked to see the table."
        ),
        "34 in 100 people on DTG succeed": (
            "No. A hazard ratio compares rates in two groups. It says nothing about how many "
            "succeed in either."
        ),
        "DTG lowers the risk by two thirds, which is good": (
            "No. This is how one reads it when the event is death. Here the event is success, so "
            "less than 1 is bad."
        ),
    },
    right="On DTG, success comes at a third of the rate",
)

quick_question(
    "06.how_many_events",
    "Thousands of people are followed for twelve months at most, until their first success. How "
    "many events would you expect in a sound table?",
    {
        "As many as people": (
            "No. This would mean that treatment worked for everybody within a year."
        ),
        "Fewer than people": (
            "Yes. For some people the year ends before any success, and these are no events."
        ),
        "More than people": (
            "No. Follow-up ends with the first success, so nobody has more than one event."
        ),
    },
    right="Fewer than people",
)

quick_question(
    "06.who_is_at_risk",
    "Look at the timelines again. Who has a row that covers month 5?",
    {
        "Everybody without the event before month 5": (
            "No. These people should have one. In the figure, their lines are dotted in month 5."
        ),
        "Nobody": "No. Those whose event is marked in month 5 have a row for this month.",
        "Only those with the event in month 5": (
            "Yes. Those who wait have no row, so the model cannot know that they are waiting."
        ),
    },
    right="Only those with the event in month 5",
)

quick_question(
    "06.which_fault",
    "Which fault, do you think, moves the hazard ratio of DTG most?",
    {
        "Censored people count as events": (
            "No, though it does harm. About one person in seven is concerned, and only in the last "
            "month."
        ),
        "Later rows are dropped": (
            "Yes. It concerns two thirds of the person-time, and from it the model loses everybody "
            "who is still waiting."
        ),
        "The pattern “rtv” finds too much": (
            "No. It spoils the columns of ritonavir, and DTG is not one of them. Look at these "
            "columns in the next exercise."
        ),
    },
    right="Later rows are dropped",
)

quick_question(
    "06.longer_horizon",
    "In the public analysis, people were followed for 59 months. Does the first fault do more or "
    "less harm in our cohort with such a long horizon?",
    {
        "More, because it has more time to act": (
            "No. The fault acts only at the horizon, on those who are still waiting then."
        ),
        "Less, because hardly anybody is still waiting": (
            "Yes. Only people who are censored can be miscounted, and after five years there are "
            "few."
        ),
        "The same": "No. Ask how many people are censored after one year, and after five.",
    },
    right="Less, because hardly anybody is still waiting",
)

quick_question(
    "06.nearer_by_accident",
    "The team's 1.73 lies nearer to the truth than the 3.07 of the table done right. Was the "
    "team's analysis the better one?",
    {
        "Yes, because it is nearer": (
            "No. It is nearer by chance. With another horizon or other drugs the faults would have "
            "moved the result elsewhere."
        ),
        "No, two mistakes happened to cancel": (
            "Yes. The faults pull down what the wrong question pushes up. Nobody could have known "
            "by how much, and so nobody could have used it."
        ),
        "No, because 3.07 is the true effect": (
            "No. The table is right, but it compares people who start DTG with people for whom EFV "
            "fails, or who take nothing yet."
        ),
    },
    right="No, two mistakes happened to cancel",
)
