"""Quick questions of chapter 15, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "15.when_drawn",
    "The first row of the table shows a lactate that nobody had seen yet. When was it drawn?",
    {
        "Before the first decision": (
            "No. Then the clinician would have seen it, and both columns would agree."
        ),
        "After the first decision": (
            "Yes. The sample came later. The export filled the rows before it with the same number."
        ),
        "Never, it is a guess": (
            "No. It is a real result. What was seen is the guess: the median of all patients."
        ),
    },
    right="After the first decision",
)

quick_question(
    "15.crude",
    "More of those who were started died. Does that show harm?",
    {
        "Yes, the group is large enough": (
            "No. A large group makes a comparison precise. It does not make it fair."
        ),
        "Yes, because all were below 60 mmHg": (
            "No. Among these, those who were started had a lower pressure still."
        ),
        "No, they were sicker before": (
            "Yes. The lower pressure is a reason to start, and a cause of death as well."
        ),
    },
    right="No, they were sicker before",
)

quick_question(
    "15.one_decision",
    "Why is the true benefit of starting at this moment only two deaths in 100?",
    {
        "Many of the others are started soon afterwards": (
            "Yes. The two worlds differ for a few hours only. Look at the last row of the figure."
        ),
        "Vasopressors hardly help in these patients": (
            "No. Compare with the world in which nobody is started for a day."
        ),
        "The weights are too large": ("No. The truth comes from twins. It knows of no weights."),
    },
    right="Many of the others are started soon afterwards",
)

quick_question(
    "15.relative",
    'What does "vasopressor hold" mean for a patient on a high dose?',
    {
        "No vasopressor": (
            "No. That would be a sudden stop, and with absolute actions an agent could order it."
        ),
        "The mean dose of all patients": "No. The dose depends on what this patient has now.",
        "The same high dose": (
            "Yes. A relative action changes the dose by little. So an agent cannot leap from "
            "nothing to the most and back, which clinicians hardly ever do."
        ),
    },
    right="The same high dose",
)

quick_question(
    "15.rare_pairs",
    "Why are pairs with fewer than six records left out?",
    {
        "To save time": "No. The equations are solved in a moment, with or without them.",
        "A lucky few would look like the best action": (
            "Yes. The best of many shaky numbers is often the luckiest one. Policy iteration looks "
            "for the best, so it finds such errors."
        ),
        "Because rare actions are always harmful": (
            "No. They may be good. The records cannot tell, and so the agent must not claim it."
        ),
    },
    right="A lucky few would look like the best action",
)

quick_question(
    "15.more_columns",
    "Twelve columns hold more than four. Why did policy iteration do worse with them?",
    {
        "The groups then mix patients of different pressure": (
            "Yes. The 500 centres have to cover twelve columns, so each of them is coarse in the "
            "one that matters most."
        ),
        "The other eight columns tell the future": (
            "No. All twelve were in view. The package refuses columns that were not."
        ),
        "It needs more rounds of improvement": (
            "No. It stops when no round can improve it any more."
        ),
    },
    right="The groups then mix patients of different pressure",
)

quick_question(
    "15.reward",
    "With a reward that is paid only at the end, what will happen to what the agent learns?",
    {
        "Nothing, because survival is what counts": (
            "No. It counts, but the same 3,000 patients say less about it, decision by decision."
        ),
        "It becomes more shaky": (
            "Yes. One number for twenty decisions is mostly chance: who lives depends on much that "
            "no decision could change."
        ),
        "It gives more vasopressor, because that costs nothing": (
            "No. It could, but the larger trouble is that so little is paid, and so late."
        ),
    },
    right="It becomes more shaky",
)
