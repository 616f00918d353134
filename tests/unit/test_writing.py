"""What a command writes down: for the officer alone, and over nothing that is there."""

import click
import pytest

from gateway.cli.writing import require_new, write_new_file, write_new_files

FILES = {"index.html": b"x", "agreements/a.yaml": b"y"}


def test_files_are_for_the_officer_alone(tmp_path):
    write_new_files(tmp_path / "pack", FILES)
    written = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "pack").rglob("*")}
    assert {mode for path, mode in written.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in written.items() if path.is_dir()} == {0o700}
    assert (tmp_path / "pack").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "pack" / "agreements" / "a.yaml").read_bytes() == b"y"


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "there").mkdir()
    require_new(tmp_path / "there")
    write_new_files(tmp_path / "there", FILES)
    for taken in (tmp_path / "there", tmp_path / "there" / "index.html"):
        with pytest.raises(click.UsageError):
            require_new(taken)
    with pytest.raises(click.UsageError):
        write_new_files(tmp_path / "there", FILES)
    with pytest.raises(FileExistsError):
        write_new_file(tmp_path / "there" / "index.html", b"z")
