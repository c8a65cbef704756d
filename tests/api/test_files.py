"""A file that a command writes is whole or not there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vikno.api.files import OutputError, check_place, write_whole


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    file.write_text("before")

    def write(place: Path) -> None:
        place.write_text("after")
        assert file.read_text() == "before"

    write_whole("--json", file, write)
    assert file.read_text() == "after"
    assert list(tmp_path.iterdir()) == [file]


def test_half_a_file_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    file.write_text("before")

    def fail(place: Path) -> None:
        place.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match=r"--json: .*found\.json cannot be written \(No space left"):
        write_whole("--json", file, fail)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "found.json", tmp_path / "latest.json"
    file.write_text("before")
    link.symlink_to(file)
    write_whole("--json", link, lambda place: place.write_text("after"))
    assert link.is_symlink()
    assert file.read_text() == "after"


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole("--json", pipe, lambda place: place.write_text("found"))
    assert os.read(reader, 100) == b"found"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_place_without_a_folder_is_refused(tmp_path: Path) -> None:
    check_place("--json", tmp_path / "found.json")
    with pytest.raises(OutputError, match=r"--json: there is no folder .*absent; make it"):
        check_place("--json", tmp_path / "absent" / "found.json")
    with pytest.raises(OutputError, match="is a folder; name a file in it"):
        check_place("--json", tmp_path)
