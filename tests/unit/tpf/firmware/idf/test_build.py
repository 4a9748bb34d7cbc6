"""How idf.py is called, and what of an old build folder is thrown away; both are decided by pure functions."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.idf import program, project
from tpf.firmware.idf.build import argv, for_build, own_defaults
from tpf.firmware.idf.folder import Renewal, Stamp, build_folder, digest_of, renewal
from tpf.firmware.slots import side_by_side

BUILD = Path("/c o/.testarena/build/x")
OLD = Stamp(idf="/idf 5.3", project="/p", target="esp32c3", config="1", ended=True)


def test_the_command_line() -> None:
    assert argv(BUILD, "esp32c3", (Path("/p/sdkconfig.defaults"), Path("/p/sdkconfig.ci"))) == (
        "idf.py",
        "-B",
        "/c o/.testarena/build/x",
        "-DIDF_TARGET=esp32c3",
        "-DSDKCONFIG=/c o/.testarena/build/x/sdkconfig",
        "-DSDKCONFIG_DEFAULTS=/p/sdkconfig.defaults;/p/sdkconfig.ci",
        "build",
    )


def test_the_host_is_a_preview_target_and_no_defaults_are_esp_idfs_choice() -> None:
    assert argv(BUILD, "linux", ())[:2] == ("idf.py", "--preview")
    assert not [word for word in argv(BUILD, "linux", ()) if "DEFAULTS" in word]


def test_without_config_the_same_files_count_as_for_idf_py_build(tmp_path: Path) -> None:
    assert own_defaults(project(tmp_path), "esp32c3") == ()
    project(tmp_path, **{"sdkconfig.defaults": "", "sdkconfig": 'CONFIG_IDF_TARGET="esp32c3"\n'})
    assert own_defaults(tmp_path, "esp32c3") == (tmp_path / "sdkconfig.defaults", tmp_path / "sdkconfig")
    assert own_defaults(tmp_path, "esp32") == (tmp_path / "sdkconfig.defaults",)


@pytest.mark.parametrize(
    "change, expected",
    [
        ({}, Renewal.NOTHING),
        ({"config": "2"}, Renewal.SETTINGS),
        ({"target": "esp32"}, Renewal.ALL),
        ({"project": "/q"}, Renewal.ALL),
        ({"idf": "/idf 5.4"}, Renewal.ALL),
    ],
)
def test_what_is_of_no_use_for_a_new_build_is_thrown_away(change: dict[str, str], expected: Renewal) -> None:
    assert renewal(OLD, replace(OLD, **change), empty=False, configured=True) is expected


def test_a_folder_that_was_cut_off_is_configured_again_and_one_of_strangers_made_anew() -> None:
    assert renewal(replace(OLD, ended=False), OLD, empty=False, configured=True) is Renewal.CONFIGURATION
    assert renewal(OLD, OLD, empty=False, configured=False) is Renewal.CONFIGURATION
    assert renewal(None, OLD, empty=False, configured=True) is Renewal.ALL
    assert renewal(None, OLD, empty=True, configured=True) is Renewal.NOTHING


def test_each_project_target_and_config_has_a_folder_of_its_own() -> None:
    names = {
        build_folder(Path("/c"), Path(path), target, config).name
        for path in ("/c/a/fw", "/c/b/fw")
        for target in ("esp32", "esp32c3")
        for config in ((), ("sdkconfig.ci",))
    }
    assert len(names) == 8
    assert all(name.startswith("fw-esp32") for name in names)
    assert build_folder(Path("/c"), Path("/c/mein Gerät/ä;b"), "esp32", ()).name.startswith("--b-esp32-")


def test_the_digest_of_defaults_sees_contents_and_files_that_come_and_go(tmp_path: Path) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    seen = {digest_of((file,)), digest_of((file, other))}
    file.write_text("1")
    seen.add(digest_of((file, other)))
    other.write_text("")
    seen.add(digest_of((file, other)))
    assert len(seen) == 4


def test_builds_need_cores_and_memory() -> None:
    assert [side_by_side(cores, gigabytes << 30) for cores, gigabytes in ((2, 16), (8, 16), (16, 5), (16, 0))] == [
        1,
        2,
        2,
        1,
    ]


def test_ccache_is_switched_on_where_it_is(tmp_path: Path) -> None:
    program(tmp_path / "ccache", "exit 0")
    assert dict(for_build({"PATH": str(tmp_path)}, {}))["IDF_CCACHE_ENABLE"] == "1"
    assert "IDF_CCACHE_ENABLE" not in dict(for_build({"PATH": "/nowhere"}, {}))
    assert "IDF_CCACHE_ENABLE" not in dict(for_build({"PATH": str(tmp_path)}, {"IDF_CCACHE_ENABLE": "0"}))


def test_a_target_in_the_environment_does_not_count() -> None:
    assert dict(for_build({}, {"IDF_TARGET": "esp32"}))["IDF_TARGET"] == ""
