"""Quick questions of chapter 03, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "03.where_does_it_come_from",
    "Nobody measured the lactate of patient 148, and yet the table shows 1.73. Where do you think "
    "that number comes from?",
    {
        "Somebody estimated it from the patient's other values": (
            "No. That could be a good idea, and exercise 6 will do it. But this table was filled "
            "in a much simpler way. Read on."
        ),
        "It is the patient's last value from before the stay": (
            "No. The table knows nothing from before the stay. Read on."
        ),
        "It is the same number for everybody who was never measured": (
            "Yes. It is a median of other patients, and it says nothing about this one."
        ),
    },
    right="It is the same number for everybody who was never measured",
)

quick_question(
    "03.tomorrows_blood_test",
    "Look at the four rows above. In hour 0, the lactate of patient 0 is 0.82, but its flag is "
    "False. Somebody drew the first lactate of this patient in hour 38. Which word describes the "
    "0.82?",
    {
        "Carried forward": (
            "No. Something can only be carried forward from an earlier measurement, and there is "
            "none before hour 0."
        ),
        "Carried back": (
            "Yes. The table shows in hour 0 what nobody could know before hour 38. A model that "
            "uses this number knows the future."
        ),
        "Never measured": (
            "No. This patient was measured, in hour 38. The median is used only for patients who "
            "have no measurement at all."
        ),
    },
    right="Carried back",
)

quick_question(
    "03.what_do_coins_reach",
    "The flags reach an AUROC above 0.9. What will the coins reach?",
    {
        "About 0.5, like a guess": (
            "A good guess: a coin knows nothing about a patient. But something else is counted "
            "here. Run the next cell."
        ),
        "About 0.7": (
            "No. It is worse than that. Run the next cell, and then ask what a count of heads "
            "depends on."
        ),
        "About 0.9, like the flags": (
            "Yes, although a coin knows nothing about a patient. So what does a count of heads "
            "depend on?"
        ),
    },
    right="About 0.9, like the flags",
)

quick_question(
    "03.which_row_can_be_used",
    "The two rows contradict each other. In the whole stay, patients without a lactate die more "
    "often. After hour 24, those without a lactate so far die less often. Which row can help a "
    "ward at hour 24?",
    {
        "The first: it uses more patients": (
            "No. It also counts patients who died before anybody had time to measure anything. In "
            "that row, the early death is the reason for the missing lactate."
        ),
        "The second: it uses only what is known at hour 24": (
            "Yes. It is a landmark. Nobody had been worried about the patients without a lactate, "
            "and on average that was right."
        ),
        "Neither: a missing value says nothing": (
            "No. The second row says something that the ward can know in time: about whom somebody "
            "had been worried so far."
        ),
    },
    right="The second: it uses only what is known at hour 24",
)

quick_question(
    "03.too_high_or_too_low",
    "The table gives 1.73 to everybody who was never measured. It is the median of the real "
    "patients who were measured; ours are a little lower. Do you expect it to be too high or too "
    "low for the others?",
    {
        "Too high on average": (
            "Yes. The ward measures patients who seem sick, so the others have a lower lactate on "
            "average. See what it does to the sick ones among them."
        ),
        "Right on average": (
            "No. It would be right if the measured patients were a random sample of all. Section 2 "
            "showed that they are not."
        ),
        "Too low on average": (
            "No. It would be so if the ward measured patients who seem well. Section 2 showed the "
            "opposite."
        ),
    },
    right="Too high on average",
)

quick_question(
    "03.which_value_keeps",
    "Which of these is still useful one day after somebody measured it?",
    {
        "Creatinine, which changes over days": (
            "Yes. The kidneys change slowly, so an old value is still a good one."
        ),
        "Oxygen in the blood, which follows each breath": (
            "Not here. In this simulator oxygen changes from hour to hour. In a real patient an "
            "hour-old value still tells something."
        ),
        "All of them: a measurement is better than a guess": (
            "No. A measurement tells how things were. If they change fast, it soon tells nothing "
            "about now."
        ),
    },
    right="Creatinine, which changes over days",
)

quick_question(
    "03.a_dose_of_twenty",
    "On a ward, pumps give a vasopressor such as noradrenaline at 0.05 to 0.3 mcg/kg/min. What do "
    "you conclude from a label that says 20.28 mcg/kg/min?",
    {
        "These patients were extremely sick": (
            "No. No ward gives a dose that is about a hundred times the usual one, however sick "
            "the patient is."
        ),
        "The unit of the label is wrong": (
            "Yes. If a number is impossible, ask for its unit first. Which unit would make it "
            "possible?"
        ),
        "The level is an outlier and should be deleted": (
            "No. Every row of that level carries this label, and the doses behind it were really "
            "given."
        ),
    },
    right="The unit of the label is wrong",
)

quick_question(
    "03.what_happens_without",
    "In the second world, the patients with a MAP below 60 at hour 8 receive nothing. What will "
    "their mean pressure do in the next hour?",
    {
        "It falls further": (
            "No. Some fall further, but we chose all of them in an unusually low hour, so on "
            "average the next one is higher."
        ),
        "It stays where it is": (
            "No. It would stay if the reading of one hour described only the patient. It also "
            "contains chance."
        ),
        "It rises": (
            "Yes. We chose a low reading; part of it was chance, and chance does not repeat itself."
        ),
    },
    right="It rises",
)

quick_question(
    "03.is_this_a_responder",
    "After a bolus, the MAP of one patient rises by 8 mmHg within an hour. Has this patient "
    "responded to the fluid?",
    {
        "Yes, by 8 mmHg": (
            "No, this is too much said. A part of the rise would have come anyway, and in one "
            "patient nobody can tell which part."
        ),
        "No, it was regression to the mean": (
            "No, this is too much said. Regression to the mean explains a part of the rise, and in "
            "one patient nobody can tell which part."
        ),
        "Two readings cannot tell": (
            "Yes. They contain the effect, what would have come anyway, and chance. Only the twin "
            "could separate them."
        ),
    },
    right="Two readings cannot tell",
)

quick_question(
    "03.what_is_all_met_worth",
    "All targets are met. May we now believe what this simulator says about the effect of a bolus?",
    {
        "Yes: it agrees with the real patients": (
            "No. It agrees in what was published, such as how low the pressures were. No published "
            "figure shows what the same patients do without a bolus."
        ),
        "No: no target speaks about an effect": (
            "Yes. A target can only test what it speaks about. The effect of a bolus is an "
            "assumption here."
        ),
        "No: a simulator is always wrong": (
            "Not for that reason. A simulator can agree well in some respects, and each has to be "
            "tested by itself."
        ),
    },
    right="No: no target speaks about an effect",
)

quick_question(
    "03.what_do_you_answer",
    "What do you answer your colleague?",
    {
        "The lactate is fine: 1.73 is below 2": (
            "No. The 1.73 is no result of this patient. The flag says that nobody measured it."
        ),
        "The lactate is probably high": (
            "No. Even of the patients who are most like this one, only a quarter have 2 or more. "
            "You cannot know it."
        ),
        "The lactate is unknown: let us measure it now": (
            "Yes. The table cannot tell, patients like this one often have a high lactate, and a "
            "blood test gives the answer."
        ),
    },
    right="The lactate is unknown: let us measure it now",
)
