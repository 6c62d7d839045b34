"""Quick questions of chapter 13, answered at once."""

from healthgym_edu.exercises import quick_question

quick_question(
    "13.another_order",
    "We put the 60 months of x into another order. Nothing in x says which month is which. "
    "What does the layer give now?",
    {
        "Other numbers altogether": (
            "No. Each fit belongs to two months, wherever they stand, and a sum has no order."
        ),
        "The same rows, in the new order": (
            "Yes. Attention by itself knows nothing of time. So each month must be told its place. "
            "The head below gets the number of the month."
        ),
        "The same rows, in the old order": (
            "No. Each month gets its own row, and goes with it to its new place."
        ),
    },
    right="The same rows, in the new order",
)

quick_question(
    "13.five_seconds",
    "After so little effort, whose people will judge P recognise least?",
    {
        "Those of a network of Health Gym": (
            "They will be recognised nearly always. The last two columns of the table say why."
        ),
        "Those of AutoregressiveGru, since it reads all months before": (
            "No. Five seconds are 35 moves for it, and its weights began at random."
        ),
        "Those of our page": (
            "Yes. Trees do not need thousands of moves: they divide the months once."
        ),
    },
    right="Those of our page",
)

quick_question(
    "13.effort",
    "Which sentence may you write about this table?",
    {
        "After five seconds on 400 people, trees are the best of these six": (
            "Yes. Effort and size belong to the sentence. The next table says how much they matter."
        ),
        "Trees are better generators than networks": (
            "No. You have seen five seconds. Nobody who uses a network stops there."
        ),
        "The networks need more time": (
            "Perhaps they do. But this table shows one effort only, so it cannot tell."
        ),
    },
    right="After five seconds on 400 people, trees are the best of these six",
)

quick_question(
    "13.copies",
    "Judge P compares these copies with the very people they were copied from. What is its AUROC?",
    {
        "Near 1": "How should it know? It sees records, not names.",
        "About 0.76, as for our page": "No. Our page has leaves of 12, and copies nobody.",
        "Below 0.5": (
            "Yes. Each copy looks like somebody who is marked as real. The judge, who learned from "
            "the original, takes it for real: by this judge, copying beats all of them."
        ),
    },
    right="Below 0.5",
)

quick_question(
    "13.after_mapping",
    "After this trick, the KS of any table is near 0. What happens to the AUROC of judge P?",
    {
        "It hardly changes": (
            "Yes. Each row has kept its rank, so what was wrong along time is still wrong."
        ),
        "It falls as far as KS does": (
            "No. Judge P asks how values belong together in a person. The trick knows no persons."
        ),
        "It rises, because the trick does harm": (
            "Hardly. Each column is nearer to the truth than before, and nothing else has changed."
        ),
    },
    right="It hardly changes",
)
