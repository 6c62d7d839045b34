"""Quick questions of chapter 17, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "17.what_weight",
    "A patient had three decisions. At each of them the target was twice as likely as the "
    "clinicians to do what was done. Then the patient died. Which weight does the return get?",
    {
        "8": "Yes. The ratios are multiplied, and death does not change what they were.",
        "6": "No. Ratios are multiplied, because each decision had to go this way.",
        "0": ("No. Then no death would ever count, and every policy would look safe."),
    },
    right="8",
)

quick_question(
    "17.which_hold",
    "Four targets, and an interval of WIS for each. Which intervals do you expect to hold the "
    "truth, which you have not seen yet?",
    {
        "All four: this is what intervals are made for": (
            "Look and see. An interval knows the patients who are in the records, and no others."
        ),
        "Those of targets close to the clinicians": (
            "Yes. Where clinicians often do what the target does, the records hold patients to "
            "learn from. How close is close enough is what this chapter is about."
        ),
        "None: the target was never tried": (
            "Look and see. Each single decision of a near target was taken many times."
        ),
    },
    right="Those of targets close to the clinicians",
)

quick_question(
    "17.sharpened",
    "The estimate for power 1.5 is let through, and it is right. What follows for the unit?",
    {
        "Clinicians should be more consistent": (
            "No. The sharpened policy is worth a little less than the clinicians themselves."
        ),
        "Nothing was gained, but we know it": (
            "Yes. A trustworthy estimate can be of a useless policy. Overlap says whether a policy "
            "can be judged, and not whether it is good."
        ),
        "The estimator is wrong, as consistent care must be better": (
            "No. The truth was measured, and the estimate agrees with it."
        ),
    },
    right="Nothing was gained, but we know it",
)

quick_question(
    "17.ess_rises",
    "At the ninth decision the effective sample size of the guideline rises from 59 to 260. How "
    "can it?",
    {
        "More patients were treated by the guideline then": (
            "No. A patient who was once treated otherwise has the weight 0 for good."
        ),
        "The weights become more precise with more decisions": (
            "No. Each decision adds chance to a product."
        ),
        "Patients with huge weights are dropped, and those left are alike": (
            "Yes. They were treated otherwise at this decision. Those left needed little, and have "
            "small weights of one size. The mean weight falls: this is no recovery."
        ),
    },
    right="Patients with huge weights are dropped, and those left are alike",
)

quick_question(
    "17.robust",
    "You have one cohort, with recorded probabilities. DR of the guideline is right on average. "
    "May you use it?",
    {
        "Yes, as right on average is what one wants": (
            "No. You have one cohort and not the average, and a single estimate misses by 0.60. "
            "This is a quarter of what the clinicians lose."
        ),
        "Yes, if the interval is narrow": (
            "No. The interval is made from the patients whom you have. It cannot know of those who "
            "are missing."
        ),
        "No": ("Yes. Too few of these patients were treated like that. No formula replaces them."),
    },
    right="No",
)

quick_question(
    "17.hidden",
    "In the second hospital, which of these could have told the team that something is hidden?",
    {
        "A calibration plot of the estimated probabilities": (
            "No. They are right on average for patients with the same chart. That the sicker of "
            "them are treated more cannot be seen in it."
        ),
        "The mean weight, and even that not for certain": (
            "Yes. It is far from 1 here, so the verdict refuses. But a mean weight of 1 would be "
            "no proof that nothing is hidden."
        ),
        "A narrow interval": "No. The interval is as narrow as that of the honest estimate.",
    },
    right="The mean weight, and even that not for certain",
)

quick_question(
    "17.which_of_five",
    "The clinicians are worth -2.2. A team takes WIS and no verdict. How many of the five would it "
    "call better than the clinicians?",
    {
        "All five, and three are worse": (
            "Yes. Each policy finds a few stays that went its way, and such stays went well: who "
            "got little needed little."
        ),
        "Two, the right ones": "No. Look at the column WIS again.",
        "None": "No. Look at the column WIS again.",
    },
    right="All five, and three are worse",
)
