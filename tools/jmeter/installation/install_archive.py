"""Second source of JMeter: the binary archive of the Apache Software Foundation, checked by SHA-512."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path, PurePosixPath

from perfpilot.tools.jmeter.installation.install import SourceFailed
from perfpilot.tools.jmeter.installation.layout import read_version
from perfpilot.tools.jmeter.installation.unpack import unpack_tar

VERSION = "5.6.3"
ARCHIVE = f"apache-jmeter-{VERSION}.tgz"
# Published beside the archive by Apache as apache-jmeter-5.6.3.tgz.sha512; the same sum stands in the Arch
# Linux package `jmeter` (PKGBUILD 5.6.3).
SHA512 = (
    "5978a1a35edb5a7d428e270564ff49d2b1b257a65e17a759d259a9283fc17093"
    "e522fe46f474a043864aea6910683486340706d745fcdf3db1505fd71e689083"
)
APACHE = "https://archive.apache.org/dist/jmeter/binaries"
ADDRESS_VARIABLE = "PERFPILOT_JMETER_ARCHIVE"

_TIMEOUT_S = 900.0
_MAX_BYTES = 300 * 1024 * 1024  # the archive has about 85 MiB; a wrong address must not fill the disk
_LEFT_OUT = ("docs", "printable_docs")


def archive_address() -> str:
    """Where the archive is: Apache's own place, or what `PERFPILOT_JMETER_ARCHIVE` says.

    The variable holds the base address of a mirror, the whole address of a .tgz, or the path of a local one.
    """
    base = os.environ.get(ADDRESS_VARIABLE, "").strip() or APACHE
    return base if base.endswith(".tgz") else f"{base.rstrip('/')}/{ARCHIVE}"


async def fill_from_archive(home: Path, *, address: str | None = None, sha512: str = SHA512) -> None:
    """Download the archive at `address` (default: `archive_address()`), check its sum, unpack it into `home`.

    Raises:
        SourceFailed: not reachable, another sum than `sha512`, or no JMeter home inside.
    """
    address = address or archive_address()
    archive = home / ARCHIVE
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            local = "://" not in address
            digest = await (asyncio.to_thread(_sha512, address) if local else _download(address, archive))
    except TimeoutError:
        raise SourceFailed(f"{address} took longer than {_TIMEOUT_S:.0f} s") from None
    if digest != sha512:
        raise SourceFailed(f"the SHA-512 of {address} is {digest[:16]}..., expected {sha512[:16]}...")
    await asyncio.to_thread(_unpack, Path(address) if local else archive, home)
    if not local:
        await asyncio.to_thread(archive.unlink)


async def _download(address: str, archive: Path) -> str:
    import httpx

    digest = hashlib.sha512()
    size = 0
    try:
        file = await asyncio.to_thread(archive.open, "wb")
        try:
            async with (
                httpx.AsyncClient(follow_redirects=True, timeout=httpx.Timeout(30.0, connect=10.0)) as client,
                client.stream("GET", address) as response,
            ):
                response.raise_for_status()
                async for block in response.aiter_raw(1 << 20):
                    size += len(block)
                    if size > _MAX_BYTES:
                        raise SourceFailed(f"{address} is larger than {_MAX_BYTES >> 20} MiB")
                    digest.update(block)
                    await asyncio.to_thread(file.write, block)
        finally:
            await asyncio.to_thread(file.close)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceFailed(f"{address} can't be fetched: {error or type(error).__name__}") from error
    return digest.hexdigest()


def _sha512(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha512").hexdigest()
    except OSError as error:
        raise SourceFailed(f"{path} can't be read: {error.strerror}") from error


def _unpack(archive: Path, home: Path) -> None:
    try:
        unpack_tar(archive, home, _below_the_top_folder)
        read_version(home)
    except ValueError as error:
        raise SourceFailed(str(error)) from error


def _below_the_top_folder(path: PurePosixPath) -> PurePosixPath | None:
    inner = path.parts[1:]
    return PurePosixPath(*inner) if inner and inner[0] not in _LEFT_OUT else None
