"""Quick questions of chapter 12, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "12.as_much_signal",
    "At which angle is there as much signal as noise?",
    {
        "0.79": "Yes: half of a right angle, π/4. Both factors are 0.71 there.",
        "1.00": "No. At 1.00 the signal is 0.54 and the noise 0.84.",
        "1.20": "No. At 1.20 the signal is 0.36 and the noise 0.93.",
    },
    right="0.79",
)

quick_question(
    "12.begin_with_noise",
    "In all that this network has learned from, there was some signal left at its last angle. Now "
    "it is given pure noise, and is told that this is its last angle. What will it do?",
    {
        "It sees that there is no signal": (
            "How could it? It has never seen such a case, and it is told that there is a signal."
        ),
        "It stops": "No. A network gives an answer to whatever it is given.",
        "It takes some of the noise for signal": (
            "Yes. It has always found something there, so it finds something here. How much harm "
            "this does has to be measured."
        ),
    },
    right="It takes some of the noise for signal",
)

quick_question(
    "12.hidden_first",
    "Somebody takes white noise instead. At a large angle, which fact about a person can still be "
    "read?",
    {
        "A high viral load in one single month": (
            "No. One month has the noise of one month, and there is nothing to average."
        ),
        "Whether the CD4 count was high in all these years": (
            "Yes. The mean of 60 months averages white noise away. So white noise hides quick "
            "things early and slow things late; slow noise hides both at about the same angle. "
            "The next table shows it."
        ),
        "Neither of them": "No. One of them can be averaged over 60 months.",
    },
    right="Whether the CD4 count was high in all these years",
)

quick_question(
    "12.loss_of_zero",
    "If the network learned for a year, would its error become 0?",
    {
        "No, because part of each record cannot be known from the noisy one": (
            "Yes. What is lost in noise is lost. The best network says the mean of all records "
            "that are possible."
        ),
        "Yes, since it makes the error as small as it can": (
            "No. Near π/2 there is hardly any record left in what it sees. Nobody can know it."
        ),
        "No, because learning always stops too early": (
            "It may stop too early. But there is another reason, which no patience helps against."
        ),
    },
    right="No, because part of each record cannot be known from the noisy one",
)

quick_question(
    "12.same_noise",
    "Two walks begin with the same noise. One takes 25 steps and the other 50. Do they end with "
    "the same people?",
    {
        "No, since each step brings new chance": "No. After the first noise, DDIM draws none.",
        "Exactly": "No. The path bends, and smaller steps follow it more closely.",
        "Nearly": (
            "Yes. No noise is drawn on the way, so both follow the same path. It is only divided "
            "into other steps."
        ),
    },
    right="Nearly",
)

quick_question(
    "12.more_steps",
    "What would bring the invented people nearer to a fresh draw?",
    {
        "Walking back in 200 steps": (
            "No. Between 25 and 50 steps hardly anything changes. More steps follow the network "
            "more closely, and it says what it says."
        ),
        "Learning for longer": (
            "Yes. What goes with what has to be learned, and this network has learned for half a "
            "minute."
        ),
        "Inventing more people": "No. More people of the same kind show the same faults.",
    },
    right="Learning for longer",
)

quick_question(
    "12.when_to_read",
    "Somebody reads the regimens at 1.32, near the beginning, where hardly any record is left. "
    "What will be right?",
    {
        "Neither how common each drug is, nor who gets it": (
            "No. The network knows how common each drug is, whatever it sees."
        ),
        "Who gets which drug": (
            "No. It hardly sees who stands before it, so it gives everybody nearly the same odds."
        ),
        "How common each drug is, but not who gets it": (
            "Yes. With the odds of everybody, drugs are as common as they should be, but they do "
            "not fit the person. So how common a drug is cannot tell us when to read."
        ),
    },
    right="How common each drug is, but not who gets it",
)
