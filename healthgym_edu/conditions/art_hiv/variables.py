"""The 15 columns of the published Health Gym ART for HIV file, in file order.

Source: figshare 10.6084/m9.figshare.22827878.v1 and the official figure code of Health Gym, which
give the names, the order and the codes: from 1 for ``Gender`` and ``Ethnic``, from 0 for the rest.
The plausible ranges are wide on purpose. The published file was made by a generative network and
reaches a CD4 count of 42,475 and a relative CD4 of 587, which no human being has; they must still
load. Simulated cohorts stay within what occurs in people.
"""

from __future__ import annotations

from typing import Any

from ...schema import Release, Schema, Variable

__all__ = ["SCHEMA"]


def _result(
    name: str, title: str, high: float, decimals: int, flag: str, unit: str, text: str, **more: Any
) -> Variable:
    known: dict[str, Any] = {
        "title": title,
        "unit": unit,
        "decimals": decimals,
        "measured_by": flag,
    }
    return Variable(name, "numeric", text, low=0.0, high=high, **known, **more)


def _drugs(name: str, title: str, short: str, text: str, labels: tuple, colors: tuple) -> Variable:
    kind = "binary" if labels == (False, True) else "categorical"
    more: dict[str, Any] = {
        "codes": tuple(range(len(labels))),
        "measured_by": "Drug (M)",
        "title": title,
        "short": short,
    }
    return Variable(name, kind, text, labels=labels, colors=colors, **more)


def _flag(name: str, words: str) -> Variable:
    title = words[0].upper() + words[1:].replace(" was", "").replace(" were", "")
    text = f"Whether the {words} in this month."
    return Variable(name, "flag", text, labels=(False, True), codes=(0, 1), title=title)


SCHEMA = Schema(
    condition="art_hiv",
    title="Antiretroviral therapy (ART) for HIV",
    n_steps=60,
    step_unit="month",
    ticks=12,
    patients=(
        Variable("Age", "numeric", "Age at month 0.", unit="years", low=0.0, high=120.0),
        Variable("Entry year", "numeric", "Calendar year of month 0, with fraction.",
                 low=1980.0, high=2100.0, title="Year of month 0"),
        Variable("Naive at entry", "binary", "Whether no treatment was ever taken before month 0.",
                 labels=(False, True), codes=(0, 1), title="Never treated before"),
    ),
    spoken=("DTG", "RAL", "EVG", "EFV", "RPV", "NVP", "DRV", "LPV", "ATV"),
    aliases=(("Timepoints", "Timestep"),),  # version 1 of the published file
    releases=(
        Release(source="release", file_id=40584980,
                file_name="HealthGymV2_CbdrhDatathon_ART4HIV.csv",
                doi="10.6084/m9.figshare.22827878.v1", n_rows=534_960, exact_header=True,
                # published as 44.7 MB, which may mean 10^6 or 2^20 bytes
                smallest=44_000_000, largest=47_500_000),
        Release(source="release-v1", file_id=35249488, file_name="HealthGymV1_ART4HIV.csv",
                doi="10.6084/m9.figshare.19838470", n_rows=534_960,
                # size not documented: what so many rows can take up
                smallest=25_000_000, largest=150_000_000),
    ),
    variables=(
        _result("VL", "Viral load", 10_000_000.0, 2, "VL (M)", "copies/mL",
                "Viral load: copies of HIV RNA in a millilitre of blood plasma. Below 50 counts as "
                "suppressed.",
                log=True, reference=(50.0, "detection limit"), shown=(1.0, 100_000.0)),
        _result("CD4", "CD4 count", 100_000.0, 1, "CD4 (M)", "cells/µL",
                "CD4 count: helper T cells, which HIV destroys, in a microlitre of blood.",
                shown=(0.0, 800.0)),
        _result("Rel CD4", "CD4 among lymphocytes", 1_000.0, 2, "CD4 (M)", "%",
                "Relative CD4: helper T cells in % of all lymphocytes. (Published figures say "
                "cells/µL, and the published synthetic file has values above 100, too.)"),
        Variable("Gender", "binary", "Gender as recorded.", title="Gender", static=True,
                 labels=("Male", "Female"), codes=(1, 2), colors=("blue", "orange")),
        Variable("Ethnic", "categorical", "Ethnic group as recorded.", title="Ethnic group",
                 labels=("Asian", "African", "Caucasian", "Other"), codes=(1, 2, 3, 4),
                 static=True, colors=("purple", "vermillion", "blue", "grey")),
        _drugs("Base Drug Combo", "Base of the regimen", "Base",
               "Backbone of the regimen: usually two NRTIs, in two groups with a boosted protease "
               "inhibitor.",
               ("FTC + TDF", "3TC + ABC", "FTC + TAF", "DRV + FTC + TDF", "FTC + RTVB + TDF",
                "Other"),
               ("blue", "orange", "sky", "purple", "yellow", "grey")),
        _drugs("Comp. INI", "Integrase inhibitor (INI)", "INI",
               "Complementary integrase inhibitor.",
               ("DTG", "RAL", "EVG", "Not Applied"), ("green", "orange", "sky", "pale")),
        _drugs("Comp. NNRTI", "Non-nucleoside inhibitor (NNRTI)", "NNRTI",
               "Complementary non-nucleoside reverse transcriptase inhibitor.",
               ("NVP", "EFV", "RPV", "Not Applied"), ("black", "vermillion", "blue", "pale")),
        _drugs("Extra PI", "Protease inhibitor (PI)", "PI",
               "Protease inhibitor added to the backbone (RTVB: the file's label for ritonavir "
               "given as a booster).",
               ("DRV", "RTVB", "LPV", "RTV", "ATV", "Not Applied"),
               ("purple", "yellow", "vermillion", "blue", "sky", "pale")),
        _drugs("Extra pk-En", "Booster cobicistat", "Booster",
               "Whether a pharmacokinetic enhancer (cobicistat) is added.", (False, True), ()),
        _flag("VL (M)", "viral load was measured"),
        _flag("CD4 (M)", "CD4 count was measured"),
        _flag("Drug (M)", "drugs were recorded"),
        Variable("PatientID", "id", "Number of the patient, from 0 in the published file."),
        Variable("Timestep", "step", "Month since entry, from 0.", unit="month"),
    ),
)  # fmt: skip
