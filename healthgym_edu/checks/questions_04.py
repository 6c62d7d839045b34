"""Quick questions of chapter 04, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "04.larger_slice",
    "Can you see which slice is larger, DTG or DRV?",
    {
        "DTG": (
            "You can hardly have seen it. DTG is larger, but only by about one degree, and nobody "
            "sees one degree."
        ),
        "DRV": ("No. DTG is larger, by about one degree. Whoever looks at this pie has to guess."),
        "I cannot tell": (
            "Yes, that is all the pie says: the two differ by about one degree. If a reader has to "
            "guess, the picture has failed."
        ),
    },
    right="I cannot tell",
)

quick_question(
    "04.silent_alarm",
    "An alarm rings as long as the last pressure is below 65 mmHg. For which of these beds is it "
    "silent now, although the pressure was below 65 in each of the three hours before?",
    {
        "Bed 2": "No. Bed 2 dips below the line for an hour now and then, and comes back.",
        "Bed 6": "No. Bed 6 is below the line now as well, so its alarm rings.",
        "Bed 12": (
            "Yes. It has been sinking for hours, and only the last value lies above the line. A "
            "number shows a moment; a small panel shows where it comes from."
        ),
    },
    right="Bed 12",
)

quick_question(
    "04.linear_or_log",
    "A chart shows the mean arterial pressure of a patient. What counts for the nurse is how far "
    "the pressure is below 65 mmHg. Which axis do you choose?",
    {
        "Linear": "Yes. Ten mmHg are ten mmHg at any height, so equal steps should look equal.",
        "Logarithmic": (
            "No. There the step from 50 to 55 mmHg would look larger than the step from 100 to "
            "105, although both are 5 mmHg."
        ),
        "It makes no difference": (
            "No. The two axes answer different questions: how many more, and how many times more."
        ),
    },
    right="Linear",
)

quick_question(
    "04.where_may_it_begin",
    "You draw the same two numbers, 19.8 and 20.3, as dots instead of bars. Must the axis begin at "
    "zero now?",
    {
        "Yes, always": (
            "No. A dot says its number by its position beside the ticks. No length is cut off when "
            "the axis begins later."
        ),
        "No, if the ticks say where it begins": (
            "Yes. Position is read off the ticks. But a narrow axis still makes a small difference "
            "look important, so say how large it is."
        ),
        "No, and the ticks may be left out": (
            "No. Without ticks nobody can read a position, and any difference may look large."
        ),
    },
    right="No, if the ticks say where it begins",
)

quick_question(
    "04.black_and_white",
    "Your figure has blue and orange lines from a safe palette and a key. The department prints it "
    "in black and white. What helps most?",
    {
        "Stronger colours": "No. On this paper every colour becomes a grey.",
        "A name beside each line, and another line style": (
            "Yes. Words and line styles survive any printer and any eye, and nobody has to look "
            "for the key."
        ),
        "A larger key": "No. The key would show two greys that look alike.",
    },
    right="A name beside each line, and another line style",
)

quick_question(
    "04.flat_for_a_day",
    "In the middle panel the line is flat from 28 hours ago until now. What does this tell you "
    "about the lactate in these hours?",
    {
        "It is stable": (
            "No. The line is flat because the table repeats one number. It would be flat whatever "
            "the lactate did."
        ),
        "It was measured often, always with the same result": (
            "No. Look at the right panel: after the last dot there is no other."
        ),
        "Nothing: nobody measured": (
            "Yes. It tells you what the ward did. It does not tell you this lactate."
        ),
    },
    right="Nothing: nobody measured",
)

quick_question(
    "04.more_variance",
    "The left map holds nearly all of the variance, the right map about a seventh of it. Which one "
    "is the better summary of forty-four columns?",
    {
        "The left one, because it holds more": (
            "No. It holds nearly all of two columns, because these have the largest numbers. The "
            "other forty-two are not in it."
        ),
        "The right one, because all columns count alike": (
            "Yes, as far as a map can be one. And its percentages admit how much it leaves out."
        ),
        "Both are complete": "No. Each shows two directions out of forty-four.",
    },
    right="The right one, because all columns count alike",
)

quick_question(
    "04.types_of_sepsis",
    "A paper shows a t-SNE map of 10,000 rows with 500 small islands, and finds “500 types of "
    "sepsis”. What do you ask first?",
    {
        "How many patients the rows come from": (
            "Yes. If there are 500 of them, with 20 rows each, the islands are people."
        ),
        "How far apart the islands are": (
            "No. Distances between islands can be made by the method: they change with the start."
        ),
        "Which island is the largest": (
            "No. t-SNE stretches crowded places and shrinks empty ones, so sizes can be made by "
            "the method."
        ),
    },
    right="How many patients the rows come from",
)

quick_question(
    "04.leave_out",
    "Diastolic and systolic pressure are measured every hour and are never missing. Why may a page "
    "for the ward meeting leave them out?",
    {
        "Because they are unimportant": (
            "No. They matter to whoever treats the patient, and they are in the record for them."
        ),
        "Because the mean pressure already says what the meeting has to decide": (
            "Yes. A page is for a decision. What would not change it may stay in the record."
        ),
        "Because there is no room on any page": (
            "No. There is always room for a smaller font, and then nobody finds anything."
        ),
    },
    right="Because the mean pressure already says what the meeting has to decide",
)
