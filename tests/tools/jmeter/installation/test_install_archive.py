from __future__ import annotations

import hashlib
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from perfpilot.tools.jmeter.installation.install import SourceFailed
from perfpilot.tools.jmeter.installation.install_archive import (
    ADDRESS_VARIABLE,
    ARCHIVE,
    SHA512,
    archive_address,
    fill_from_archive,
)
from perfpilot.tools.jmeter.installation.layout import read_version
from tests.tools.jmeter.installation.made_up_home import make_home


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A mirror on the loopback: its directory and its base address."""
    directory = tmp_path / "mirror"
    directory.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield directory, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def make_archive(directory: Path, work: Path) -> str:
    """A small archive with Apache's layout; returns its SHA-512."""
    home = make_home(work / "apache-jmeter-5.6.3", "5.6.3")
    (home / "printable_docs").mkdir()
    (home / "printable_docs/index.html").write_text("long")
    with tarfile.open(directory / ARCHIVE, "w:gz") as tar:
        tar.add(home, home.name)
    return hashlib.sha512((directory / ARCHIVE).read_bytes()).hexdigest()


def new_home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


async def test_the_archive_of_a_mirror_becomes_a_home(
    tmp_path: Path, mirror: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, base = mirror
    digest = make_archive(directory, tmp_path)
    monkeypatch.setenv(ADDRESS_VARIABLE, base)
    home = new_home(tmp_path)
    await fill_from_archive(home, sha512=digest)
    assert read_version(home) == "5.6.3"
    assert (home / "bin/jmeter").stat().st_mode & 0o111
    assert sorted(path.name for path in home.iterdir()) == ["bin", "lib"]


async def test_a_local_archive_needs_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = make_archive(tmp_path, tmp_path)
    monkeypatch.setenv(ADDRESS_VARIABLE, str(tmp_path / ARCHIVE))
    home = new_home(tmp_path)
    await fill_from_archive(home, sha512=digest)
    assert read_version(home) == "5.6.3"
    assert (tmp_path / ARCHIVE).is_file()


async def test_an_archive_with_another_sum_is_not_unpacked(tmp_path: Path, mirror: tuple[Path, str]) -> None:
    directory, base = mirror
    make_archive(directory, tmp_path)
    home = new_home(tmp_path)
    with pytest.raises(SourceFailed, match=r"SHA-512 of .* expected 5978a1a35edb5a7d"):
        await fill_from_archive(home, address=f"{base}/{ARCHIVE}")
    assert [path.name for path in home.iterdir()] == [ARCHIVE]


async def test_a_missing_archive_and_a_closed_port_are_named(
    tmp_path: Path, mirror: tuple[Path, str]
) -> None:
    home = new_home(tmp_path)
    with pytest.raises(SourceFailed, match="404"):
        await fill_from_archive(home, address=f"{mirror[1]}/{ARCHIVE}")
    with pytest.raises(SourceFailed, match="can't be fetched"):
        await fill_from_archive(home, address=f"http://127.0.0.1:9/{ARCHIVE}")
    with pytest.raises(SourceFailed, match="can't be read: No such file"):
        await fill_from_archive(home, address=str(tmp_path / "none.tgz"))


async def test_an_archive_that_is_no_jmeter_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "other.tgz"
    (tmp_path / "file").write_text("x")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "file", "other/file")
    digest = hashlib.sha512(archive.read_bytes()).hexdigest()
    with pytest.raises(SourceFailed, match=r"no JMeter home: bin/ApacheJMeter.jar is missing"):
        await fill_from_archive(new_home(tmp_path), address=str(archive), sha512=digest)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", f"https://archive.apache.org/dist/jmeter/binaries/{ARCHIVE}"),
        ("https://mirror.example/jmeter/", f"https://mirror.example/jmeter/{ARCHIVE}"),
        ("https://mirror.example/x/jm.tgz", "https://mirror.example/x/jm.tgz"),
        ("/srv/files", f"/srv/files/{ARCHIVE}"),
    ],
)
def test_the_variable_names_a_base_a_whole_address_or_a_path(
    monkeypatch: pytest.MonkeyPatch, value: str, address: str
) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, value)
    assert archive_address() == address


def test_the_pinned_sum_is_a_whole_sha_512() -> None:
    assert len(bytes.fromhex(SHA512)) == hashlib.sha512().digest_size
