"""Result cards: the verdict is that of the numbers, and a card can be computed again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError, SourceError

NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


@pytest.fixture(scope="module")
def icu():
    return hg.load_cohort("sepsis", n_patients=30, seed=3)


def make(estimate=-2.3, interval=(-4.6, 0.1), truth=0.2, **other):
    return hg.card("Deaths avoided", estimate=estimate, interval=interval, truth=truth, **other)


@pytest.mark.parametrize(
    ("interval", "truth", "said"),
    [
        ((-4.6, 0.1), 0.2, "misses the truth, 0.2, by 0.1."),
        ((-4.6, 0.1), 0.1, "holds the truth, 0.1."),
        ((-4.6, -2.0), -4.7, "misses the truth, −4.7, by 0.1."),
        ((-4.6, -2.0), 1.0, "misses the truth, 1.0, by 3, and has the wrong sign."),
        ((-4.6, 0.1), -1234.0, "misses the truth, −1,234.0, by 1,229."),
        ((-4.6, 0.1), None, "The truth is not known here."),
    ],
)
def test_the_verdict(interval, truth, said):
    assert make(interval=interval, truth=truth).verdict.endswith(said)


def test_the_effect_of_a_ratio_is_judged_around_one():
    ratio = {"estimate": 1.4, "interval": (1.2, 1.7), "none": 1.0}
    assert make(truth=0.8, **ratio).verdict.endswith("and is on the wrong side of 1.")
    assert make(truth=1.1, **ratio).verdict.endswith("by 0.1.")
    (line,) = (
        line for line in make(truth=0.8, **ratio).figure().axes[0].lines if line.get_ls() == ":"
    )
    assert line.get_xdata()[0] == 1
    assert json.loads(make(truth=0.8, **ratio).to_json())["no effect"] == 1


def test_a_figure_says_that_nobody_knows_the_truth():
    texts = [text.get_text() for text in make(truth=None).figure().axes[0].texts]
    assert "truth not known" in texts


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted), NUMBERS)
def test_the_verdict_agrees_with_the_numbers(three, truth):
    lower, estimate, upper = three
    told = make(estimate=estimate, interval=(lower, upper), truth=truth)
    assert ("holds" in told.verdict) == (lower <= truth <= upper)
    assert ("wrong sign" in told.verdict) == (upper < 0 < truth or truth < 0 < lower)
    assert json.loads(told.to_json())["interval"] == [lower, upper]


def test_all_that_is_needed_to_compute_it_again_is_kept(icu, tmp_path):
    path = make(cohort=icu, unit="in 100 patients").save(tmp_path / "deaths.json")
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["healthgym_edu"] == hg.__version__
    assert kept["cohort"] == {
        "condition": "sepsis", "source": "teaching", "n_patients": 30, "seed": 3,
    }  # fmt: skip
    again = hg.load_cohort(
        kept["cohort"]["condition"],
        source=kept["cohort"]["source"],
        n_patients=kept["cohort"]["n_patients"],
        seed=kept["cohort"]["seed"],
    )
    assert again.frame.equals(icu.frame)
    assert (kept["estimate"], kept["truth"], kept["unit"]) == (-2.3, 0.2, "in 100 patients")
    with pytest.raises(SourceError, match="exists already"):
        make(cohort=icu).save(path)


def test_a_card_is_saved_as_a_picture_too(tmp_path):
    with Image.open(make().save(tmp_path / "deaths.png")) as picture:
        assert picture.width > 1000
    with pytest.raises(ArgumentError, match=r"\.json or \.png, found 'deaths.pdf'"):
        make().save(tmp_path / "deaths.pdf")


def test_a_notebook_shows_the_figure_and_reads_the_sentence_aloud():
    bundle, about = make(unit="in 100 patients")._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    sentence = "Deaths avoided: −2.3 in 100 patients (95% interval −4.6 to 0.1)."
    assert bundle["text/plain"].startswith(sentence)
    assert about["image/png"]["alt"] == bundle["text/plain"]


@pytest.mark.parametrize("truth", [0.2, -2.3, 9.0, None])
def test_nothing_on_the_figure_is_cut_off(truth):
    figure = make(truth=truth, unit="in 100 patients").figure()
    figure.canvas.draw()
    whole = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert whole.x0 <= box.x0
        assert box.x1 <= whole.x1
        assert whole.y0 <= box.y0
        assert box.y1 <= whole.y1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"estimate": 5.0}, "lies outside its own interval"),
        ({"interval": (0.1, -4.6)}, "lies outside its own interval"),
        ({"estimate": float("nan")}, "The estimate of a card is one finite number"),
        ({"interval": (float("-inf"), 1)}, "The lower end of a card"),
        ({"truth": "0.2"}, "The truth of a card"),
        ({"level": 95}, "level is a share"),
    ],
)
def test_what_cannot_be_true_is_refused(changed, said):
    with pytest.raises(ArgumentError, match=said):
        make(**changed)


def test_a_claim_is_in_words():
    with pytest.raises(ArgumentError, match="a claim in words"):
        hg.card(" ", estimate=1, interval=(0, 2))
