"""Public artifacts as files of the web; and nothing else on that road."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Write

PATH = "/api/v1/dataset/acme/data-v1"


@pytest.fixture
async def publish(released: Any, sent: Any) -> Any:
    """Upload the dataset with a change and return how it is described to anybody."""

    async def published(**changed: Any) -> Any:
        await released.ask("PUT", PATH, json=sent.body | changed)
        s3 = await released.s3("urn:polaris:dataset:acme:data-v1")
        await s3("PUT", s3.place("root"), sent.table)
        for path, data in sent.files.items():
            await s3("PUT", f"{s3.place('extension')}/{path}", data)
        return (await released.ask("GET", PATH, "nobody")).json()

    return published


async def test_files_have_sizes_parts_and_no_query(released: Any, sent: Any, publish: Any) -> None:
    root = (await publish())["root"]
    assert not urlsplit(root).query
    head = await released.http.head(root)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(sent.table)))
    part = await released.http.get(root, headers={"range": f"bytes=0-{len(sent.table) - 1}"})
    assert (part.status_code, part.content) == (206, sent.table)
    assert part.headers["content-range"] == f"bytes 0-{len(sent.table) - 1}/{len(sent.table)}"
    assert (await released.http.get(root, headers={"range": "bytes=-4"})).content == b"PAR1"


async def test_a_folder_is_a_page_of_links(released: Any, publish: Any) -> None:
    archive = (await publish())["extension"]
    page = await released.http.get(archive)
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r'<a href="([^"]+)"', page.text)
    assert sorted(links) == [".zgroup", ".zmetadata", "img/"]
    inner = await released.http.get(f"{archive}/img")
    assert sorted(re.findall(r'<a href="([^"]+)"', inner.text)) == [
        ".zarray", "0.0", "1.0", "2.0",
    ]  # fmt: skip


async def test_an_absent_chunk_is_404_and_all_else_403(released: Any, publish: Any) -> None:
    """404 is read as the fill value: what is gone must not look like that."""
    archive = (await publish())["extension"]
    assert (await released.http.get(f"{archive}/img/9.0")).status_code == 404
    assert (await released.http.get(f"{archive}/../..//x")).status_code in (403, 404)
    parts = archive.split("/")
    for place, other in ((4, "nothing"), (5, "other"), (6, "data-v9"), (7, "0" * 64), (7, "x")):
        changed = [*parts[:place], other, *parts[place + 1 :]]
        assert (await released.http.get("/".join(changed))).status_code == 403


async def test_what_was_opened_can_be_read_on(released: Any, publish: Any) -> None:
    before = (await publish())["extension"]
    after = (await publish(description="new"))["extension"]
    assert before != after
    assert (await released.http.get(f"{before}/img/0.0")).content == bytes([0, 1])
    ticket = before.split("/")[8]
    without = before.replace(ticket, "0" * len(ticket))
    assert (await released.http.get(f"{without}/img/0.0")).status_code == 403


async def test_what_becomes_private_is_gone_from_the_web(released: Any, publish: Any) -> None:
    before = (await publish())["extension"]
    after = await publish(access="private")
    assert after["code"]
    assert (await released.http.get(f"{before}/img/0.0")).status_code == 403
    # Not even to its owner: clients send no token there.
    assert (await released.ask("GET", urlsplit(before).path + "/img/0.0")).status_code == 403
    mine = (await released.ask("GET", PATH, "alice")).json()
    assert "root" not in mine
    assert "extension" not in mine


async def test_names_that_cannot_be_links_are_told_not_mangled(released: Any, publish: Any) -> None:
    """The released client takes links for names: a mangled one would be read as fill values."""
    archive = (await publish())["extension"]
    revision = archive.split("/")[7]
    ref = ArtifactRef(ArtifactKind.DATASET, "acme", "data-v1")
    store = await released.storage.open(ArtifactLocation(ref, revision), write=True)
    await store.put([Write("data.zarr/a é+(1)&<b>/0.0", b"x")])
    page = await released.http.get(archive)
    assert 'href="a é+(1)&<b>/"' in page.text
    assert (await released.http.get(f"{archive}/a é+(1)&<b>/0.0")).content == b"x"
    for odd in ("50%", 'a"b', "a#b", "a?b", "a'b"):
        await store.put([Write(f"data.zarr/odd/{odd}", b"x")])
        assert (await released.http.get(f"{archive}/odd")).status_code == 409
        await store.delete([f"data.zarr/odd/{odd}"])
