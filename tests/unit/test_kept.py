"""What is kept of the catalogue: the same as what was made, and never more than a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.catalogue.kept import kept


class Maker:
    """Counts how often it had to make something."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> dict[str, int]:
        """Make it."""
        self.made += 1
        return {"made": self.made}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write what it is made from."""
    path = tmp_path / "source.yaml"
    path.write_text("a: 1", "utf-8")
    return path


def place(source: Path) -> Path:
    """Return the file that is kept."""
    (found,) = (source.parent / "__pycache__").iterdir()
    return found


def test_what_did_not_change_is_made_once(source: Path) -> None:
    """The second time it comes from the file."""
    make = Maker()
    first, second = (kept(dict, "thing", [source], make, keep=True) for _ in range(2))
    assert (first, second, make.made) == ({"made": 1}, {"made": 1}, 1)


def test_a_change_makes_it_anew(source: Path) -> None:
    """Whatever is kept counts only for the very same sources."""
    make = Maker()
    kept(dict, "thing", [source], make, keep=True)
    source.write_text("a: 2", "utf-8")
    assert kept(dict, "thing", [source], make, keep=True) == {"made": 2}


@pytest.mark.parametrize("cut", [0, 5, 40])
def test_what_was_cut_off_is_made_anew(source: Path, cut: int) -> None:
    """A file that broke off is no reason to fail."""
    make = Maker()
    kept(dict, "thing", [source], make, keep=True)
    place(source).write_bytes(place(source).read_bytes()[:cut])
    assert kept(dict, "thing", [source], make, keep=True) == {"made": 2}


def test_nothing_is_kept_where_python_keeps_nothing(source: Path) -> None:
    """As with compiled modules."""
    kept(dict, "thing", [source], Maker(), keep=False)
    assert not (source.parent / "__pycache__").exists()


def test_a_place_that_cannot_be_written_does_no_harm(source: Path) -> None:
    """Here a file stands where the folder would be."""
    (source.parent / "__pycache__").write_text("", "utf-8")
    assert kept(dict, "thing", [source], Maker(), keep=True) == {"made": 1}
