"""A model in a folder: the same again, and nothing else that may lie there is trusted."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import pytest
from generator_toys import MODELS, assert_same

from healthgym_edu.errors import SourceError
from healthgym_edu.generators import load_generator
from healthgym_edu.stored import DESCRIPTION, WEIGHTS

each = pytest.mark.parametrize("name", list(MODELS))


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def folder(fitted, tmp_path):
    """A saved network."""
    fitted("WganGp", "art_hiv").save(tmp_path / "model")
    return tmp_path / "model"


def described(folder, **changes):
    """Write something else into the description."""
    path = folder / DESCRIPTION
    told = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in told.items() if v is not ...}))


@each
def test_a_saved_model_makes_the_same_patients(name, fitted, made, tmp_path):
    model = fitted(name, "art_hiv")
    model.save(tmp_path / "model")
    assert names(tmp_path) == ["model"]
    assert names(tmp_path / "model") == sorted([WEIGHTS, DESCRIPTION])
    again = load_generator(tmp_path / "model")
    assert type(again) is type(model)
    assert again.config == model.config
    assert again.codec_ == model.codec_
    assert (again.steps_, again.ended_, again.seconds_) == (
        model.steps_, model.ended_, model.seconds_,
    )  # fmt: skip
    assert again.history_.equals(model.history_)
    assert_same(again.sample(40, seed=1), made(name, "art_hiv"))
    again.save(tmp_path / "twice")
    for file in (WEIGHTS, DESCRIPTION):
        assert (tmp_path / "twice" / file).read_bytes() == (tmp_path / "model" / file).read_bytes()


@pytest.mark.parametrize("name", ["AutoregressiveGru", "AutoregressiveTree"])
def test_a_loaded_model_of_intensive_care_makes_the_same_patients(name, fitted, made, tmp_path):
    fitted(name, "sepsis").save(tmp_path / "model")
    assert_same(load_generator(tmp_path / "model").sample(40, seed=1), made(name, "sepsis"))


def test_nothing_in_a_folder_is_a_record_of_somebody(fitted, cohorts, tmp_path):
    fitted("WganGp", "art_hiv").save(tmp_path / "model")
    told = json.loads((tmp_path / "model" / DESCRIPTION).read_text())
    frame = cohorts["art_hiv"].frame
    numbers = [one for one in told["codec"]["columns"] if one["scale"]]
    assert {one["name"] for one in numbers} == {"VL", "CD4", "Rel CD4"}
    for number in numbers:
        ends = {number["scale"]["low"], number["scale"]["high"]}
        assert float(frame[number["name"]].max()) not in ends


# --- what is not loaded ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 99, "version": "9.9"}, r"format 99, written by version '9\.9'"),
        ({"format": None}, "format None"),
        ({"model": "BigGan"}, "holds a 'BigGan'"),
        ({"model": "AutoregressiveTree"}, "do not fit together"),
        ({"model": ["WganGp"]}, "."),
        ({"codec": {}}, "codec"),
        ({"codec": ...}, "do not fit"),
        ({"config": {}}, "do not fit"),
        ({"told": {}}, "do not fit"),
        ({"told": []}, "do not fit"),
        ({"sha256": ...}, "SHA-256"),
        ({"sha256": "0" * 64}, "SHA-256"),
        ({"format": ...}, "cannot be read"),
        ({"model": ...}, "cannot be read"),
    ],
)
def test_another_description_is_refused(changes, words, folder):
    described(folder, **changes)
    with pytest.raises(SourceError, match=words):
        load_generator(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"null", b"\xff\xfe\x00", b'"model"'])
def test_a_description_that_is_none_is_refused(content, folder):
    (folder / DESCRIPTION).write_bytes(content)
    with pytest.raises(SourceError, match=r"model\.json cannot be read"):
        load_generator(folder)


@pytest.mark.parametrize("n_bytes", [0, 5, 100, -1, -100])
def test_a_file_that_was_cut_off_is_refused(n_bytes, folder):
    for name in (WEIGHTS, DESCRIPTION):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:n_bytes])
        with pytest.raises(SourceError):
            load_generator(folder)
        (folder / name).write_bytes(whole)
    load_generator(folder)


def test_a_single_bit_that_was_changed_is_found(folder):
    weights = bytearray((folder / WEIGHTS).read_bytes())
    weights[-3] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(weights))
    with pytest.raises(SourceError, match=r"weights\.safetensors is not what was saved.*SHA-256"):
        load_generator(folder)


class Trap:
    """What a pickle may run."""

    def __reduce__(self):
        return (Path.touch, (Path(self.place),))


def test_a_pickle_in_disguise_is_refused_and_never_run(folder, tmp_path):
    trap = Trap()
    trap.place = str(tmp_path / "it ran")
    body = pickle.dumps(trap)
    (folder / WEIGHTS).write_bytes(body)
    described(folder, sha256=hashlib.sha256(body).hexdigest())
    with pytest.raises(SourceError, match="no safetensors file.*Pickled weights are refused"):
        load_generator(folder)
    assert not (tmp_path / "it ran").exists()
    pickle.loads(body)  # the trap works
    assert (tmp_path / "it ran").exists()


def test_weights_of_another_model_are_refused(folder, fitted, tmp_path):
    fitted("Diffusion", "art_hiv").save(tmp_path / "other")
    body = (tmp_path / "other" / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(body)
    described(folder, sha256=hashlib.sha256(body).hexdigest())
    with pytest.raises(SourceError, match="do not fit together"):
        load_generator(folder)


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_a_missing_file_is_named(name, folder, tmp_path):
    (folder / name).unlink()
    with pytest.raises(SourceError, match=name):
        load_generator(folder)
    with pytest.raises(SourceError, match="nowhere"):
        load_generator(tmp_path / "nowhere")


# --- what is not written --------------------------------------------------------------------------


def test_a_folder_that_exists_is_left_as_it_was(folder, fitted):
    before = (folder / WEIGHTS).read_bytes()
    with pytest.raises(SourceError, match="exists already.*overwrite=True"):
        fitted("Diffusion", "art_hiv").save(folder)
    assert (folder / WEIGHTS).read_bytes() == before
    fitted("Diffusion", "art_hiv").save(folder, overwrite=True)
    assert type(load_generator(folder)).__name__ == "Diffusion"
    assert names(folder.parent) == ["model"]


def test_a_folder_of_something_else_is_never_replaced(fitted, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.txt").write_text("three years")
    with pytest.raises(SourceError):
        fitted("WganGp", "art_hiv").save(tmp_path / "notes", overwrite=True)
    assert (tmp_path / "notes" / "thesis.txt").read_text() == "three years"
    assert names(tmp_path) == ["notes"]


def test_a_file_in_the_way_is_left_as_it_was(fitted, tmp_path):
    (tmp_path / "model").write_text("my notes")
    for overwrite in (False, True):
        with pytest.raises(SourceError):
            fitted("WganGp", "art_hiv").save(tmp_path / "model", overwrite=overwrite)
        assert (tmp_path / "model").read_text() == "my notes"
        assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("n_bytes", [0, 4096])
def test_a_full_disk_leaves_nothing_behind_and_what_was_there(n_bytes, folder, fitted, full_disk):
    before = (folder / WEIGHTS).read_bytes()
    model = fitted("AutoregressiveGru", "art_hiv")
    with full_disk(n_bytes), pytest.raises(SourceError, match="No room left"):
        model.save(folder.with_name("other"))
    assert names(folder.parent) == ["model"]
    with full_disk(n_bytes), pytest.raises(SourceError, match="No room left"):
        model.save(folder, overwrite=True)
    assert (folder / WEIGHTS).read_bytes() == before
    assert names(folder.parent) == ["model"]


@pytest.mark.parametrize("fault", [OSError("broken"), KeyboardInterrupt()])
def test_a_fault_at_the_last_moment_leaves_what_was_there(fault, folder, fitted, monkeypatch):
    before = (folder / WEIGHTS).read_bytes()
    calm = Path.replace

    def replace(self, target):
        if self.name.endswith(".part"):
            raise fault
        return calm(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises((SourceError, KeyboardInterrupt)):
        fitted("Diffusion", "art_hiv").save(folder, overwrite=True)
    assert names(folder.parent) == ["model"]
    assert (folder / WEIGHTS).read_bytes() == before


def test_a_folder_in_no_folder_is_refused(fitted, tmp_path):
    with pytest.raises(SourceError, match="no folder"):
        fitted("WganGp", "art_hiv").save(tmp_path / "a" / "b")
    assert names(tmp_path) == []


def test_the_home_folder_may_be_written_short(fitted, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    fitted("WganGp", "art_hiv").save("~/model")
    assert names(tmp_path) == ["model"]
    assert load_generator("~/model").steps_ == 3
