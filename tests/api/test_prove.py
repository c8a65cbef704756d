"""`vikno prove`: a proposed roster against the present one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.calling import Vikno
from tests.api.weeks import OPEN_DAYS, week


def test_breaks_one_after_the_other_shorten_waits_and_it_says_so(vikno: Vikno, tmp_path: Path) -> None:
    files = week(tmp_path)
    said = vikno("prove", files.file, files.proposed, "--policy", "fifo")
    assert said.code == 0
    for words in ("The proposed roster shortens the mean wait by", "proposed over present", "quick", "slow"):
        assert words in said.out
    found = vikno("prove", files.file, files.proposed, "--policy", "fifo", "--json", "-").json
    assert (found["roster"], found["hall"], found["policy"], found["lives"]) == ("week", "small", "fifo", 20)
    assert found["sentences"][0].startswith("The proposed roster shortens the mean wait by")
    assert [row["day"] for row in found["days"]] == list(OPEN_DAYS)
    quick, slow = (found["services"][name]["wait_mean"]["ratio"] for name in ("quick", "slow"))
    assert quick["high"] < 1
    assert slow == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(found["people"]) == {"anna", "borys", "vira"}


def test_a_roster_against_itself_is_alike(vikno: Vikno, tmp_path: Path) -> None:
    files = week(tmp_path)
    found = vikno("prove", files.file, files.present, "--json", "-").json
    assert found["sentences"][0].startswith("Both plans are alike")
    assert found["figures"]["wait_mean"]["ratio"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_fewer_windows_than_people_make_waits_longer(vikno: Vikno, tmp_path: Path) -> None:
    files = week(tmp_path)
    asked = ("prove", files.file, files.proposed, "--lives", "5", "--json", "-")
    free, tight = vikno(*asked).json, vikno(*asked, "--windows", "2").json
    waits = [found["figures"]["wait_mean"]["proposed"]["value"] for found in (free, tight)]
    assert waits[0] < waits[1]


def test_the_same_seed_writes_the_same_file(vikno: Vikno, tmp_path: Path) -> None:
    files = week(tmp_path)
    written = []
    for name in ("one.json", "two.json"):
        out = tmp_path / name
        assert vikno("prove", files.file, files.proposed, "--lives", "3", "--json", out).code == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        (('hall = "hall.toml"\n', ""), (), "--hall: is missing"),
        (('present = "present.json"\n', ""), (), "--present: is missing"),
        (("", ""), ("--policy", "best"), "--policy: there is no policy 'best'"),
        (("", ""), ("--forecast", "absent.json"), "absent.json"),
        (('to = "16:00"\nneed', 'to = "26:00"\nneed'), (), "cover[1].to"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    vikno: Vikno, tmp_path: Path, change: tuple[str, str], words: tuple[str, ...], message: str
) -> None:
    files = week(tmp_path)
    files.file.write_text(files.file.read_text().replace(*change))
    out = tmp_path / "out.json"
    said = vikno("prove", files.file, files.proposed, *words, "--json", out)
    assert said.code == 2
    assert message in said.err
    assert said.err.count("\n") == 1
    assert not out.exists()


def test_no_output_replaces_a_file_that_the_roster_file_names(vikno: Vikno, tmp_path: Path) -> None:
    files = week(tmp_path)
    for name, reader in (("hall.toml", "[roster] hall of"), ("proposed.json", "PROPOSED.json reads")):
        before = (tmp_path / name).read_bytes()
        said = vikno("prove", files.file, tmp_path / "proposed.json", "--json", tmp_path / name)
        assert said.code == 2
        assert reader in said.err
        assert (tmp_path / name).read_bytes() == before
