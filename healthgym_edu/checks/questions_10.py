"""Quick questions of chapter 10, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "10.nearest_record",
    "Why do we not simply ask that each invented record is as near as possible to some real one?",
    {
        "Because the best answer to this would be to copy real people": (
            "Yes. A copy has distance 0, and it would give away the very people who must not be "
            "shared. The new people should come from the same distribution, and be nobody."
        ),
        "Because distances between records cannot be computed": (
            "They can. Both are blocks of numbers of the same size."
        ),
        "Because the labels are not numbers": "No. The codec has made numbers of them.",
    },
    right="Because the best answer to this would be to copy real people",
)

quick_question(
    "10.ten_times",
    "The made values stay as they are. A critic wants a larger gap, and it may not be steeper "
    "than 1. What can it do?",
    {
        "Multiply all its scores by ten": "Then it is ten times as steep, which it may not be.",
        "Add ten to all its scores": (
            "No. This raises the mean of both groups, so the gap stays as it is."
        ),
        "Find another shape that tells the two groups apart better": (
            "Yes. Only this is left, and no shape reaches more than the Wasserstein distance."
        ),
    },
    right="Find another shape that tells the two groups apart better",
)

quick_question(
    "10.small_gap",
    "A critic that has just begun finds a gap of 0.1. What do you know of the made people?",
    {
        "Nothing yet": (
            "Yes. The gap is at most the Wasserstein distance, and a bad critic finds far less."
        ),
        "They are nearly real": (
            "No. A critic that has learned nothing finds a gap of 0 in anybody."
        ),
        "They are bad": "They may be. But the gap would be small in both cases.",
    },
    right="Nothing yet",
)

quick_question(
    "10.gap_falls",
    "In another training the gap falls from 4 to 1 in the last moves. Have the invented people "
    "become better?",
    {
        "Yes, the gap is a distance": (
            "Not quite. It is what *this* critic finds, and the real distance may be larger."
        ),
        "Perhaps, or the critic has become worse": (
            "Yes. The gap depends on both, so it cannot tell them apart. Another judge can."
        ),
        "No, a gap should grow": "The critic wants it to grow, and the generator wants it to fall.",
    },
    right="Perhaps, or the critic has become worse",
)

quick_question(
    "10.months_in_another_order",
    "We put the months of each fresh person into another order, by chance. Every single month is "
    "still true. What happens to their score?",
    {
        "Nothing, because all months are real": (
            "This would be so for a critic that sees one month at a time. Does ours?"
        ),
        "It rises": "No. Nothing has become more real than it was.",
        "It falls": (
            "Yes, if the critic looks along time: in such a record values jump up and down, and "
            "drugs come and go."
        ),
    },
    right="It falls",
)

quick_question(
    "10.more_people",
    "The generator could make 100,000 people in place of 600. What would happen to the interval?",
    {
        "It would hold the truth": (
            "No. The generator would repeat its mistake 100,000 times, and be very sure of it."
        ),
        "It would become narrower, around the same wrong number": (
            "Yes. The interval knows the chance in drawing people from the generator. It does not "
            "know that the generator is wrong."
        ),
        "It would become wider": "No. More people make an interval narrower.",
    },
    right="It would become narrower, around the same wrong number",
)

quick_question(
    "10.luck_each_month",
    "The chances of three regimens are 0.7, 0.2 and 0.1, and stay so in all months. In how many of "
    "100 months does a person change the regimen?",
    {
        "In none, with one draw of luck; in 46, with new luck each month": (
            "Yes. The same chances and the same luck always give the same regimen. With new luck, "
            "two months agree with a chance of 0.49 + 0.04 + 0.01 = 0.54."
        ),
        "In 46, either way": "With one draw of luck, what could differ between two months?",
        "In 30, with new luck each month": (
            "No. From 0.2 and 0.1 one nearly always changes, too. Two months agree with a chance "
            "of 0.7² + 0.2² + 0.1²."
        ),
    },
    right="In none, with one draw of luck; in 46, with new luck each month",
)
