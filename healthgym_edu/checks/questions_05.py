"""Quick questions of chapter 05, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "05.two_arrows",
    "Clinicians give one drug to people with much virus, and much virus takes longer to fall. What "
    "does this do to a comparison of the drugs?",
    {
        "It makes that drug look slower than it is": (
            "Yes. A part of the difference belongs to the people, and not to the drug. Chapter 01 "
            "called this confounding by indication."
        ),
        "It makes that drug look faster than it is": (
            "No. Its people begin with more virus, so they need longer, whatever they are given."
        ),
        "Nothing, if there are enough people": (
            "No. More people make an answer more certain. They do not make it right."
        ),
    },
    right="It makes that drug look slower than it is",
)

quick_question(
    "05.survey",
    "DTG became available a year before this survey. Who is among its users of that day?",
    {
        "Mainly people who started treatment with it": (
            "No. Everybody in the survey has been on treatment for more than six months, most of "
            "them for years. What did they take before?"
        ),
        "Mainly people who changed to it from another drug": (
            "Yes. And one reason to change is that the virus came back. The next table counts them."
        ),
        "People like the users of EFV": (
            "No. EFV is an old drug. Whoever still takes it is somebody for whom it works."
        ),
    },
    right="Mainly people who changed to it from another drug",
)

quick_question(
    "05.counted_by_2017",
    "By this count, fewer DTG starters than EFV starters were suppressed by month 24. What else "
    "could explain it?",
    {
        "DTG starters had less time until the study closed": (
            "Yes. Somebody who started in November 2016 was seen for two months. Not yet is not "
            "never."
        ),
        "DTG starters left the study because of side effects": (
            "No. Nobody leaves these records, and whatever follows the first drug is counted. Look "
            "at the date on which the study closes."
        ),
        "There were fewer of them": (
            "No. These are shares of each group, and they do not depend on its size."
        ),
    },
    right="DTG starters had less time until the study closed",
)

quick_question(
    "05.hazard_ratio",
    "A colleague reads the hazard ratio of 1.6 as 'under DTG, 1.6 times as many people are "
    "suppressed'. Is this right?",
    {
        "Yes": (
            "No. By month 24 more than nine in ten are suppressed under both drugs. 1.6 times as "
            "many cannot be."
        ),
        "No: it compares how fast, among those who are still not suppressed": (
            "Yes. Nearly everybody is suppressed in the end under both drugs. The ratio compares "
            "the monthly chances of those who are still waiting."
        ),
        "No: it says that suppression takes 1.6 times as long": (
            "No. Above 1 means sooner, and a ratio of chances is no ratio of times."
        ),
    },
    right="No: it compares how fast, among those who are still not suppressed",
)

quick_question(
    "05.drv_guess",
    "DRV is often chosen for people who are very ill. What will the plain comparison of the "
    "starters say?",
    {
        "DRV is sooner, as in truth": (
            "No. That would be so if the two groups were alike. Run the next cell, and look at who "
            "starts on what."
        ),
        "DRV is later": (
            "Yes. The people make more difference than the drug, in the opposite direction."
        ),
        "There is no difference": (
            "No, though the two pull in opposite directions. Look at the interval in the next cell."
        ),
    },
    right="DRV is later",
)

quick_question(
    "05.weight",
    "Somebody was started on DRV, and the probability of DRV was 0.9. Which weight does this "
    "person get?",
    {
        "0.9": (
            "No. Then people who got what everybody like them gets would count most, and the "
            "groups would differ even more."
        ),
        "About 1.1": (
            "Yes: 1 / 0.9. Nearly everybody like this person got DRV, so nearly nobody has to be "
            "stood for."
        ),
        "10": (
            "No. That is 1 / 0.1, the weight of somebody like this person who was started on EFV."
        ),
    },
    right="About 1.1",
)

quick_question(
    "05.hidden",
    "Nobody writes down who forgets pills. Can weights that are estimated from everything on the "
    "charts repair the comparison?",
    {
        "Yes, if the model is good enough": (
            "No. The best model of what is written does not know what is not written."
        ),
        "No": (
            "Right. Among people with equal charts, those on DRV are still the ones who forget "
            "more pills. The next cell shows how far this leads."
        ),
        "Yes, if there are enough people": (
            "No. With more people the interval becomes narrower, around the same wrong answer."
        ),
    },
    right="No",
)

quick_question(
    "05.same_delay",
    "When the month is that of the blood draw, everybody is seen suppressed later than it happens. "
    "When is a comparison of two drugs still fair?",
    {
        "When blood is drawn at least every three months": (
            "No. A delay of some weeks still biases the comparison if it is longer under one drug."
        ),
        "When both groups are equally large": "No. The size of a group has no part in this.",
        "When the delay is the same under both drugs": (
            "Yes. Then it cancels in the difference of the means. The next exercise looks whether "
            "it does."
        ),
    },
    right="When the delay is the same under both drugs",
)

quick_question(
    "05.changed_first",
    "Kaplan–Meier treats those who changed their drug as censored. What does this assume about "
    "them?",
    {
        "That they would have gone on like those who did not change": (
            "Yes, on a drug that they no longer take. The clinician took them off it for a reason, "
            "so this is hardly so."
        ),
        "That they were never suppressed": (
            "No. That would make the share smaller. The cumulative incidence counts them as people "
            "who were not suppressed on their first regimen."
        ),
        "Nothing": (
            "No. Censored people are taken to be like those who remain. Section 3 said so."
        ),
    },
    right="That they would have gone on like those who did not change",
)
