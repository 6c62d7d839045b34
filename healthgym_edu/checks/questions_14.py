"""Quick questions of chapter 14, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "14.nobody_exists",
    "No row of the table equals a row of a real person. Can it still tell who was in prison?",
    {
        "Yes, if a member's record lies near one in the table": (
            "Yes. An attacker does not need equal rows. It is enough that members are nearer to "
            "the table than other people are."
        ),
        "No, because every record is invented": (
            "No. Who wrote a record does not matter. What matters is how much of a member is in it."
        ),
        "No, because names and numbers were taken out": (
            "No. Five years of viral loads are as good as a name to somebody who knows them."
        ),
    },
    right="Yes, if a member's record lies near one in the table",
)

quick_question(
    "14.by_chance",
    "In the table of fresh people nothing can be found. How many of the 1,000 members does the "
    "attack then name by chance, at 1 % false alarms?",
    {
        "None": "No. The bar is set so that 1 in 100 strangers lies above it. Members do, too.",
        "About 10": (
            "Yes. Members are then like strangers, and 1 in 100 of them lies above the bar."
        ),
        "About 500": "No. That would be the toss of a coin. The bar is far stricter.",
    },
    right="About 10",
)

quick_question(
    "14.which_attack",
    "Which of the two attacks is the greater danger to a member?",
    {
        "Without drugs, its AUROC is higher": (
            "No. It ranks everybody a little better, but it is sure of fewer people."
        ),
        "With drugs, it names more people and is sure": (
            "Yes. A person is harmed when somebody is sure, whatever the ranks of the others are."
        ),
        "They are equal": "No. Compare what each finds when few strangers may be accused.",
    },
    right="With drugs, it names more people and is sure",
)

quick_question(
    "14.copy_disclosure",
    "What risk of identity disclosure, do you think, does an exact copy of all 1,000 people get?",
    {
        "100 %, because everybody is in it": (
            "No. It counts each person by how many others look the same to a neighbour, and by how "
            "small a part of the population the 1,000 are."
        ),
        "About 9 %, the limit": "No, though one would hope so. Look at the next table.",
        "Below 1 %": (
            "Yes. Many members look the same by sex, ethnicity and first result, and the 1,000 are "
            "a tenth of the population. Nothing else of a record is asked about."
        ),
    },
    right="Below 1 %",
)

quick_question(
    "14.who_is_exposed",
    "Which members does an attacker find more often, if he also knows their drugs?",
    {
        "Those on a common regimen, because there are more of them": (
            "No. In a crowd, many strangers lie near an invented person as well, so nobody can be "
            "sure."
        ),
        "Those on a rare regimen": (
            "Yes. Few strangers look like them. An invented person with that regimen points to one "
            "of very few people."
        ),
        "All alike, because all got the same noise": (
            "No. The noise is the same, but the number of people who look alike is not."
        ),
    },
    right="Those on a rare regimen",
)

quick_question(
    "14.what_goes_first",
    "With more and more noise: what is lost first?",
    {
        "What an attack finds": "No. That would be good news. Look at the next two figures.",
        "The difference between the drugs": (
            "Yes. It needs the month in which a viral load falls below 50, and the right regimen. "
            "A little noise spoils both."
        ),
        "The prediction": (
            "No. A model averages over many people and months, so it bears some noise."
        ),
    },
    right="The difference between the drugs",
)

quick_question(
    "14.small_leaves",
    "With only one month in each leaf, what do the trees write?",
    {
        "The record of one member, from the first month to the last": (
            "Yes. The first month is a member's, the leaf of the next one holds only months of the "
            "same member, and so on. Nobody asked the trees to copy."
        ),
        "A mixture of many members": (
            "No. A mixture needs leaves that hold months of several people."
        ),
        "Random values": "No. Each value is taken from a month that has the same past.",
    },
    right="The record of one member, from the first month to the last",
)
