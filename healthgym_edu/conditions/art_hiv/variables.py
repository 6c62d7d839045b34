"""The 15 columns of the published Health Gym ART for HIV file, in file order.

Source: figshare 10.6084/m9.figshare.22827878.v1 and the official figure code of Health Gym, which
give the names, the order and the codes: from 1 for ``Gender`` and ``Ethnic``, from 0 for the rest.
The plausible ranges are wide on purpose. The published file was made by a generative network and
reaches a CD4 count of 42,475 and a relative CD4 of 587, which no human being has; they must still
load. Simulated cohorts stay within what occurs in people.
"""

from __future__ import annotations

from ...schema import Schema, Variable

__all__ = ["SCHEMA"]

_FALSE_TRUE = {"labels": (False, True), "codes": (0, 1)}

SCHEMA = Schema(
    condition="art_hiv",
    title="Antiretroviral therapy (ART) for HIV",
    n_steps=60,
    step_unit="month",
    aliases=(("Timepoints", "Timestep"),),  # version 1 of the published file
    variables=(
        Variable(
            "VL",
            "numeric",
            "Viral load: copies of HIV RNA in a millilitre of blood plasma. Below 50 counts as "
            "suppressed.",
            unit="copies/mL",
            low=0.0,
            high=10_000_000.0,
            measured_by="VL (M)",
            decimals=2,
        ),
        Variable(
            "CD4",
            "numeric",
            "CD4 count: helper T cells, which HIV destroys, in a microlitre of blood.",
            unit="cells/µL",
            low=0.0,
            high=100_000.0,
            measured_by="CD4 (M)",
            decimals=1,
        ),
        Variable(
            "Rel CD4",
            "numeric",
            "Relative CD4: helper T cells as a percentage of all lymphocytes. Figures of the "
            "published project label it cells/µL; its values are those of a percentage, except "
            "that the published synthetic file runs past 100.",
            unit="%",
            low=0.0,
            high=1_000.0,
            measured_by="CD4 (M)",
            decimals=2,
        ),
        Variable(
            "Gender",
            "binary",
            "Gender as recorded.",
            labels=("Male", "Female"),
            codes=(1, 2),
            static=True,
        ),
        Variable(
            "Ethnic",
            "categorical",
            "Ethnic group as recorded.",
            labels=("Asian", "African", "Caucasian", "Other"),
            codes=(1, 2, 3, 4),
            static=True,
        ),
        Variable(
            "Base Drug Combo",
            "categorical",
            "Backbone of the regimen: usually two NRTIs, in two groups with a boosted protease "
            "inhibitor.",
            labels=(
                "FTC + TDF",
                "3TC + ABC",
                "FTC + TAF",
                "DRV + FTC + TDF",
                "FTC + RTVB + TDF",
                "Other",
            ),
            codes=(0, 1, 2, 3, 4, 5),
            measured_by="Drug (M)",
        ),
        Variable(
            "Comp. INI",
            "categorical",
            "Complementary integrase inhibitor.",
            labels=("DTG", "RAL", "EVG", "Not Applied"),
            codes=(0, 1, 2, 3),
            measured_by="Drug (M)",
        ),
        Variable(
            "Comp. NNRTI",
            "categorical",
            "Complementary non-nucleoside reverse transcriptase inhibitor.",
            labels=("NVP", "EFV", "RPV", "Not Applied"),
            codes=(0, 1, 2, 3),
            measured_by="Drug (M)",
        ),
        Variable(
            "Extra PI",
            "categorical",
            "Protease inhibitor added to the backbone (RTVB: the file's label for ritonavir given "
            "as a booster).",
            labels=("DRV", "RTVB", "LPV", "RTV", "ATV", "Not Applied"),
            codes=(0, 1, 2, 3, 4, 5),
            measured_by="Drug (M)",
        ),
        Variable(
            "Extra pk-En",
            "binary",
            "Whether a pharmacokinetic enhancer (cobicistat) is added.",
            measured_by="Drug (M)",
            **_FALSE_TRUE,
        ),
        Variable(
            "VL (M)",
            "flag",
            "Whether the viral load was measured in this month.",
            **_FALSE_TRUE,
        ),
        Variable(
            "CD4 (M)",
            "flag",
            "Whether the CD4 count was measured in this month.",
            **_FALSE_TRUE,
        ),
        Variable(
            "Drug (M)",
            "flag",
            "Whether the drugs were recorded in this month.",
            **_FALSE_TRUE,
        ),
        Variable("PatientID", "id", "Number of the patient, from 0 in the published file."),
        Variable("Timestep", "step", "Month since entry, from 0.", unit="month"),
    ),
)
