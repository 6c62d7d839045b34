"""Published files: downloaded once, verified before they are accepted, nothing left half-done."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_toys import Server, toy_table

from healthgym_edu.conditions.art_hiv import SCHEMA, ArtHiv
from healthgym_edu.data import downloading, load_cohort, releases
from healthgym_edu.data.saving import save_table
from healthgym_edu.errors import SourceError
from healthgym_edu.variables import FOLLOWED

ROOT = Path(releases.__file__).parents[2]
V2 = "HealthGymV2_CbdrhDatathon_ART4HIV.csv"
RELEASES = {release.source: release for release in SCHEMA.releases}


def _publish(monkeypatch, source: str = "release", **changes: object) -> None:
    """Change what the schema says of a published file."""
    known = RELEASES | {source: replace(RELEASES[source], **changes)}
    monkeypatch.setattr(ArtHiv, "schema", replace(SCHEMA, releases=tuple(known.values())))


@pytest.fixture
def body() -> bytes:
    """What the toy release holds: 4 patients."""
    return toy_table(4).to_csv(index=False).encode()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("HEALTHGYM_EDU_CACHE", str(folder))
    return folder


@pytest.fixture
def published(server, body, monkeypatch) -> Server:
    """A server in figshare's place, and a release as small as what it serves."""
    monkeypatch.setattr(
        releases, "ADDRESSES", (server.url("/one/{file_id}"), server.url("/two/{file_id}"))
    )
    size = len(body)
    _publish(monkeypatch, n_rows=240, smallest=size - 500, largest=size + 500)
    server.answer("/one/40584980", body)
    server.answer("/two/40584980", body)
    return server


def _left(folder: Path) -> list[str]:
    """Files in the cache, the lock apart."""
    return sorted(entry.name for entry in folder.iterdir() if entry.suffix != ".lock")


# --- the registry


def test_the_registry_holds_the_documented_facts():
    second, first = RELEASES["release"], RELEASES["release-v1"]
    assert (second.file_id, first.file_id) == (40584980, 35249488)
    assert second.file_name == V2
    assert second.n_rows == first.n_rows == 8916 * 60 == 534_960
    assert second.smallest < 44.7e6 < 44.7 * 2**20 < second.largest
    assert second.exact_header
    assert not first.exact_header
    assert releases.ADDRESSES == (
        "https://ndownloader.figshare.com/files/{file_id}",
        "https://api.figshare.com/v2/file/download/{file_id}",
    )


def test_downloads_go_to_the_cache_folder_of_the_system(monkeypatch):
    monkeypatch.delenv("HEALTHGYM_EDU_CACHE", raising=False)
    assert downloading.cache_folder().name == "healthgym-edu"
    monkeypatch.setenv("HEALTHGYM_EDU_CACHE", "~/elsewhere")
    assert downloading.cache_folder() == Path.home() / "elsewhere"


# --- when all goes well


def test_a_release_is_downloaded_once_and_its_hash_remembered(published, body, cache):
    cohort = load_cohort("art_hiv", source="release")
    pd.testing.assert_frame_equal(cohort.frame, SCHEMA.decode(toy_table(4)))
    assert (len(cohort), cohort.source) == (4, "release")
    assert list(cohort.patients.columns) == ["Gender", "Ethnic", FOLLOWED]
    assert "version 2" in repr(cohort)
    assert _left(cache) == [V2, f"{V2}.sha256"]
    assert (cache / f"{V2}.sha256").read_text() == hashlib.sha256(body).hexdigest()
    again = load_cohort("art_hiv", source="release", n_patients=2)
    assert len(again) == 2
    assert published.asked == ["/one/40584980"]


