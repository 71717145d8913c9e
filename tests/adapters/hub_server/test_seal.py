"""A revision is published when all that it is of has arrived, and not before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs
import httpx
import pytest

from polaris.application.layout import MANIFEST
from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactDraft, ArtifactLocation
from polaris.ports.storage import StoragePort, Write, digest_of
from polaris.testing import FaultyStorage
from polaris_adapters.hub_server import Hub

Ask = Callable[..., Awaitable[httpx.Response]]
BodyOf = Callable[[ArtifactDraft], bytes]

REF = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")
OBJECTS = {f"data.zarr/x/{i}": b"chunk %d" % i for i in range(3)} | {"table.parquet": b"table"}
PATH = "/api/v3/dataset/acme/molecules"


def _draft(objects: dict[str, bytes]) -> tuple[ArtifactDraft, Sha256Manifest]:
    document = {"artifactId": "acme/molecules", "value": 1.5, "text": "é"}
    manifest = Sha256Manifest.of({k: digest_of(k, data).sha256 for k, data in objects.items()})
    return ArtifactDraft(REF, document, "private", revision_of(document, manifest)), manifest


async def _begin(ask: Ask, draft: ArtifactDraft, body_of: BodyOf) -> str:
    reply = await ask("POST", f"{PATH}/publications", content=body_of(draft))
    assert reply.status_code == 201, reply.text
    return f"{PATH}/publications/{draft.revision}/commit"


async def _put(ask: Ask, draft: ArtifactDraft, objects: dict[str, bytes]) -> None:
    for key, data in objects.items():
        url = f"{PATH}/revisions/{draft.revision}/objects/{key}"
        assert (await ask("PUT", url, content=data)).status_code == 201


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"table.parquet": None}, ["table.parquet"]),
        ({"data.zarr/x/0": None, "data.zarr/x/2": None}, ["data.zarr/x/0", "data.zarr/x/2"]),
        ({"table.parquet": b"TABLE"}, ["table.parquet"]),
        ({"table.parquet": b"table and more"}, ["table.parquet"]),
        ({MANIFEST: None}, [MANIFEST]),
        ({MANIFEST: b""}, [MANIFEST]),
        ({MANIFEST: b"no manifest"}, [MANIFEST]),
        ({MANIFEST: b"\xff"}, [MANIFEST]),
        ({MANIFEST: b"0" * 64 + b"  table.parquet\n"}, [MANIFEST]),
    ],
)
async def test_a_half_upload_is_refused_with_what_is_missing(
    ask: Ask, body_of: BodyOf, change: dict[str, bytes | None], keys: list[str]
) -> None:
    draft, manifest = _draft(OBJECTS)
    commit = await _begin(ask, draft, body_of)
    whole = OBJECTS | {MANIFEST: manifest.text.encode()}
    there = {key: data for key, data in (whole | change).items() if data is not None}
    await _put(ask, draft, there)
    refused = await ask("POST", commit, content=body_of(draft))
    assert refused.status_code == 409
    assert refused.json()["code"] == "incomplete_upload"
    assert refused.json()["keys"] == keys
    assert (await ask("GET", PATH)).status_code == 404
    await _put(ask, draft, whole)
    assert (await ask("POST", commit, content=body_of(draft))).status_code == 200
    assert (await ask("GET", PATH)).json()["revision"] == draft.revision


async def test_the_revision_is_the_checksum_of_document_and_manifest(
    ask: Ask, body_of: BodyOf
) -> None:
    draft, manifest = _draft(OBJECTS)
    other = attrs.evolve(draft, document={**draft.document, "value": 2.5})
    commit = await _begin(ask, other, body_of)
    await _put(ask, other, OBJECTS | {MANIFEST: manifest.text.encode()})
    assert (await ask("POST", commit, content=body_of(other))).status_code == 409


async def test_a_manifest_names_objects_only(ask: Ask, body_of: BodyOf) -> None:
    document = {"artifactId": "acme/molecules"}
    manifest = Sha256Manifest.of({"../other": "0" * 64})
    draft = ArtifactDraft(REF, document, "private", revision_of(document, manifest))
    commit = await _begin(ask, draft, body_of)
    await _put(ask, draft, {MANIFEST: manifest.text.encode()})
    refused = await ask("POST", commit, content=body_of(draft))
    assert (refused.status_code, refused.json()["keys"]) == (409, [MANIFEST])


async def test_what_needs_no_objects_needs_no_manifest(ask: Ask, body_of: BodyOf) -> None:
    draft, _ = _draft({})
    commit = await _begin(ask, draft, body_of)
    assert (await ask("POST", commit, content=body_of(draft))).status_code == 200


@attrs.frozen
class _Counted:
    """Artifact storage whose calls are counted."""

    inner: ArtifactStorage
    opened: list[FaultyStorage] = attrs.field(factory=list)

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        self.opened.append(FaultyStorage(await self.inner.open(location, write=write)))
        return self.opened[-1]


async def test_a_commit_looks_in_batches(hub: Hub, body_of: BodyOf) -> None:
    from polaris.application.check_seal import check_seal

    objects = {f"data.zarr/{i}": b"%d" % i for i in range(2500)}
    draft, manifest = _draft(objects)
    storage = _Counted(hub.storage)
    store = await storage.open(ArtifactLocation(REF, draft.revision), write=True)
    await store.put([Write(key, data) for key, data in objects.items()])
    await store.put([Write(MANIFEST, manifest.text.encode())])
    await check_seal(draft.document, draft.revision, store, what="it")
    # Three batches of stat; what nobody has looked at on its way in is read.
    assert storage.opened[0].calls == {"put": 2, "get": 1, "stat": 3, "digest": 3}
