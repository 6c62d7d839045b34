"""Right and wrong decisions of chapter 14, for findings that are always the same."""

from __future__ import annotations

import pandas as pd

FINDINGS = pd.Series(
    {
        "members found, attack by course (%)": 82.6,
        "members found, attack with drugs (%)": 69.4,
        "members found, attack without drugs (%)": 56.1,
        "AUROC of the attack without drugs": 0.953,
        "identity disclosure (%)": 0.174,
        "AUROC of the prediction, learned on the copy": 0.715,
        "AUROC of the prediction, learned on members": 0.742,
        "difference in the copy (months)": -3.62,
        "difference in all people (months)": -5.88,
    }
)

REFUSAL = """
Do not publish this table. 69 % of the members can be named by somebody who knows their laboratory
results and drugs, with one false alarm in 100. The identity disclosure of 0.17 % does not see this,
because it does not look at courses. The table is also of little use: the difference between DTG
and EFV is −3.6 months in it, and −5.9 months in all people. Most exposed are people with rare
regimens or an unusual course. We did not test attackers who know the generator itself. We would
decide otherwise if a new table lets no attack find more members than false alarms.
"""

RIGHT = (
    """
The registry should not release the table that the company offers. With one false alarm among a
hundred strangers, an attacker who knows viral loads, CD4 counts and drugs names 69 in 100 members,
and one who does not know the drugs still names 56 in 100. A prediction learned on it is nearly as
good as before (an AUROC of 0.72 instead of 0.74), so it would be used, and people would be found.
People on rare regimens stand out most. Nobody has tried to link it with other registers. It could
be released if its generator were replaced and the same attacks then found no more than 1 in 100.
""",
    """
My advice is to hand out the table only under a contract, and only to named researchers in a room
without internet. The reason is an attack that finds 69.4 % of the members, although the usual
estimate of identity disclosure is just 0.17 %. Analyses would suffer as well: the AUROC of a
prediction goes from 0.742 to 0.715, which is little, but a difference of 5.9 months shrinks to 3.6
months. Members whose course is unlike that of others are in the greatest danger, because few people
look like them. What happens when the attacker has the model as well is unknown. The contract must
forbid attacks, and the registry should ask the members first.
""",
    """
I refuse to sign. An AUROC of 0.95 says that the attack ranks members far above strangers, and at
one false alarm in a hundred it finds 56 per cent of them. What do we get in return? A difference of
−3.6 months, where the truth in all people is −5.9. So the table tells clinicians less than two
thirds of what is there. The outliers pay for it: the people with an uncommon regimen are found
first. We have not examined what the sex, the ethnicity and the flags add to an attack. Until a new
generator passes the same tests with fresh people as the yardstick, the table stays where it is.
""",
    """
No. The table must stay in the registry. Somebody who has a laboratory printout can recognise 82.6 %
of the members with one false alarm in 100. The simplest attack has an AUROC of 0.95. The table is
also worth less to researchers, as the difference between DTG and EFV drops from −5.88 to −3.62
months. Patients with uncommon drugs are the first to be found. I do not know what an attacker could
do with other columns. I would change my mind if the company showed that members are no easier to
find than fresh people.
""",
)

WRONG = (
    ("Do not publish it, 69 % are found.", "words"),
    (REFUSAL.replace("Do not publish this table.", "Publish this table."), "without any condition"),
    (REFUSAL.replace("Do not publish this table.", "This is about a table."), "no decision"),
    (REFUSAL.replace("69 %", "96 %"), "96 %"),
    (REFUSAL.replace("0.17 %", "17 %"), "17 %"),
    (
        REFUSAL.replace("69 %", "Most").replace("0.17 %", "nearly nothing"),
        "quotes 2 of your findings",
    ),
    (
        REFUSAL.replace(
            "−3.6 months in it, and −5.9 months in all people", "much smaller in it"
        ).replace("with one false", "56 % without drugs, with one false"),
        "what the table is good for",
    ),
    (
        REFUSAL.replace(
            "−3.6 months in it, and −5.9 months in all people", "much smaller in it"
        ).replace("false alarm in 100", "false alarm, 1 in 100, and 56 % without drugs"),
        "what the table is good for",
    ),
    (
        REFUSAL.replace("69 %", "Most")
        .replace("0.17 %", "nearly nothing")
        .replace("of little use:", "of little use: the AUROC is 0.72 and"),
        "what an attack finds",
    ),
    (
        REFUSAL.replace("Most exposed are people with rare\nregimens or an unusual course.", ""),
        "who is exposed",
    ),
    (
        REFUSAL.replace("We did not test attackers who know the generator itself.", ""),
        "what was not tested",
    ),
    (
        REFUSAL.split("We would")[0] + "This is our view, and we thank the registry for its work.",
        "no conditions",
    ),
    (REFUSAL + "With more noise the table is fully anonymous.", "fully anonymous"),
    (
        20 * "publish not, exposed rare, untested, unless, 69 %, 0.17 %, 3.6 months. ",
        "list of words",
    ),
    (4 * REFUSAL + 4 * REFUSAL, "words"),
)
