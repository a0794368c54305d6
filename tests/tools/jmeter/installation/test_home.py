from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.home import JMeterHome, find_jmeter, look_for_jmeter
from perfpilot.tools.jmeter.installation.install import MARKER, install
from perfpilot.tools.jmeter.installation.java import Java
from tests.tools.jmeter.installation.made_up_home import make_home, make_jar

NO_JAVA = Java(home="/nowhere", executable="/nowhere/bin/java", version="17", major=17, source="made up")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any JMeter: no JMETER_HOME, an empty PATH, an empty cache."""
    empty = tmp_path / "empty-path"
    empty.mkdir()
    monkeypatch.delenv("JMETER_HOME", raising=False)
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


async def put_into_cache(bare: Path, version: str) -> Path:
    destination = bare / "cache/perfpilot/jmeter" / version
    destination.parent.mkdir(parents=True, exist_ok=True)

    async def fill(partial: Path) -> None:
        make_home(partial, version, maven_names=True)

    await install(destination, fill, version=version, source="made up")
    return destination


async def test_the_order_is_argument_then_variable_then_path_then_cache(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(jmeter_home: str | None = None) -> tuple[str, str]:
        home = await find_jmeter(NO_JAVA, jmeter_home=jmeter_home, install=False)
        return home.source, home.version

    await put_into_cache(bare, "5.6.3")
    assert await found() == ("cache", "5.6.3")
    monkeypatch.setenv("PATH", str(make_home(bare / "on-path", "5.6.2") / "bin"))
    assert await found() == ("PATH", "5.6.2")
    monkeypatch.setenv("JMETER_HOME", str(make_home(bare / "variable", "5.6.1")))
    assert await found() == ("JMETER_HOME", "5.6.1")
    assert await found(str(make_home(bare / "argument", "5.5"))) == ("--jmeter-home", "5.5")


@pytest.mark.parametrize("maven_names", [True, False])
@pytest.mark.parametrize("in_manifest", [True, False])
async def test_the_version_is_read_from_manifest_or_jar_name(
    bare: Path, maven_names: bool, in_manifest: bool
) -> None:
    home = make_home(bare / "home", "5.6.3", maven_names=maven_names, in_manifest=in_manifest)
    if maven_names or in_manifest:
        assert (await look_for_jmeter(str(home))).version == "5.6.3"
    else:
        with pytest.raises(NotReadyError, match="does not say which version"):
            await look_for_jmeter(str(home))


async def test_an_old_jmeter_on_path_is_passed_over_and_the_reason_kept(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_home(bare / "old", "5.4.3")
    monkeypatch.setenv("PATH", str(old / "bin"))
    await put_into_cache(bare, "5.6.3")
    home = await look_for_jmeter()
    assert home.source == "cache"
    assert home.passed_over == (
        f"PATH: {old}/bin/jmeter was passed over: {old} is JMeter 5.4.3; perfpilot needs 5.5 or newer",
    )


async def test_a_link_or_a_wrapper_script_on_path_leads_to_the_real_home(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = make_home(bare / "opt/apache-jmeter-5.6.3", "5.6.3")
    for name in ("linked", "wrapped"):
        (bare / name).mkdir()
    (bare / "linked/jmeter").symlink_to(real / "bin/jmeter")
    wrapper = bare / "wrapped/jmeter"
    wrapper.write_text(f'#!/bin/bash\nJAVA_HOME="/opt/java" exec "{real}/bin/jmeter" "$@"\n')
    wrapper.chmod(0o755)
    for name in ("linked", "wrapped"):
        monkeypatch.setenv("PATH", str(bare / name))
        assert (await look_for_jmeter()).path == str(real), name


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda home: (home / "bin/ApacheJMeter.jar").unlink(), "bin/ApacheJMeter.jar is missing"),
        (lambda home: (home / "bin/jmeter.properties").unlink(), "bin/jmeter.properties is missing"),
        (lambda home: (home / "lib/ext/ApacheJMeter_http.jar").unlink(), "ApacheJMeter_http.jar is missing"),
        (lambda home: (home / "lib/slf4j-api-1.7.36.jar").write_bytes(b"torn"), "slf4j.* is damaged"),
        (lambda home: make_jar(home / "lib/ext/ApacheJMeter_core.jar", "2.13"), "is JMeter 2.13"),
    ],
)
async def test_a_named_home_that_is_not_usable_is_an_error_not_a_reason_to_take_another(
    bare: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], object], words: str
) -> None:
    await put_into_cache(bare, "5.6.3")
    home = make_home(bare / "named", "5.6.3")
    damage(home)
    monkeypatch.setenv("JMETER_HOME", str(home))
    with pytest.raises(NotReadyError, match=words) as caught:
        await find_jmeter(NO_JAVA)
    assert caught.value.mend.startswith("unset JMETER_HOME")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda home: (home / MARKER).unlink(), "no valid perfpilot-install.json"),
        (
            lambda home: (home / MARKER).write_text('{"version": "5.6.3", "sou'),
            "no valid perfpilot-install.json",
        ),
        (lambda home: (home / "lib/ext/ApacheJMeter_core-5.6.3.jar").unlink(), "core-5.6.3.jar is missing"),
        (lambda home: (home / "bin/jmeter.properties").write_text("# made UP\n"), "SHA-256 differs"),
    ],
)
async def test_a_cached_home_that_is_not_whole_is_ignored(
    bare: Path, damage: Callable[[Path], object], words: str
) -> None:
    older = await put_into_cache(bare, "5.5")
    newer = await put_into_cache(bare, "5.6.3")
    assert (await look_for_jmeter()).path == str(newer)
    damage(newer)
    home = await look_for_jmeter()
    assert home.path == str(older)
    assert words in home.passed_over[0]


async def test_looking_without_installing_writes_nothing_and_names_the_command(bare: Path) -> None:
    with pytest.raises(NotReadyError) as caught:
        await find_jmeter(NO_JAVA, install=False)
    assert caught.value.mend == "perfpilot doctor --install"
    assert not (bare / "cache").exists()


def test_the_class_path_has_the_launcher_and_every_jar(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", "5.6.3")
    jmeter = JMeterHome(path=str(home), version="5.6.3", source="made up")
    names = [Path(jar).name for jar in jmeter.class_path().split(":")]
    assert names[:2] == ["ApacheJMeter.jar", "slf4j-api-1.7.36.jar"]
    assert len(names) == 8
    assert jmeter.launcher == f"{home}/bin/ApacheJMeter.jar"
