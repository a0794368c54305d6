from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from perfpilot.tools.jmeter.installation.unpack import unpack_tar, unpack_zip


def everything(path: PurePosixPath) -> PurePosixPath:
    return path


def make_tar(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"text"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def make_zip(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as jar:
        for name in names:
            jar.writestr(name, "text")
    return path


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/tmp/out"])
def test_a_member_outside_of_the_directory_is_refused(tmp_path: Path, name: str) -> None:
    into = tmp_path / "into"
    with pytest.raises(ValueError, match="outside of its directory"):
        unpack_tar(make_tar(tmp_path / "a.tgz", name), into, everything)
    with pytest.raises(ValueError, match="outside of its directory"):
        unpack_zip(make_zip(tmp_path / "a.zip", name), into, everything)
    assert not (tmp_path / "out").exists()


def test_only_chosen_regular_files_are_written(tmp_path: Path) -> None:
    def only_bin(path: PurePosixPath) -> PurePosixPath | None:
        return path if path.parts[0] in ("bin", "link") else None

    into = tmp_path / "into"
    assert unpack_tar(make_tar(tmp_path / "a.tgz", "bin/x", "docs/y"), into, only_bin) == 1
    assert unpack_zip(make_zip(tmp_path / "a.zip", "bin/z", "docs/y", "bin/"), into, only_bin) == 1
    assert sorted(str(path.relative_to(into)) for path in into.rglob("*")) == ["bin", "bin/x", "bin/z"]


def test_a_torn_archive_is_named(tmp_path: Path) -> None:
    whole = make_tar(tmp_path / "a.tgz", "bin/x").read_bytes()
    torn = tmp_path / "torn.tgz"
    torn.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"torn\.tgz is damaged"):
        unpack_tar(torn, tmp_path / "into", everything)
    with pytest.raises(ValueError, match=r"torn\.tgz is damaged"):
        unpack_zip(torn, tmp_path / "into", everything)
