"""Utility against what is known, the figures, and the page that opens by itself."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from typer.testing import CliRunner

import healthgym_edu as hg
from healthgym_edu import data
from healthgym_edu.cli import app
from healthgym_edu.errors import ArgumentError, SourceError
from healthgym_edu.evaluation import fidelity, privacy, report, utility

sys.path.insert(0, str(Path(__file__).parent))
import figure_rules


@pytest.fixture(scope="module")
def parts():
    return hg.load_cohort("hypotension", n_patients=1200, seed=4).split(0.5)


@pytest.fixture(scope="module")
def fresh(parts):
    return parts[0].fresh(600, seed=21)


# --- utility --------------------------------------------------------------------------------------


def test_a_fresh_draw_is_as_good_as_real_people(parts, fresh):
    first = utility(*(parts[0], fresh, parts[1]), replicates=100).iloc[0]
    assert first["lower"] - 0.02 < 0 < first["upper"] + 0.02
    assert first["real"] > 0.65
    copy = utility(parts[0], parts[0], parts[1], replicates=0)
    assert (copy["difference"] == 0).all()


def test_columns_apart_teach_nothing(parts, fresh):
    rng = np.random.default_rng(0)
    names = [*fresh.schema.numeric, *fresh.schema.categorical, *fresh.schema.flags]
    order = {
        name: fresh.frame[name].to_numpy()[rng.permutation(len(fresh.frame))] for name in names
    }
    apart = replace(fresh, frame=fresh.frame.assign(**order).astype(fresh.frame.dtypes))
    first = utility(parts[0], apart, parts[1], replicates=0).iloc[0]
    assert first["synthetic"] < first["real"] - 0.1


def test_groups_and_the_worst_of_them_are_named():
    train, holdout = hg.load_cohort("art_hiv", n_patients=1600, seed=4).split(0.5)
    table = utility(train, train.fresh(800, seed=5), holdout, replicates=40)
    groups = table[table["metric"] == "AUROC on real people"]
    assert {"everybody", "Gender: Male", "Gender: Female"} <= set(groups["group"])
    worst = table[table["metric"] == "AUROC, worst group"].iloc[0]
    assert worst["difference"] == groups["difference"].iloc[1:].min()
    assert (groups["lower"] <= groups["difference"]).all()


def test_effects_are_carried_over_beside_the_truth(parts, fresh):
    def low_pressure(cohort):
        share = (cohort.frame["MAP"] < 65).groupby(cohort.frame["PatientID"]).mean()
        error = share.std() / np.sqrt(len(share))
        return share.mean(), share.mean() - 1.96 * error, share.mean() + 1.96 * error

    table = utility(
        parts[0], fresh, parts[1], effects={"hours below 65": low_pressure, "people": len},
        truths={"hours below 65": 0.3}, replicates=0,
    )  # fmt: skip
    effect = table[table["question"] == "hours below 65"].iloc[0]
    assert effect["lower"] < effect["difference"] < effect["upper"]
    assert effect["truth"] == 0.3
    assert table[table["question"] == "people"].iloc[0]["difference"] == 0
    for answer in ("many", None, np.nan, [1.0, 2.0]):
        with pytest.raises(ArgumentError, match="'words' returned .* one finite number, or"):
            utility(parts[0], fresh, parts[1], effects={"words": lambda cohort, a=answer: a})


@pytest.fixture
def few_twins(monkeypatch):
    """Policies are tried on 10,000 people, not on ten times as many."""
    monkeypatch.setattr(data, "policy_value", partial(hg.policy_value, n_patients=10_000))


def test_agents_are_compared_by_their_true_values(parts, fresh, few_twins):
    table = utility(parts[0], fresh, parts[1], agents=("protocol", "random"), replicates=0)
    value = table[table["metric"] == "true value"].iloc[0]
    assert value["upper"] < 0
    assert "same decision on the holdout" not in set(table["metric"])


def test_agents_that_are_functions_agree_as_often_as_they_choose_alike(parts, fresh, few_twins):
    low = parts[1].seen.columns.drop(["PatientID", "Timepoints"]).get_loc("MAP")

    def treat_below(bar):
        def agent(observations):
            treats = observations[:, low] < bar
            return np.eye(16)[np.where(treats, 1, 0)]

        return agent

    table = utility(
        parts[0], fresh, parts[1], agents=(treat_below(65), treat_below(60)), replicates=0
    )
    same = table[table["metric"] == "same decision on the holdout"].iloc[0]["synthetic"]
    seen = parts[1].seen
    pressure = seen[seen["PatientID"].duplicated(keep="last")]["MAP"]
    assert same == pytest.approx(((pressure < 65) == (pressure < 60)).mean())


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda c: c, {"question": "death in a year"}, "death in two days"),
        (lambda c: c.subset(c.patients.index[:30]), {}, "a model learns from 10"),
        (lambda c: hg.load_cohort("sepsis", n_patients=50), {}, "nothing to compare"),
        (lambda c: c, {"replicates": -1}, "replicates"),
    ],
)
def test_what_cannot_be_tried_is_refused(change, options, said, parts, fresh):
    with pytest.raises(ArgumentError, match=said):
        utility(parts[0], change(fresh), parts[1], **options)


# --- figures and page -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def card(parts, fresh):
    return report(parts[0], fresh, parts[1], judges=["rows", "P"], replicates=20)


@pytest.fixture(scope="module")
def few(parts, fresh):
    """Some of the same people, for what does not depend on how many there are."""
    return [cohort.subset(cohort.patients.index[:150]) for cohort in (*parts, fresh)]


def test_every_figure_can_be_read(card):
    hg.plots.set_style()
    for figure in card.figures().values():
        assert figure_rules.faults(figure) == []
    plt.close("all")
    for draw in (hg.plots.fidelity_plot, hg.plots.privacy_plot, hg.plots.utility_plot):
        with pytest.raises(ArgumentError, match="no table of evaluation"):
            draw(card.fidelity[["metric"]])


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.pictures, self.links = [], []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "img":
            self.pictures.append(told)
        self.links += [told[name] for name in ("href", "src") if name in told]


def test_the_page_opens_by_itself_and_says_what_its_pictures_show(card, tmp_path):
    path = card.save(tmp_path / "report.html")
    page = path.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(page)
    assert len(reader.pictures) == 3
    assert all(len(one["alt"]) > 40 for one in reader.pictures)
    assert all(link.startswith("data:image/png") for link in reader.links)
    assert "width=device-width" in page
    assert len(page) < 5e6
    assert "SDMetrics" in page
    for sentence in card.sentences.values():
        assert sentence.split("(")[0].split('"')[0] in page
    with pytest.raises(SourceError):
        card.save(path)
    card.save(path, overwrite=True)


@pytest.fixture(scope="module")
def copied(few):
    train, holdout, _ = few
    return report(train, train, holdout, judges=["rows", "P"], replicates=20)


def test_sentences_say_what_was_found(few, card, copied):
    assert card.sentences["fidelity"].startswith("No judge tells")
    assert "No attack that was tried" in card.sentences["privacy"]
    assert "copies of one, or nearly. Do not release it" in copied.sentences["privacy"]
    assert "150 synthetic patients are copies" in str(copied)
    train, _, fresh = few
    high = replace(fresh, frame=fresh.frame.assign(MAP=fresh.frame["MAP"] + 40))
    told = report(train, high, judges=["P"], replicates=0)
    assert re.search(r"picks the synthetic one of a pair in (9\d|100)% of pairs", str(told))
    assert told.privacy is None
    assert "Not judged" in told.sentences["privacy"]


def test_the_command_judges_files(few, tmp_path):
    places = {}
    for name, cohort in zip(("real", "unmet", "made"), few, strict=True):
        places[name] = str(tmp_path / f"{name}.csv")
        cohort.save(places[name])
    out = tmp_path / "page.html"
    asked = ["report", places["real"], places["made"], "--out", str(out), "--replicates", "0"]
    done = CliRunner().invoke(app, [*asked, "--holdout", places["unmet"]])
    assert done.exit_code == 0, done.output
    assert "Privacy: " in done.output
    assert out.exists()
    again = CliRunner().invoke(app, asked)
    assert again.exit_code == 2
    assert "page.html" in again.output


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (("teaching", "teaching"), "say --condition art_hiv"),
        (("no.csv", "teaching"), "There is no file no.csv"),
    ],
)
def test_the_command_says_what_is_missing(places, said, tmp_path):
    done = CliRunner().invoke(app, ["report", *places, "--out", str(tmp_path / "page.html")])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_a_file_of_another_kind_is_named(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    done = CliRunner().invoke(
        app, ["report", str(other), "teaching", "--out", str(tmp_path / "page.html")]
    )
    assert "are those of no condition here" in " ".join(done.output.split())


def test_the_three_judgements_take_the_same_people(parts, fresh, few, card, copied):
    """What the report shows is what the functions return."""
    assert card.utility.equals(utility(parts[0], fresh, parts[1], replicates=20))
    assert card.privacy.equals(privacy(parts[0], fresh, parts[1], replicates=20))
    train, holdout, _ = few
    assert copied.fidelity.equals(fidelity(holdout, train, judges=["rows", "P"], replicates=20))
    with pytest.raises(ArgumentError, match="A report needs a judge: one of 'rows'"):
        report(parts[0], fresh, judges=())
