"""Quick questions of chapter 16, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "16.highest",
    "Rewards here are 0 for a good hour and negative for a bad one. What is the highest value "
    "that any policy can have?",
    {
        "0": "Yes. It would belong to a ward in which no hour of any patient is bad.",
        "That of the guideline": (
            "No. A better policy may exist. But there is a limit that none can pass."
        ),
        "There is no limit": "No. A sum of numbers that are never above 0 is never above 0.",
    },
    right="0",
)

quick_question(
    "16.who_corrects",
    "In a computer game, the same algorithm learns well, although it begins with the same errors. "
    "What is different there?",
    {
        "A game has less noise": (
            "No. Noise makes learning slower in both. The belief above would still be corrected."
        ),
        "It tries the action that it overrates, and sees that it was wrong": (
            "Yes. In a game, each error leads to the experience that corrects it. Records hold "
            "only what clinicians did, and nobody adds to them."
        ),
        "It has a larger network": (
            "No. A larger network would fit the records better, and would know as little of what "
            "nobody did."
        ),
    },
    right="It tries the action that it overrates, and sees that it was wrong",
)

quick_question(
    "16.times_zero",
    "Somebody multiplies Q by 0 where an action is not allowed, and takes the largest. All allowed "
    "Q are negative. Which action is chosen?",
    {
        "The best of the allowed actions": (
            "No. Its Q is negative. Compare that with what the multiplication leaves."
        ),
        "One of the allowed actions, by chance": "No. Their Q are negative, each of them.",
        "One that is not allowed": (
            "Yes. It has the value 0, which is above every negative number. So the mask allows "
            "only what it should forbid. Put −∞ there instead."
        ),
    },
    right="One that is not allowed",
)

quick_question(
    "16.trust_one",
    "With a trust of 1, only the clinicians' commonest action is allowed. Compared with the "
    "clinicians themselves, what is such an agent worth?",
    {
        "Less": (
            "Yes. The commonest action is mostly to do nothing. Clinicians do that often, and this "
            "agent does it nearly always, also where many other clinicians would act."
        ),
        "The same": (
            "No. Clinicians do different things in the same situation. The agent does only one of "
            "them, every time."
        ),
        "More, because it makes no slips": (
            "It could be, where the commonest action is the best one. Here the commonest action is "
            "mostly to wait."
        ),
    },
    right="Less",
)

quick_question(
    "16.cql_belief",
    "CQL is called conservative. With a doubt of 1, it believes that its policy is worth more than "
    "+2. How can that be?",
    {
        "The policy is really that good": "No. Nothing can be worth more than 0 here.",
        "It was trained for too short a time": (
            "No. With more steps the belief stays above 0. Look at what the penalty does to the Q "
            "of an action that clinicians often take."
        ),
        "The penalty lifts the actions that were taken, and targets take the largest Q": (
            "Yes. The commonest action ends above its worth, and twelve targets in a row add this "
            "up. So Q of CQL ranks actions. It is no estimate of their value."
        ),
    },
    right="The penalty lifts the actions that were taken, and targets take the largest Q",
)

quick_question(
    "16.can_a_trial_tell",
    "A hospital would like to see in a trial of 2 × 1,000 patients that an agent saves 1 in 100 "
    "lives, 7 % instead of 8 %. Can it?",
    {
        "Yes, 1,000 is a large number": (
            "No. Among 1,000 patients, 80 deaths are expected, and by chance alone it is easily 65 "
            "or 95."
        ),
        "No, chance alone makes larger differences": (
            "Right. The two arms differ by 10 deaths, and the standard error of this difference is "
            "about 12. That is why the return counts every hour, and not only deaths."
        ),
        "Yes, if both arms are alike": (
            "That is needed, but it is not enough. Look at how many deaths are expected."
        ),
    },
    right="No, chance alone makes larger differences",
)
