"""Every model: the same again from a seed, valid cohorts, and nobody who contradicts themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from generator_toys import CONDITIONS, MODELS, NETWORKS, PAIRS, assert_same, fit, moves, with_frame

from healthgym_edu import load_cohort
from healthgym_edu.errors import ArgumentError
from healthgym_edu.generators import AutoregressiveGru, GruConfig, autoregressive_gru, fit_codec
from healthgym_edu.generators.base import gather
from healthgym_edu.generators.reading import Reader, labels_of
from healthgym_edu.generators.tensors import n_channels, places

each = pytest.mark.parametrize("name", list(MODELS))
network = pytest.mark.parametrize("name", NETWORKS)
pairs = pytest.mark.parametrize(("name", "condition"), PAIRS)


# --- what is made ---------------------------------------------------------------------------------


@pairs
def test_what_is_made_fits_the_schema_and_does_not_contradict_itself(name, condition, made, fitted):
    cohort = made(name, condition)
    schema, frame, told = cohort.schema, cohort.frame, cohort.patients
    schema.validate(frame)
    assert len(cohort) == 40
    assert told.index.tolist() == list(range(40))
    assert (cohort.source, cohort.decisions, cohort.seen) == (name, None, None)
    key = frame[schema.id]
    for column in schema.static:
        assert moves(frame[column], key) == 0
    assert frame.groupby(schema.id).size().tolist() == told["Steps followed"].tolist()
    codec = fitted(name, condition).codec_
    for last, died in codec.death:
        assert (told[last].isna() == ~told[died]).all()
        rows = frame[frame[schema.step] > key.map(told[last].fillna(schema.n_steps))]
        assert len(rows) == 0
    for total, part in codec.totals:
        rise = frame[total].diff()[key.eq(key.shift())]
        assert np.allclose(rise, frame[part][rise.index], atol=1e-6)
    drugs = [v.name for v in schema if v.measured_by == "Drug (M)"]
    if drugs:
        known = set(codec.columns[0].levels)
        assert set(frame[drugs].astype(object).itertuples(index=False, name=None)) <= known


@pairs
def test_what_is_told_of_patients_is_what_the_training_cohort_tells(name, condition, made, cohorts):
    trained, told = cohorts[condition].patients, made(name, condition).patients
    assert told.columns.tolist() == trained.columns.tolist()
    assert told.dtypes.tolist() == trained.dtypes.tolist()


@each
def test_other_seeds_make_others_and_the_same_seed_the_same(name, fitted, made):
    model = fitted(name, "art_hiv")
    assert_same(model.sample(40, seed=1), made(name, "art_hiv"))
    other = model.sample(40, seed=2).frame
    assert (other["VL"] != made(name, "art_hiv").frame["VL"]).mean() > 0.5
    alone = model.sample(1, seed=0)  # one patient can be made, too
    alone.schema.validate(alone.frame)
    assert len(alone) == 1


@each
def test_the_same_seed_and_steps_learn_the_same_model(name, few):
    one, again, other = (fit(name, few["art_hiv"], seed).sample(10, seed=5) for seed in (0, 0, 1))
    assert_same(one, again)
    assert (one.frame["VL"] != other.frame["VL"]).mean() > 0.5


@each
def test_what_learned_says_how_long(name, fitted):
    model = fitted(name, "art_hiv")
    assert model.ended_ == "steps"
    assert model.steps_ == (MODELS[name][1].get("max_steps") or len(model.history_))
    assert model.history_["step"].iloc[-1] == model.steps_
    assert model.seconds_ >= model.history_["seconds"].iloc[-1]
    losses = model.history_.select_dtypes("number")
    assert np.isfinite(losses).all().all()


@network
def test_the_readers_own_random_numbers_and_threads_are_left_alone(name, few):
    torch.manual_seed(9)
    np.random.seed(9)  # noqa: NPY002
    wanted_numbers = torch.rand(3).tolist(), np.random.random()  # noqa: NPY002
    torch.manual_seed(9)
    np.random.seed(9)  # noqa: NPY002
    threads = torch.get_num_threads()
    fit(name, few["art_hiv"]).sample(2, seed=1)
    assert (torch.rand(3).tolist(), np.random.random()) == wanted_numbers  # noqa: NPY002
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("device", ["cpu", "cuda:1", "mps"])
def test_no_device_but_that_of_the_model_is_seeded_and_it_gets_its_state_back(device, monkeypatch):
    """Devices that are not here are numbers in a dictionary."""
    make = torch.Generator
    states = {name: make().manual_seed(k).get_state() for k, name in enumerate(["cuda:1", "mps"])}
    states["others"] = "untouched"

    def reseed(seed):
        states["others"] = seed

    def put(state, one):
        states[str(one)] = state

    for module in (torch.cuda, torch.mps):
        monkeypatch.setattr(module, "get_rng_state", lambda one: states[str(one)])
        monkeypatch.setattr(module, "set_rng_state", put)
        monkeypatch.setattr(module, "manual_seed", reseed)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", reseed)
    monkeypatch.setattr(torch, "Generator", lambda one: make())
    model, before = MODELS["AutoregressiveGru"][0](), dict(states)
    model.device_ = torch.device(device)
    own, wanted = torch.get_rng_state(), make().manual_seed(7)
    with model._quietly(7):
        assert (torch.get_rng_state() == wanted.get_state()).all()
        for name in states:
            if name == device:
                assert (states[name] == wanted.get_state()).all()
            else:
                assert states[name] is before[name]
    assert states == before
    assert (torch.get_rng_state() == own).all()


# --- who is asked for -----------------------------------------------------------------------------


@each
def test_women_who_were_asked_for_are_women(name, fitted, made):
    assert made(name, "art_hiv").frame["Gender"].nunique() == 2
    found = fitted(name, "art_hiv").sample(25, seed=1, like={"Gender": "Female"})
    assert len(found) == 25
    assert set(found.frame["Gender"]) == set(found.patients["Gender"]) == {"Female"}
    both = {"Gender": "Female", "Naive at entry": True}
    told = fitted(name, "art_hiv").sample(8, seed=1, like=both).patients
    assert (told["Gender"] == "Female").all()
    assert told["Naive at entry"].all()


@each
@pytest.mark.parametrize(
    ("like", "words"),
    [
        ({"Sex": "Female"}, r"'Sex'.*Gender, Ethnic"),
        ({"VL": 50.0}, "'VL'"),
        ({"Comp. INI": "DTG"}, "never changes"),
        ({"ever: VL (M)": True}, "never changes"),
        ({"Gender": "female"}, r"levels are 'Male', 'Female'"),
        ({"Gender": None}, "levels are"),
    ],
)
def test_a_column_or_level_that_there_is_not_is_refused(name, like, words, fitted):
    with pytest.raises(ArgumentError, match=words):
        fitted(name, "art_hiv").sample(5, like=like)


def test_all_who_fulfil_a_wish_are_kept_in_their_order_and_nobody_else(cohorts):
    codec = fit_codec(cohorts["art_hiv"])
    pool, told = codec.encode(cohorts["art_hiv"]), cohorts["art_hiv"].patients
    fits = (told["Gender"].eq("Female") & told["Ethnic"].eq("African")).to_numpy()
    assert 0 < fits.sum() < 100
    like = {"Gender": "Female", "Ethnic": "African"}
    found = gather(lambda n: pool.of(np.arange(n)), codec, 100, like)  # the same again and again
    assert (found.values == pool.values[np.resize(np.flatnonzero(fits), 100)]).all()
    everybody = gather(lambda n: pool.of(np.arange(n)), codec, 100, {})
    assert (everybody.values == pool.values).all()


@pytest.mark.parametrize("name", ["AutoregressiveGru", "AutoregressiveTree", "WganGp", "Diffusion"])
def test_a_wish_that_hardly_anybody_fulfils_ends_with_an_error(name, few):
    men = few["art_hiv"].patients.query("Gender == 'Male'").index
    model = fit(name, few["art_hiv"].subset(men))
    with torch.no_grad():  # these never say never
        if name == "AutoregressiveGru":
            model.network_.statics.last[0].bias[1] = -50
        if name == "WganGp":
            model.network_["maker"].statics.bias[1] = -50
    with pytest.raises(ArgumentError, match="Of 200 people drawn only 0 were like"):
        model.sample(1, like={"Gender": "Female"})


# --- scores ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in NETWORKS if n != "Diffusion"])
def test_every_patient_has_a_score_of_their_own(name, fitted, cohorts):
    model, cohort = fitted(name, "art_hiv"), cohorts["art_hiv"]
    scores = model.patient_scores(cohort)
    assert scores.shape == (len(cohort),)
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) == len(cohort)
    some = cohort.patients.index[[3, 50, 99]]
    assert np.allclose(model.patient_scores(cohort.subset(some)), scores[[3, 50, 99]], atol=1e-3)


def test_the_score_of_the_gru_is_of_what_changes_alone(fitted, cohorts, monkeypatch):
    model, cohort = fitted("AutoregressiveGru", "art_hiv"), cohorts["art_hiv"]
    scores = model.patient_scores(cohort)
    first = model.network_.statics.last[0].bias
    monkeypatch.setattr(first, "data", first.data + 3.0 * torch.arange(len(first)))
    assert (model.patient_scores(cohort) == scores).all()
    told = " ".join(model.patient_scores.__doc__.split())
    assert "log likelihood of what changes, in nats a step" in told
    assert "statics only condition it: how likely they are is left out" in told


def test_the_gru_leaves_out_what_heads_see_while_it_learns_and_at_no_other_time(few, monkeypatch):
    left_out, calm = [], autoregressive_gru.F.dropout
    monkeypatch.setattr(
        autoregressive_gru.F, "dropout", lambda x, p: left_out.append(p) or calm(x, p)
    )
    model = fit("AutoregressiveGru", few["art_hiv"])
    assert left_out == [len(model.codec_.columns) ** -0.5] * model.steps_
    assert len(left_out) == 3
    left_out.clear()
    model.patient_scores(few["art_hiv"])
    model.sample(3)
    assert set(left_out) == {0.0}


def test_a_gru_that_leaves_out_learns_less_by_heart_and_more_that_holds():
    """Of 40 patients it knows less, and of 60 others more, than one that sees all it could."""
    train = load_cohort("hypotension", n_patients=40, seed=1)
    held = train.fresh(60, seed=2)
    found = []
    for drop in (0.0, 0.4):
        config = GruConfig(width=24, inputs=24, head=12, drop=drop, device="cpu")
        model = AutoregressiveGru(config).fit(train, max_steps=100)
        found.append([model.patient_scores(one).mean() for one in (train, held)])
    (train_all, held_all), (train_less, held_less) = found
    assert train_less < train_all
    assert held_less > held_all + 0.05


def test_those_who_make_no_sense_are_less_likely(fitted, cohorts):
    """The same people with the drugs of other people at every step."""
    model, cohort = fitted("AutoregressiveGru", "art_hiv"), cohorts["art_hiv"]
    drugs = [v.name for v in cohort.schema if v.measured_by == "Drug (M)"]
    order = np.random.default_rng(0).permutation(len(cohort.frame))
    mixed = with_frame(cohort, **{d: cohort.frame[d].array[order] for d in drugs})
    assert (model.patient_scores(mixed) < model.patient_scores(cohort)).mean() > 0.9


def test_an_atom_in_a_record_of_the_gru_is_that_value_in_all_that_follows(fitted):
    model = fitted("AutoregressiveGru", "sepsis")
    encoded, atoms = model._draw(40, 1, {}), 0
    for columns, levels, values in (
        (model.codec_.statics, encoded.statics, encoded.static_values),
        (model.codec_.columns, encoded.levels, encoded.values),
    ):
        for k, column in enumerate(columns):
            for level in range(1, len(column) if column.scale else 0):
                found = values[..., k][levels[..., k] == level]
                exact = column.scale.forward(np.array(column.levels[level]))
                assert np.allclose(found, exact, atol=1e-6), column.name
                atoms += len(found)
    assert atoms > 100


def test_what_hangs_on_a_flag_stands_still_in_what_a_network_makes_at_once(fitted):
    model = fitted("WganGp", "hypotension")
    made = model.network_["maker"](torch.randn(20, model.config.latent), 48, None, False)
    record, levels, here = made[1], made[3], made[1][:, 1:, -1] > 0
    for at, flag in zip(places(model.codec_.columns), model.codec_.flag_of, strict=True):
        if flag >= 0:
            moved = (record[:, 1:, at] != record[:, :-1, at]).any(dim=2) & here
            assert not moved[levels[:, 1:, flag] == 0].any()


def test_labels_of_a_diffusion_are_those_that_were_read(fitted, monkeypatch):
    model, told = fitted("Diffusion", "art_hiv"), []
    calm, labels = Reader.read, labels_of(model.codec_)
    monkeypatch.setattr(
        Reader, "read", lambda self, *given: told.append(self) or calm(self, *given)
    )
    encoded = model._draw(10, 0, {})
    assert len(told) == 1  # once, on the way
    for k in labels:
        assert (
            encoded.levels[..., k] == told[0].levels[k][:, : encoded.levels.shape[1]].numpy()
        ).all()
    numbers = [k for k in range(len(model.codec_.columns)) if k not in labels]
    assert not encoded.levels[..., numbers].any()


def test_a_diffusion_ends_with_the_labels_that_it_has_read(fitted):
    """Its last record says the same as what was read: numbers had to fit these labels."""
    model = fitted("Diffusion", "art_hiv")
    rng = torch.Generator().manual_seed(0)
    reader = Reader(model.codec_, model.network_.centre, model.network_.spread, rng)
    with_reader, _ = model.denoise(8, 0, reader=reader)
    without, _ = model.denoise(8, 0)
    assert torch.equal(with_reader[0], without[0])
    for k in labels_of(model.codec_):
        codes = torch.from_numpy(model.codec_.columns[k].codes)[reader.levels[k]].permute(0, 2, 1)
        end = with_reader[-1] * model.network_.spread[None, :, None] + model.network_.centre
        assert torch.allclose(end[:, reader.at[k]], codes, atol=1e-4)
        assert not torch.allclose(without[-1][:, reader.at[k]], with_reader[-1][:, reader.at[k]])


@pytest.mark.parametrize("condition", CONDITIONS)
def test_leaves_hold_values_of_training_patients(condition, made, cohorts):
    """The tree copies: what never changes in people is somebody's."""
    name = {"art_hiv": "Entry year", "sepsis": "Age", "hypotension": "Steps followed"}[condition]
    trained = cohorts[condition].patients[name].to_numpy(float)
    told = made("AutoregressiveTree", condition).patients[name].to_numpy(float)
    assert np.abs(told[:, None] - trained).min(axis=1).max() < 1e-6


