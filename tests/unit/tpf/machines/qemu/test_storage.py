"""Partitions of a flash image are found, and filled by real tools."""

from __future__ import annotations

import asyncio
import hashlib
import struct
from pathlib import Path

import pytest

from tpf.errors import EnvironmentLacks, UsageError
from tpf.machines.qemu.contents import Material, format_of, recipe_for
from tpf.machines.qemu.partitions import Partition, find_table, partitions
from tpf.machines.qemu.storage import fill
from tpf.process import Processes
from tpf.result import Source
from tpf.scenario.model import Storage

HERE = Source(file="boot.xml", line=7, column=5)
NVS = Partition(label="nvs", type=1, subtype=2, offset=0x9000, size=0x6000)
WEB = Partition(label="web", type=1, subtype=0x82, offset=0x20000, size=0x10000)
APP = Partition(label="app", type=0, subtype=0, offset=0x10000, size=0x10000)
CSV = "key,type,encoding,value\nstorage,namespace,,\nname,data,string,kitchen\n"


def table(*known: Partition, md5: bool = True) -> bytes:
    entries = b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", one.type, one.subtype, one.offset, one.size, one.label.encode(), 0)
        for one in known
    )
    checksum = b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(entries, usedforsecurity=False).digest() if md5 else b""
    return (entries + checksum).ljust(0xC00, b"\xff")


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    path = tmp_path / "flash.bin"
    image = bytearray(b"\x00" * 0x40000)
    image[0x8000:0x8C00] = table(NVS, APP, WEB)
    path.write_bytes(image)
    return path


def wanted(partition: str, file: str, format_: str = "") -> Storage:
    return Storage(partition=partition, file=file, format=format_, source=HERE)


def filled(flash: Path, *storage: Storage, place: int | None = None, idf: Path | None = None) -> bytes:
    async def main() -> None:
        variables = {"PATH": "/usr/bin:/bin", **({"IDF_PATH": str(idf)} if idf else {})}
        async with Processes(variables) as processes:
            folder = flash.parent
            material = Material(checkout=folder, folder=folder, processes=processes, config={"SPIFFS_PAGE_SIZE": 512})
            await fill(flash, storage, place, material)

    asyncio.run(main())
    return flash.read_bytes()


@pytest.mark.parametrize("md5", [True, False])
def test_a_table_is_read(md5: bool) -> None:
    assert partitions(table(NVS, APP, WEB, md5=md5)) == (NVS, APP, WEB)
    assert [one.holds for one in (NVS, APP, WEB)] == ["nvs", "", "spiffs"]


@pytest.mark.parametrize("data", [b"", b"\xff" * 0xC00, b"\0" * 0xC00, table(NVS, md5=False)[:32] + b"x" * 99])
def test_what_is_no_table(data: bytes) -> None:
    with pytest.raises(ValueError, match="there is no partition table"):
        partitions(data)


def test_a_damaged_table() -> None:
    with pytest.raises(ValueError, match="damaged: its MD5"):
        partitions(table(NVS, APP).replace(b"nvs", b"nvx"))


def test_a_table_is_found_where_secure_boot_puts_it() -> None:
    assert find_table(b"\xff" * 0xA000 + table(NVS)) == (NVS,)


@pytest.mark.parametrize("offset, size", [(0x9000, 0x7FFFFFFF), (0xFFFFF000, 0x1000), (0x3F000, 0x1001)])
def test_a_partition_that_leaves_the_flash(flash: Path, tmp_path: Path, offset: int, size: int) -> None:
    beyond = Partition(label="web", type=1, subtype=6, offset=offset, size=size)
    image = bytearray(flash.read_bytes())
    image[0x8000:0x8C00] = table(NVS, beyond)
    flash.write_bytes(image)
    (tmp_path / "web.bin").write_bytes(b"hello")
    with pytest.raises(UsageError, match=rf"the partition web .* ends at {offset + size:#x}, and the flash at 0x40000"):
        filled(flash, wanted("web", "web.bin"))
    assert flash.read_bytes() == image


def test_a_file_is_written_as_it_is_into_an_erased_partition(flash: Path, tmp_path: Path) -> None:
    (tmp_path / "web.bin").write_bytes(b"hello")
    image = filled(flash, wanted("web", "web.bin"), place=0x8000)
    assert image[0x20000:0x30000] == b"hello".ljust(0x10000, b"\xff")
    assert image[0x1FFFF] == image[0x30000] == 0, "and no other"


def test_an_nvs_partition_is_made_of_a_table(flash: Path, tmp_path: Path) -> None:
    (tmp_path / "nvs.csv").write_text(CSV)
    nvs = filled(flash, wanted("nvs", "nvs.csv"))[0x9000:0xF000]
    assert nvs[:4] == b"\xfe\xff\xff\xff", "the first page is active"
    assert b"storage\0" in nvs
    assert b"kitchen\0" in nvs