def test_version_1_is_downloaded_under_its_own_number(server, cache, monkeypatch):
    table = toy_table(3).astype(float).rename(columns={"Timestep": "Timepoints"})
    monkeypatch.setattr(releases, "ADDRESSES", (server.url("/{file_id}"),))
    _publish(monkeypatch, "release-v1", n_rows=180, smallest=1)
    server.answer("/35249488", table.to_csv().encode())
    cohort = load_cohort("art_hiv", source="release-v1")
    pd.testing.assert_frame_equal(cohort.frame, SCHEMA.decode(toy_table(3)))
    assert "version 1" in repr(cohort)


def test_a_file_of_the_published_size_is_accepted_by_the_real_entry(
    server, cache, tmp_path, monkeypatch
):
    """8,916 patients and about 45 million bytes, by the figures in the registry."""
    table = toy_table(8916)
    for name in SCHEMA.numeric:
        table[name] = np.round(table[name] * 1.2345678, 8)
    save_table(table, tmp_path / "served.csv")  # ten times as fast as table.to_csv
    monkeypatch.setattr(releases, "ADDRESSES", (server.url("/{file_id}"),))
    server.answer("/40584980", (tmp_path / "served.csv").read_bytes())
    cohort = load_cohort("art_hiv", source="release")
    assert len(cohort) == 8916
    assert cohort.frame["VL"].to_numpy() == pytest.approx(table["VL"].to_numpy(), rel=1e-15)
    assert load_cohort("art_hiv", source="release").frame.equals(cohort.frame)


def test_the_second_address_is_asked_when_the_first_refuses(published, cache, caplog):
    published.answer("/one/40584980", b"", status=403)
    assert len(load_cohort("art_hiv", source="release")) == 4
    assert published.asked == ["/one/40584980", "/two/40584980"]
    assert "/one/40584980 answered 403 Forbidden" in caplog.text


# --- when the server does not deliver


def _refused(cache: Path, published: Server, *words: str) -> None:
    """Loading fails after both addresses, says why and what to do, and leaves nothing."""
    with pytest.raises(SourceError) as caught:
        load_cohort("art_hiv", source="release")
    text = str(caught.value)
    for word in (
        *words,
        "/one/40584980",
        "/two/40584980",
        "open https://figshare.com/ndownloader/files/40584980 in a browser",
        "https://doi.org/10.6084/m9.figshare.22827878.v1",
        f"load_cohort('art_hiv', source='path/to/{V2}')",
    ):
        assert word in text
    assert published.asked == ["/one/40584980", "/two/40584980"]
    assert _left(cache) == []


PAGE = b"<html><body>Sign in</body></html>"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": b"", "status": 202}, "answered with an empty file"),
        ({"body": PAGE, "status": 403}, "answered 403 Forbidden"),
        ({"body": PAGE, "status": 404}, "answered 404 Not Found"),
        ({"body": b"", "status": 503}, "answered 503 Service Unavailable"),
        ({"body": PAGE, "kind": "text/html; charset=utf-8"}, "has 33 bytes; expected"),
        ({"body": b""}, "answered with an empty file"),
        ({"body": b"", "announced": -1}, "answered with an empty file"),
        ({"body": b"VL,CD4\n" * 9000}, "has 63,000 bytes; expected"),
        ({"body": b"VL,CD4\n" * 90_000, "announced": -1}, "has 630,000 bytes; expected"),
    ],
)
def test_a_refusal_is_explained(published, cache, answer, words):
    for path in ("/one/40584980", "/two/40584980"):
        published.answer(path, **answer)
    _refused(cache, published, words)