def test_trees_know_no_label_that_nobody_had(cohorts):
    """Neither at the first measurement of somebody who was never measured before."""
    icu = cohorts["hypotension"]
    coma, oxygen = icu.frame["GCS_total"].copy(), icu.frame["FiO2"].copy()
    coma[coma == "3"], oxygen[oxygen == "<0.2"] = "4", "0.2"
    found = fit("AutoregressiveTree", with_frame(icu, GCS_total=coma, FiO2=oxygen)).sample(400)
    assert set(found.frame["GCS_total"]) <= set(coma)
    assert set(found.frame["FiO2"]) <= set(oxygen)


@pytest.mark.parametrize("condition", ["art_hiv", "sepsis"])
def test_of_what_never_changes_nothing_is_new_after_the_first_step(condition, fitted):
    model = fitted("Diffusion", condition)
    network, still = model.network_, n_channels(model.codec_)[0]
    x = torch.randn(6, *network.centre.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        said = network(x, torch.full((6,), 0.7))
        other = network(x.flip(0), torch.full((6,), 0.7)).flip(0)
    assert said[:, :still, 0].abs().max() > 0
    assert (said[:, :still, 1:] == 0).all()
    assert (said[:, still : x.shape[1], 1:] != 0).any()
    assert torch.allclose(said, other, atol=1e-5)  # each person by their own numbers