def test_a_table_that_the_tool_refuses(flash: Path, tmp_path: Path) -> None:
    (tmp_path / "nvs.csv").write_text("key,type,encoding,value\nstorage,namespace,,\nboots,data,u33,1\n")
    with pytest.raises(
        UsageError, match=r"boot\.xml:7:5: <storage>: esp_idf_nvs_partition_gen can't make the partition: e"
    ):
        filled(flash, wanted("nvs", "nvs.csv"))


def test_a_folder_becomes_a_file_system_by_idf_s_tool(flash: Path, tmp_path: Path) -> None:
    tool = tmp_path / "idf" / "components" / "spiffs" / "spiffsgen.py"
    tool.parent.mkdir(parents=True)
    tool.write_text("import sys; open(sys.argv[3], 'w').write(' '.join(sys.argv[1:2] + sys.argv[4:]))")
    (tmp_path / "pages").mkdir()
    image = filled(flash, wanted("web", "pages"), idf=tmp_path / "idf")
    said = image[0x20000:0x30000].rstrip(b"\xff").decode()
    assert said == "0x10000 --page-size=512 --obj-name-len=32 --meta-len=4 --use-magic --use-magic-len"


def test_no_idf_no_file_system(flash: Path, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    with pytest.raises(EnvironmentLacks, match=r"boot\.xml:7:5: .*spiffsgen\.py of ESP-IDF .*IDF_PATH is not set"):
        filled(flash, wanted("web", "pages"))


@pytest.mark.parametrize(
    "partition, file, format_, message",
    [
        ("data", "web.bin", "", r"no partition 'data' in the flash; there are: nvs \(24 KB at 0x9000\), app .*, web "),
        ("nvs", "large.bin", "", "30000 bytes are more than the 24576 bytes of the partition 'nvs'"),
        ("app", "pages", "", "the type of the partition 'app' is that of no file system; say .*format=\"spiffs\""),
        ("nvs", "web.bin", "nvs", r"an NVS partition is made of a \.csv file"),
        ("web", "web.bin", "spiffs", "what is written as spiffs has to be a folder"),
        ("web", "pages", "raw", "what is written as raw has to be a file"),
        ("web", "gone.bin", "", "No such file"),
    ],
)
def test_what_can_t_be_stored(flash: Path, partition: str, file: str, format_: str, message: str) -> None:
    (flash.parent / "web.bin").write_bytes(b"web")
    (flash.parent / "large.bin").write_bytes(b"l" * 30000)
    (flash.parent / "pages").mkdir()
    before = flash.read_bytes()
    with pytest.raises(UsageError, match=message) as raised:
        filled(flash, wanted(partition, file, format_))
    assert str(raised.value).startswith("boot.xml:7:5: <storage>: ")
    assert flash.read_bytes() == before


@pytest.mark.parametrize("place, where", [(0x9000, "at 0x9000"), (None, "from 0x8000 on")])
def test_an_image_without_a_table(flash: Path, place: int | None, where: str) -> None:
    (flash.parent / "web.bin").write_bytes(b"web")
    flash.write_bytes(b"\0" * 0x40000)
    with pytest.raises(UsageError, match=f"there is no partition table {where}"):
        filled(flash, wanted("web", "web.bin"), place=place)


@pytest.mark.parametrize(
    "format_, config, words",
    [
        ("fat", {}, "fatfs/wl_fatfsgen.py PAGES --use_default_datetime --partition_size 0x10000 --output_file OUT"),
        ("fat", {"FATFS_LFN_HEAP": True}, "wl_fatfsgen.py PAGES --long_name_support --use_default_datetime"),
        (
            "fat-raw",
            {"FATFS_SECTOR_512": True},
            "fatfs/fatfsgen.py PAGES --use_default_datetime --partition_size 0x10000",
        ),
        ("fat-raw", {"FATFS_SECTOR_512": True}, "--sector_size 512"),
    ],
)
def test_how_idf_s_tools_are_called(tmp_path: Path, format_: str, config: dict[str, bool], words: str) -> None:
    for name in ("wl_fatfsgen.py", "fatfsgen.py"):
        tool = tmp_path / "components" / "fatfs" / name
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.touch()
    pages = tmp_path / "pages"
    pages.mkdir()
    processes = Processes({"IDF_PATH": str(tmp_path)})
    material = Material(checkout=tmp_path, folder=tmp_path, processes=processes, config=config)
    assert format_of(wanted("web", "pages", format_), WEB, pages) == format_
    recipe = recipe_for(format_, pages, 0x10000, material)
    assert recipe is not None
    assert words in " ".join(recipe.argv).replace(str(pages), "PAGES").replace(str(recipe.output), "OUT")
