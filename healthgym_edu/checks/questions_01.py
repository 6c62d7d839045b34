"""Quick questions of chapter 01, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "01.measured_flag",
    "In month 2, the row holds a viral load of 288, and VL (M) is False. What does that mean?",
    {
        "No blood was drawn that month": (
            "Yes. The simulator knows the value, but the clinic never saw it. A real record would "
            "be empty here, or somebody would have filled the gap."
        ),
        "The laboratory made a mistake": (
            "No. The flag says nothing about the quality of a value. It says whether anybody "
            "measured it."
        ),
        "The virus is gone": (
            "No. With 288 copies/mL the virus is there. The flag is about the blood test, not "
            "about the virus."
        ),
    },
    right="No blood was drawn that month",
)

quick_question(
    "01.women_and_men",
    "Women have a somewhat lower viral load than men. Is the reason that they are women?",
    {
        "Yes": (
            "This table cannot show that. Women and men here come from different groups: compare "
            "the numbers of people in the rows."
        ),
        "The table cannot tell": (
            "Right. Women and men here differ in more than their gender: in ethnicity, which you "
            "can see, and in other things that are not in the table."
        ),
        "No": (
            "This table cannot show that either. It only shows that the two groups differ in more "
            "than their gender."
        ),
    },
    right="The table cannot tell",
)

quick_question(
    "01.geometric_mean",
    "The mean is about 23,000 copies/mL. How large is the geometric mean?",
    {
        "About 23,000, too": (
            "No. The two agree only where all values are alike, and these values span many powers "
            "of ten."
        ),
        "About half of it": (
            "No, it is far smaller. On the logarithmic axis, most of the hill stands at 50 or to "
            "the left of it."
        ),
        "About 150": (
            "Yes. Most months are suppressed, and on the logarithmic scale the few huge values "
            "cannot pull the mean far away from them."
        ),
    },
    right="About 150",
)

quick_question(
    "01.near_the_median",
    "How many of the starters stay within a factor of three of the thick line in all 60 months?",
    {
        "Half of them, because half are in the band": (
            "No. In each month half of them are in the band, but not the same half. People jump "
            "in and out."
        ),
        "One in ten": "No, even fewer. The thin lines rarely follow the thick one for long.",
        "One or two in a hundred": (
            "Yes. The band is made of other people in every month, so hardly anybody stays near "
            "its middle."
        ),
    },
    right="One or two in a hundred",
)

quick_question(
    "01.area_chart",
    "Between two months, the share of a drug stays the same. How many people changed that drug?",
    {
        "Nobody": (
            "Not necessarily. If as many people leave a drug as begin it, nothing moves in this "
            "chart."
        ),
        "The figure cannot tell": (
            "Right. Areas show shares. People who leave and people who come cancel each other out."
        ),
        "A few": (
            "It may be so, but you cannot see it here. Those who leave and those who come cancel "
            "each other out."
        ),
    },
    right="The figure cannot tell",
)

quick_question(
    "01.carried_forward",
    "If we carry the last result forward, will the mean be too high or too low?",
    {
        "Too high": (
            "No. The high values of the starters do stand too long, but only for a few months, "
            "because starters are measured often."
        ),
        "About right": (
            "No. That would need a viral load that hardly changes between two results, or errors "
            "that happen to cancel out."
        ),
        "Too low": (
            "Yes. Most results are good ones, and a good result stays in the table for months "
            "while the virus may already be back."
        ),
    },
    right="Too low",
)

quick_question(
    "01.did_dtg_help",
    "His clinic changed EFV to DTG, and the next result was good. Was it DTG that helped?",
    {
        "Yes, the fall came right after the change": (
            "Perhaps. But something else happened at the same visit: the clinic talked with him "
            "about taking his pills."
        ),
        "No, it was the talk about his pills": (
            "Perhaps. But the drug changed at the same visit, and one life cannot tell the two "
            "apart."
        ),
        "His record cannot tell": (
            "Right. The drug and the talk came together, and the record contains only one life."
        ),
    },
    right="His record cannot tell",
)

quick_question(
    "01.records_say",
    "In the twins it is 22 in 100 months. What will the records say?",
    {
        "About 22": (
            "This would be so if chance had decided who takes which drug. A clinic decides "
            "otherwise."
        ),
        "Clearly more than 22": (
            "No. That would need a clinic that gives DTG to the people who do well anyway."
        ),
        "Clearly less than 22": (
            "Yes. The next cells show how much less, and then we look for the reason."
        ),
    },
    right="Clearly less than 22",
)

quick_question(
    "01.agreement",
    "All figures that we compared agree. Do we now know the effect of DTG in real people?",
    {
        "Yes, the simulator passed every test": (
            "No. It was adjusted to these figures, so agreement is the least that we can expect. "
            "None of them measures that effect."
        ),
        "Yes, if the real people were as many": (
            "No. More people make the published figures more certain, but none of them measures "
            "that effect."
        ),
        "No, these figures cannot tell": (
            "Right. The simulator was adjusted to these figures, so agreement is the least that we "
            "can expect. Two simulators can agree with this table and differ in the effect."
        ),
    },
    right="No, these figures cannot tell",
)
