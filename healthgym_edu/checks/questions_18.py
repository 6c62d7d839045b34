"""Quick questions of chapter 18, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "18.is_it_much",
    "21 in 100 recommendations would have to move. Is the synthetic table good enough?",
    {
        "Yes, 79 in 100 stay where they are": (
            "Not yet. If two real registries differed by 2 in 100, then 21 would be bad."
        ),
        "No, 21 in 100 people would be treated otherwise": (
            "Not yet. If two real registries differed by 20 in 100, then nobody could do better."
        ),
        "Nobody can say from these two maps": (
            "Yes. It takes a second real registry to know how much chance moves, and a value to "
            "know whether it matters."
        ),
    },
    right="Nobody can say from these two maps",
)

quick_question(
    "18.below_the_floor",
    "The map of a synthetic table is as far from the real map as the maps of two real registries "
    "are from each other. What follows?",
    {
        "The two agents recommend the same to the same person": (
            "No. A map only counts. Both may recommend the same cells to different people."
        ),
        "The two agents have the same value": (
            "No. Nobody has looked at what happens to anybody. That comes next."
        ),
        "By this test, the synthetic table is as good as another registry": (
            "Yes, by this test. It is the most that a comparison of maps can say."
        ),
    },
    right="By this test, the synthetic table is as good as another registry",
)

quick_question(
    "18.guess_the_loss",
    "Which agents lose most, compared with those of the real registries?",
    {
        "None by so much that four registries could show it": (
            "Yes. That should make you suspicious, of the agents of the real registries, too."
        ),
        "Those of the shuffled tables, far more than all others": (
            "No, although their maps differ most. Look at the table below."
        ),
        "Those of the trees, far more than all others": "No. Look at the table below.",
    },
    right="None by so much that four registries could show it",
)

quick_question(
    "18.habit",
    "The map of the habit will be nearly that of the clinicians. And its value?",
    {
        "Nearly that of the clinicians": (
            "No. Two policies may recommend the same cells equally often, and at different visits."
        ),
        "Much lower": (
            "Yes. At most visits clinicians go on with the regimen, so the habit always goes on, "
            "even if the treatment fails. On the map these few changes hardly count."
        ),
        "Higher, because it makes no slips": (
            "No. The clinicians' rare changes are no slips: they change when a treatment fails."
        ),
    },
    right="Much lower",
)
