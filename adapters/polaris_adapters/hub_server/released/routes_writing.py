"""What released clients publish."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.fetch_dataset import FetchDataset
from polaris.application.native_wire.fields import Fields
from polaris.application.null_progress import NullProgress
from polaris.application.publish_benchmark import PublishBenchmark, PublishResults
from polaris.application.publish_model import PublishModel
from polaris.application.submit_predictions import SubmitPredictions
from polaris.codec.competitions import submission_from_document
from polaris.codec.documents import (
    benchmark_from_document,
    model_from_document,
    results_from_document,
)
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.model import Model
from polaris.domain.results import BenchmarkResultsV1, BenchmarkResultsV2
from polaris.domain.submissions import CompetitionPredictions
from polaris.errors import (
    ArtifactNotFoundError,
    InvalidInputError,
    PolarisChecksumError,
    PolarisCreateArtifactError,
    Problem,
)
from polaris.ports.artifacts import Access, ArtifactRecord
from polaris_adapters.hub_server.access import refusal
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.endpoints import Handler
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.publication_rules import require_publication
from polaris_adapters.hub_server.reading import json_of
from polaris_adapters.hub_server.released.announced import Announced
from polaris_adapters.hub_server.released.caller_identity import CallerIdentity
from polaris_adapters.hub_server.released.completing import publisher
from polaris_adapters.hub_server.released.documents_in import (
    access_of,
    plain_document,
    subject_of,
)
from polaris_adapters.hub_server.released.routes_reading import named
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.replies import json_reply

__all__ = ["WritingRoutes"]


class WritingRoutes:
    """Takes in what is published; objects follow by other roads.

    Args:
        wire: What the routes drive.
    """

    def __init__(self, wire: ReleasedWire) -> None:
        self._wire = wire

    def announce(self, kind: ArtifactKind, version: int) -> Handler:
        """Return what answers ``PUT /api/v{version}/{kind}/{owner}/{name}``, before the objects."""

        async def put_announcement(hub: Hub, caller: Caller | None, request: Request) -> Response:
            ref = named(kind, request)
            hub.require_change(caller, ref, "publish")
            assert caller is not None, "nobody may change anything"
            body = await json_of(request, largest=hub.limits.document)
            access = access_of(body, self._wire.settings.access)
            await self._check(caller, ref, body, access)
            by = caller.identity.user.slug
            await self._wire.uploads.announce(Announced(ref, version, by, access, body.values))
            name = request.path_params["name"]
            place = f"{self._wire.base(request)}/api/v1/storage/dataset/{ref.owner}/{name}"
            return json_reply(_told(ref) | {"tableContent": {"url": f"{place}/table.parquet"}})

        return put_announcement

    async def _check(self, caller: Caller, ref: ArtifactRef, body: Fields, access: Access) -> None:
        """Refuse what could not be published when it is complete."""
        hub = self._wire.hub
        if ref.kind is ArtifactKind.DATASET and not body.optional_text("license"):
            problem = Problem("license", "is required to publish", "Set dataset.license.")
            raise InvalidInputError(problems=[problem])
        subject = None
        if ref.kind is not ArtifactKind.DATASET:
            subject = (await _subject(hub, caller, subject_of(body.values, ref))).ref
        await _parent(hub, caller, ref, body)
        await require_publication(hub, caller, ref, access=access, subject=subject)

    async def put_benchmark(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``PUT /api/v1/benchmark/{owner}/{name}``."""
        ref = named(ArtifactKind.BENCHMARK, request)
        hub.require_change(caller, ref, "publish")
        body = await json_of(request, largest=hub.limits.document)
        access = access_of(body, self._wire.settings.access)
        subject = await _subject(hub, caller, subject_of(body.values, ref))
        parent = await _parent(hub, caller, ref, body)
        dataset = await self._dataset(subject)
        await require_publication(hub, caller, ref, access=access, subject=subject.ref)
        document = plain_document(ref, body.values)
        benchmark = await asyncio.to_thread(
            benchmark_from_document, document, dataset=dataset, cls=BenchmarkV1Specification
        )
        said = body.optional_text("md5Sum")
        # The oldest generation leaves archives out of its checksums.
        is_old_sum = "version" not in body.values and dataset.uses_zarr
        found = await asyncio.to_thread(lambda: benchmark.md5sum)
        if said is not None and said != found and not is_old_sum:
            raise PolarisChecksumError(
                f"The checksum of the benchmark is {found}, its announcement says {said}",
                hint="Load its dataset from the hub, and build the benchmark on it.",
            )
        publish = PublishBenchmark(publisher(hub))
        await publish(benchmark, access=access, owner=ref.owner, parent_artifact_id=parent)
        return json_reply(_told(ref))

    async def _dataset(self, record: ArtifactRecord) -> DatasetV1:
        hub = self._wire.hub
        fetch = FetchDataset(hub.artifacts, hub.storage, self._wire.archives, NullProgress())
        if record.document.get("version") == 2:
            raise PolarisCreateArtifactError(
                f"The {record.ref} is an archive, where a benchmark of version 1 needs a table",
                hint="Publish the benchmark as one of version 2.",
            )
        return await fetch(
            record.ref.owner, record.ref.slug, verify_checksum="ignore", cls=DatasetV1
        )

    async def put_model(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``PUT /api/v2/model/{owner}/{name}``."""
        ref = named(ArtifactKind.MODEL, request)
        hub.require_change(caller, ref, "publish")
        assert caller is not None, "nobody may change anything"
        body = await json_of(request, largest=hub.limits.document)
        return await self._model(caller, ref, body)

    async def post_model(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``POST /api/v2/model``, as clients up to 0.11.10 have it."""
        known, body = await _signed_in(hub, caller, request, "publish a model")
        ref = _own_ref(ArtifactKind.MODEL, known, body)
        hub.require_change(known, ref, "publish")
        return await self._model(known, ref, body)

    async def _model(self, caller: Caller, ref: ArtifactRef, body: Fields) -> Response:
        hub = self._wire.hub
        access = access_of(body, self._wire.settings.access)
        parent = await _parent(hub, caller, ref, body)
        await require_publication(hub, caller, ref, access=access)
        model = model_from_document(plain_document(ref, body.values), Model)
        publish = PublishModel(publisher(hub), CallerIdentity(caller.identity))
        await publish(model, access=access, owner=ref.owner, parent_artifact_id=parent)
        return json_reply(_told(ref))

    async def post_result(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``POST /api/v2/result`` and ``/api/v1/result``."""
        known, body = await _signed_in(hub, caller, request, "publish results")
        access = access_of(body, self._wire.settings.access)
        owner = _owner(known, body)
        named_ref = ArtifactRef.of(ArtifactKind.RESULT, owner, body.optional_text("name") or "none")
        hub.require_change(known, named_ref, "publish results as")
        subject = await _subject(hub, known, subject_of(body.values, named_ref))
        await require_publication(hub, known, named_ref, access=access, subject=subject.ref)
        document = {k: v for k, v in body.values.items() if k not in _DERIVED}
        document |= {"owner": owner, "benchmarkArtifactId": subject.ref.artifact_id}
        # Both versions say that they are of version 1.
        cls = BenchmarkResultsV2 if subject.document.get("version") == 2 else BenchmarkResultsV1
        results = results_from_document(document, cls)
        publish = PublishResults(publisher(hub), CallerIdentity(known.identity))
        record = await publish(results, access=access, owner=owner)
        return json_reply(_told(record.ref), status=201)

    async def post_competition_prediction(
        self, hub: Hub, caller: Caller | None, request: Request
    ) -> Response:
        """Answer ``POST /api/v1/competition-prediction``."""
        known, body = await _signed_in(hub, caller, request, "submit predictions")
        ref = _own_ref(ArtifactKind.COMPETITION_PREDICTION, known, body)
        hub.require_change(known, ref, "submit as")
        access = access_of(body, "private")
        subject = await _subject(hub, known, subject_of(body.values, ref))
        await require_publication(
            hub, known, ref, access=access, subject=subject.ref, evaluate=True
        )
        document = plain_document(ref, body.values)
        predictions = await asyncio.to_thread(
            submission_from_document, document, CompetitionPredictions
        )
        submit = SubmitPredictions(publisher(hub), self._wire.archives, hub.clock)
        record = await submit.to_competition(predictions, subject.ref.artifact_id, access=access)
        return json_reply(_told(record.ref), status=201)


# Computed from the rest, or said of the upload.
_DERIVED = frozenset({"access", "artifactId", "urn", "version", "parentArtifactId"})


def _told(ref: ArtifactRef) -> dict[str, Any]:
    return {"id": ref.slug, "slug": ref.slug, "artifactId": ref.artifact_id, "urn": ref.urn}


async def _signed_in(
    hub: Hub, caller: Caller | None, request: Request, what: str
) -> tuple[Caller, Fields]:
    if caller is None:
        raise refusal(None, what)
    return caller, await json_of(request, largest=hub.limits.document)


def _owner(caller: Caller, body: Fields) -> str:
    found: Any = body.values.get("owner")
    if isinstance(found, Mapping):
        found = found.get("slug")
    if found is None:
        return caller.identity.user.slug
    if not isinstance(found, str):
        raise body.wrong("owner", "a text")
    return found


def _own_ref(kind: ArtifactKind, caller: Caller, body: Fields) -> ArtifactRef:
    name = body.optional_text("slug") or body.text("name")
    return ArtifactRef.of(kind, _owner(caller, body), name)


async def _subject(hub: Hub, caller: Caller | None, ref: ArtifactRef) -> ArtifactRecord:
    """Return what something is about, if the caller may see it."""
    try:
        return await hub.seen(caller, ref)
    except ArtifactNotFoundError as cause:
        raise PolarisCreateArtifactError(
            f"The hub has no {ref}, which this is about", hint="Publish that first."
        ) from cause


async def _parent(hub: Hub, caller: Caller | None, ref: ArtifactRef, body: Fields) -> str | None:
    found = body.optional_text("parentArtifactId")
    if found is not None:
        await _subject(hub, caller, ArtifactRef.parse(ref.kind, found))
    return found
