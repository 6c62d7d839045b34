"""Quick questions of chapter 11, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "11.missing_by_chance",
    "A group is 1 in 1,000 of the people. In a table of 500 invented people it has nobody. Has the "
    "generator lost it?",
    {
        "One cannot say from this table": (
            "Yes. Make more people, or look at larger groups. 5,000 people without one of them "
            "would be telling."
        ),
        "Yes, somebody should be there": (
            "Half a person is expected. Chance alone leaves them out in 6 of 10 such tables."
        ),
        "No, the group is too small to be learned": "Perhaps it is. But this table does not say.",
    },
    right="One cannot say from this table",
)

quick_question(
    "11.likeliest",
    "For some latent numbers, the network gives a chance of 0.6 to 'Male' and of 0.4 to 'Female'. "
    "It takes the likeliest label. How many of 100 people with these numbers are women?",
    {
        "40": "This would be so if a draw of luck decided. Here nothing is drawn.",
        "50": "No. What would decide for a woman?",
        "None": (
            "Yes. The chance of 0.4 is never used. Women are made only where the network gives "
            "them more than half."
        ),
    },
    right="None",
)

quick_question(
    "11.no_price",
    "Suppose places far from 0 and narrow spreads cost nothing. What does the encoder do?",
    {
        "It gives each person a place of their own, far from all others": (
            "Yes. Rebuilding becomes easy, and the space between the places means nothing. Nobody "
            "could draw a new person from there."
        ),
        "It puts everybody at 0": "No. Then the generator could not tell one from another.",
        "It stops learning": "No. It can still make rebuilding better.",
    },
    right="It gives each person a place of their own, far from all others",
)

quick_question(
    "11.who_ships",
    "A team releases its trained generator. To sample, it needs the list of the latent places of "
    "10,000 patients. What do you say?",
    {
        "Places are only numbers, so nobody is in them": (
            "A record is only numbers, too. The released encoder turns anybody's record into a "
            "place, and then one can look it up."
        ),
        "The list is a record of each patient, so it must be protected like one": (
            "Yes. It is a short form of each record, and it can be attacked."
        ),
        "It is safe, because noise is added when one samples": (
            "The noise is added afterwards. The list itself has none."
        ),
    },
    right="The list is a record of each patient, so it must be protected like one",
)

quick_question(
    "11.balanced",
    "You sample each group equally often. What may you *not* do with this table?",
    {
        "Compare outcomes within one group": "This is what such a table is good for.",
        "Test a program with it": "You may. Every group is there.",
        "Report its mean CD4 count as that of the population": (
            "Yes. Rare groups are now as many as common ones. First give each person a weight."
        ),
    },
    right="Report its mean CD4 count as that of the population",
)

quick_question(
    "11.standardise",
    "Nobody of a group is left in one of the two families. Can standardising bring the group back?",
    {
        "No, it only tells how many have no answer": (
            "Yes. It makes the others comparable again. For this group nothing is known in one "
            "family."
        ),
        "Yes, its share is known": (
            "Its share is, but not its outcome in this family. What would be multiplied by the "
            "share?"
        ),
        "Yes, with more invented people": "The generator would leave them out again.",
    },
    right="No, it only tells how many have no answer",
)
