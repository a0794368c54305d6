"""Only regular files below the operator's data roots are ever uploaded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfpilot.domain.errors import PolicyError, SpecError
from perfpilot.tools.testdata import uploads
from perfpilot.tools.testdata.uploads import copy_uploads, find_uploads

PLACE = "files/1/cat.png"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with a file in it, and a secret beside it."""
    (tmp_path / "root" / "shop").mkdir(parents=True)
    (tmp_path / "root" / "shop" / "cat.png").write_bytes(b"\0cat")
    (tmp_path / "secret").write_bytes(b"secret")
    return tmp_path / "root"


def test_a_file_is_copied_to_its_place_from_the_first_root_that_has_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    attempt = tmp_path / "attempt"
    copy_uploads({PLACE: "shop/cat.png"}, [str(tmp_path / "other"), str(root)], attempt)
    copy = attempt / PLACE
    assert copy.read_bytes() == b"\0cat"
    (root / "shop" / "cat.png").write_bytes(b"other")
    assert copy.read_bytes() == b"\0cat", "what is sent stays the same for the attempt"
    copy_uploads({PLACE: "shop/cat.png"}, [str(root)], attempt)
    assert copy.read_bytes() == b"other"


@pytest.mark.parametrize(
    "path", ["../secret", "shop/../../secret", "link", "directory/secret", "./../secret"]
)
def test_nothing_outside_of_a_root_is_read(root: Path, tmp_path: Path, path: str) -> None:
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "directory").symlink_to(tmp_path)
    with pytest.raises(PolicyError, match="outside"):
        find_uploads({PLACE: path}, [str(root)])


def test_a_link_within_a_root_is_followed_and_a_root_may_be_one(root: Path, tmp_path: Path) -> None:
    (root / "inside.png").symlink_to(root / "shop" / "cat.png")
    (tmp_path / "alias").symlink_to(root)
    found = find_uploads({PLACE: "inside.png"}, [str(tmp_path / "alias")])
    assert found == {PLACE: root / "shop" / "cat.png"}


def test_without_data_roots_every_upload_is_refused_with_the_key_that_allows_it() -> None:
    with pytest.raises(PolicyError, match=r"data_roots: \[") as refused:
        find_uploads({PLACE: "cat.png"}, [])
    assert "PERFPILOT_POLICY" in str(refused.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [("/etc/passwd", "below a data root"), ("", "below a data root"), ("a\0b", "below a data root"),
     ("none.png", "no file 'none.png'"), ("shop", "no regular file"), ("pipe", "no regular file"),
     ("large", "bytes; 8 are the most")],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, path: str, message: str
) -> None:
    os.mkfifo(root / "pipe")
    (root / "large").write_bytes(b"123456789")
    monkeypatch.setattr(uploads, "MOST_BYTES", 8)
    with pytest.raises(SpecError, match=message):
        find_uploads({PLACE: path}, [str(root)])


def test_nothing_is_needed_where_nothing_is_uploaded(tmp_path: Path) -> None:
    copy_uploads({}, [], tmp_path)
    assert list(tmp_path.iterdir()) == []