def test_a_download_that_is_cut_off_half_way_is_not_accepted(published, body, cache):
    for path in ("/one/40584980", "/two/40584980"):
        published.answer(path, body[: len(body) // 2], announced=len(body))
    _refused(cache, published, "gave no complete answer (ChunkedEncodingError")


def test_a_cut_that_nobody_announces_is_seen_by_the_size(published, body, cache):
    for path in ("/one/40584980", "/two/40584980"):
        published.answer(path, body[:-5000], announced=-1)
    _refused(cache, published, "the file from http", "bytes; expected")


def test_no_connection_is_explained(published, cache):
    published.close()
    with pytest.raises(
        SourceError, match=r"gave no complete answer \(ConnectionError; is this computer"
    ) as caught:
        load_cohort("art_hiv", source="release")
    assert "The teaching cohort needs no download" in str(caught.value)
    assert len(str(caught.value)) < 1200
    assert _left(cache) == []


def test_silence_is_explained(published, cache, monkeypatch):
    monkeypatch.setattr(downloading, "TIMEOUT", (5, 0.2))

    def wait(_: object) -> None:
        time.sleep(0.6)

    def send_and_wait(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"VL,CD4\n")
        time.sleep(0.6)

    published.answers["/one/40584980"] = wait
    published.answers["/two/40584980"] = send_and_wait
    _refused(cache, published, "answer (ReadTimeout;", "answer (ConnectionError;")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://", "gave no complete answer (InvalidURL;"),
        ("https://{host}/mine.csv", "gave no complete answer (SSLError;"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(published, tmp_path, url, words):
    host = published.url("").removeprefix("http://")
    with pytest.raises(SourceError) as caught:
        downloading.download(url.format(host=host), tmp_path / "mine.csv")
    assert words in str(caught.value)


# --- when the server delivers another file


def _swap(table: pd.DataFrame) -> pd.DataFrame:
    return table[["CD4", "VL", *table.columns[2:]]]


def _spoil(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(Gender=table["Gender"].where(table.index != 77, 9.0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_swap, "has the header 'CD4,VL"),
        (lambda table: table.iloc[:-60], "180 rows; expected 240"),
        (_spoil, "'Gender', row 77: found 9"),
        (lambda table: table.drop(index=3), "Timestep 4 comes straight after Timestep 2"),
    ],
)
def test_another_file_is_not_accepted(published, cache, monkeypatch, change, words):
    content = change(toy_table(4)).to_csv(index=False).encode()
    _publish(monkeypatch, n_rows=240, smallest=1)
    for path in ("/one/40584980", "/two/40584980"):
        published.answer(path, content)
    _refused(cache, published, words)


# --- when the disk does not take it


def test_a_full_disk_is_explained_and_leaves_nothing(published, cache, full_disk):
    with full_disk(4096), pytest.raises(SourceError, match=f"No room left to write {cache}"):
        load_cohort("art_hiv", source="release")
    assert published.asked == ["/one/40584980"]
    assert _left(cache) == []


def test_a_disk_that_fills_when_the_hash_is_written_leaves_nothing(published, cache, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise SourceError("No room left to write")

    monkeypatch.setattr(releases, "writing", fail)
    with pytest.raises(SourceError, match="No room left"):
        load_cohort("art_hiv", source="release")
    assert _left(cache) == []


@pytest.mark.parametrize("inner", ["", "below"])
def test_a_read_only_cache_is_explained(
    published, open_folder, as_ordinary_user, monkeypatch, inner
):
    open_folder.chmod(0o555)
    monkeypatch.setenv("HEALTHGYM_EDU_CACHE", str(open_folder / inner))
    with (
        as_ordinary_user(),
        pytest.raises(SourceError, match=r"may not write to the folder.*HEALTHGYM_EDU_CACHE"),
    ):
        load_cohort("art_hiv", source="release")
    assert published.asked == []
    assert _left(open_folder) == []


def test_a_read_only_cache_that_holds_the_file_will_do(
    published, body, open_folder, as_ordinary_user, monkeypatch, caplog
):
    (open_folder / V2).write_bytes(body)
    open_folder.chmod(0o555)
    monkeypatch.setenv("HEALTHGYM_EDU_CACHE", str(open_folder))
    with as_ordinary_user(), caplog.at_level(logging.INFO, "healthgym_edu"):
        assert len(load_cohort("art_hiv", source="release")) == 4
    assert "is not remembered" in caplog.text
    assert published.asked == []


def test_a_cache_that_is_a_file_is_explained(published, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("in the way")
    monkeypatch.setenv("HEALTHGYM_EDU_CACHE", str(tmp_path / "cache"))
    with pytest.raises(SourceError, match="could not be written"):
        load_cohort("art_hiv", source="release")
    assert (tmp_path / "cache").read_text() == "in the way"


def test_an_interrupted_download_leaves_nothing(published, cache, monkeypatch):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "_verify", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load_cohort("art_hiv", source="release")
    assert _left(cache) == []


# --- what lies in the cache already


def test_a_file_put_into_the_cache_by_hand_is_verified_and_remembered(published, body, cache):
    cache.mkdir()
    (cache / V2).write_bytes(body)
    assert len(load_cohort("art_hiv", source="release")) == 4
    assert _left(cache) == [V2, f"{V2}.sha256"]
    assert published.asked == []


def test_a_wrong_file_put_into_the_cache_by_hand_is_refused_and_kept(published, cache):
    cache.mkdir()
    (cache / V2).write_bytes(PAGE)
    with pytest.raises(SourceError, match=f"is not the published file.*Delete {cache / V2}"):
        load_cohort("art_hiv", source="release")
    assert _left(cache) == [V2]


def test_a_cached_file_that_changed_is_refused(published, body, cache):
    load_cohort("art_hiv", source="release")
    (cache / V2).write_bytes(body.replace(b"1.0", b"2.0", 1))
    with pytest.raises(SourceError, match=f"has changed since it was checked.*Delete {cache}"):
        load_cohort("art_hiv", source="release")


def test_a_lost_record_means_the_file_is_checked_again(published, body, cache):
    load_cohort("art_hiv", source="release")
    (cache / f"{V2}.sha256").unlink()
    assert len(load_cohort("art_hiv", source="release")) == 4
    assert (cache / f"{V2}.sha256").read_text() == hashlib.sha256(body).hexdigest()
    assert published.asked == ["/one/40584980"]


@pytest.mark.parametrize("record", [b"", b"not a hash", b"\xff\x00"])
def test_a_damaged_record_is_refused_with_the_mend(published, cache, record):
    load_cohort("art_hiv", source="release")
    (cache / f"{V2}.sha256").write_bytes(record)
    with pytest.raises(SourceError, match=f"has changed since.*Delete {cache / V2}"):
        load_cohort("art_hiv", source="release")
    (cache / V2).unlink()
    assert len(load_cohort("art_hiv", source="release")) == 4


# --- two at once

CHILD = """
import sys
from dataclasses import replace
from healthgym_edu.conditions.art_hiv import ArtHiv
from healthgym_edu.data import load_cohort, releases
address, n_bytes = sys.argv[1], int(sys.argv[2])
releases.ADDRESSES = (address,)
small = replace(ArtHiv.schema.releases[0], n_rows=240, smallest=n_bytes, largest=n_bytes)
ArtHiv.schema = replace(ArtHiv.schema, releases=(small,))
print(len(load_cohort("art_hiv", source="release")))
"""


def test_two_processes_download_once_and_both_get_the_file(server, body, cache):
    def slowly(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:1000])
        time.sleep(2.0)
        handler.wfile.write(body[1000:])

    server.answers["/file"] = slowly
    command = [sys.executable, "-c", CHILD, server.url("/file"), str(len(body))]
    environment = {**os.environ, "HEALTHGYM_EDU_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    children = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for child in children:
        output, errors = child.communicate(timeout=60)
        assert (child.returncode, output.strip()) == (0, "4"), errors
    assert server.asked == ["/file"]
    assert _left(cache) == [V2, f"{V2}.sha256"]


def test_waiting_for_another_process_ends(published, cache, monkeypatch):
    import filelock

    monkeypatch.setattr(releases, "LOCK_SECONDS", 0.2)
    cache.mkdir()
    with (
        filelock.FileLock(cache / f"{V2}.lock"),
        pytest.raises(SourceError, match=f"Another process is still busy with {cache / V2}"),
    ):
        load_cohort("art_hiv", source="release")
    assert published.asked == []
