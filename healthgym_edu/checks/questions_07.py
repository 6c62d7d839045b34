"""Quick questions of chapter 07, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "07.censored",
    "In the second row of the table the duration is 287 days, and the event is False. What do we "
    "know about this person?",
    {
        "They never got AIDS and did not die": (
            "No. We only know about the time until day 287. What came later, nobody recorded."
        ),
        "They were without AIDS and alive until day 287": (
            "Yes. The event had not come by then. This is less than knowing when it came, but it "
            "is not nothing: 287 days without it count."
        ),
        "They must be left out, because the outcome is missing": (
            "No. Nine in ten people would be left out, and they are the ones who stayed well. The "
            "groups would then look far sicker than they were."
        ),
    },
    right="They were without AIDS and alive until day 287",
)

quick_question(
    "07.testing_table_one",
    "Suppose that a test of one row of Table 1 gave a p value of 0.03. What would it tell us?",
    {
        "That the randomisation went wrong": (
            "No. Of a hundred rows, about five have a p value below 0.05 if all went right. The "
            "rows have to be looked at as a whole, and so has how the draw was made."
        ),
        "That we must adjust for this row": (
            "No. What to adjust for is decided before the data are seen: whatever predicts the "
            "outcome. A p value of Table 1 does not measure that."
        ),
        "Nothing that we did not know": (
            "Yes. The test asks whether chance could have made the difference. We know that chance "
            "made it, because chance alone decided who came into which arm."
        ),
    },
    right="Nothing that we did not know",
)

quick_question(
    "07.what_half_means",
    "The hazard ratio is 0.50. Which of these says what that means?",
    {
        "People with indinavir stay well twice as long": (
            "No. A hazard is a rate of events among those still well. How much time a lower rate "
            "gains depends on how high the rate is; section 7 computes it."
        ),
        "On any day, those still well have half the rate of events": (
            "Yes, if the ratio is the same on all days, which is what the model assumes."
        ),
        "Indinavir helps half of the people who take it": (
            "No. A hazard ratio compares groups. Who in the group was helped, it cannot say."
        ),
    },
    right="On any day, those still well have half the rate of events",
)

quick_question(
    "07.flip_some_arms",
    "We change the recorded arm of 20 in 100 people, drawn at random, and nothing else. What "
    "happens to the hazard ratio of 0.5, on average?",
    {
        "It stays the same, because the errors cancel out": (
            "No. Errors of an average cancel out. Here, people with indinavir come into the other "
            "group and the other way round. Ask what this does to the difference between the two."
        ),
        "It moves towards 1": (
            "Yes. Each arm now holds some people of the other, so the two become more alike."
        ),
        "It moves away from 1": (
            "No. For that, the two groups would have to become more different. What does an "
            "exchange of people do?"
        ),
    },
    right="It moves towards 1",
)

quick_question(
    "07.more_rows",
    "We now make ten synthetic trials out of the one and put them together, 11,510 rows. The "
    "interval becomes about three times narrower. Do we know more about indinavir?",
    {
        "Yes, because more people were followed": (
            "No. 1,151 people were followed. The other rows were made from theirs."
        ),
        "No, because nobody new was followed": (
            "Right. The software cannot tell made rows from followed people, so it computes an "
            "interval as if all of them had been followed. The interval is wrong."
        ),
        "Yes, if the synthetic people look real enough": (
            "No. However real they look, all that they know about indinavir comes from the same "
            "96 events."
        ),
    },
    right="No, because nobody new was followed",
)

quick_question(
    "07.who_was_not_there",
    "A clinic asks whether these results hold for its patients: people who have just learned that "
    "they have HIV, with 600 CD4 cells and no treatment so far. What is the best answer?",
    {
        "Yes, because the trial was randomised": (
            "No. Randomisation makes the two arms alike. It does not make the people in the trial "
            "like those outside of it."
        ),
        "No, because the trial was too small": (
            "No. It was large enough for a clear answer, about the people who were in it."
        ),
        "The trial does not say: nobody like them was in it": (
            "Yes. Everybody in it had few CD4 cells and had taken zidovudine. For others one has "
            "to reason, or to run another trial."
        ),
    },
    right="The trial does not say: nobody like them was in it",
)
