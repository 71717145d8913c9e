"""What is asked of the server, case by case, as whole requests of HTTP."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote, urlencode

import attrs

from benchmarks.hub_load.corpus import (
    BUSY_OWNER,
    CALLER,
    NONE,
    START,
    STEP,
    Corpus,
    document_of,
)
from polaris.application.native_wire.records import draft_to_json
from polaris.domain.checksums.sha256sums import revision_of
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactDraft
from polaris_adapters.sql_catalogue.cursors import Cursor
from polaris_adapters.sql_catalogue.moments import from_microseconds

__all__ = ["CASES", "Asking"]

# Different requests of one case; they are asked over and over.
_VARIETY = 200
_PAGE = 20
# Publications that a client has ready; one takes two requests.
_PUBLICATIONS = 400


@attrs.frozen
class Asking:
    """Makes the requests of one hub.

    Attributes:
        corpus: What is on it.
        host: Header Host.
        token: Of the user in whose name private artifacts are listed.
        run: Names this run, so that what it publishes was never published before.
    """

    corpus: Corpus
    host: str
    token: str
    run: str

    def request(self, path: str, *, signed_in: bool = False, body: bytes | None = None) -> str:
        """Return a request: GET, or POST where there is a body."""
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"host: {self.host}"]
        if signed_in:
            lines.append(f"authorization: Bearer {self.token}")
        if body is not None:
            lines += ["content-type: application/json", f"content-length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]) + (body or b"").decode("latin-1")

    def page(self, asked: Mapping[str, str] | None = None, *, signed_in: bool = False) -> str:
        """Return a request for a page of datasets."""
        query = urlencode({"limit": _PAGE, **(asked or {})})
        return self.request(f"/api/v3/dataset?{query}", signed_in=signed_in)

    def cursor(self, number: int, *, sort: str = "created") -> str:
        """Return the cursor of a page that ends at an artifact, without walking there."""
        made = self.corpus.made(number)
        ref, value = made.draft.ref, made.updated_at if sort == "updated" else made.created_at
        assert sort in ("created", "updated")
        kind = ArtifactKind.DATASET.value
        return Cursor(sort, True, kind, value, ref.owner, ref.slug).text  # type: ignore[arg-type]

    def middle(self) -> Iterator[int]:
        """Yield numbers of artifacts around the middle of the hub."""
        half = self.corpus.size // 2
        yield from range(half - _VARIETY // 2, half + _VARIETY // 2)


def _repeated(make: Callable[[Asking], str]) -> Callable[[Asking], list[str]]:
    return lambda asking: [make(asking)]


def _get(asking: Asking) -> list[str]:
    return [
        asking.request(
            f"/api/v3/{made.draft.ref.kind}/{made.draft.ref.owner}/{made.draft.ref.slug}"
        )
        for made in asking.corpus.public(_VARIETY)
    ]


def _get_signed_in(asking: Asking) -> list[str]:
    return [
        asking.request(
            f"/api/v3/dataset/{made.draft.ref.owner}/{made.draft.ref.slug}", signed_in=True
        )
        for made in asking.corpus.public(_VARIETY)
    ]


def _versions(asking: Asking) -> list[str]:
    return [
        asking.request(f"/api/v3/dataset/{made.draft.ref.owner}/{made.draft.ref.slug}/versions")
        for made in asking.corpus.public(_VARIETY)
    ]


def _owners(asking: Asking) -> list[str]:
    owners = [BUSY_OWNER, *(made.draft.ref.owner for made in asking.corpus.public(_VARIETY))]
    return [asking.page({"owner": owner}) for owner in owners]


def _subjects(asking: Asking) -> list[str]:
    found = asking.corpus.public(_VARIETY, kind=ArtifactKind.RESULT)
    urns = [made.draft.subject.urn for made in found if made.draft.subject is not None]
    return [asking.request(f"/api/v3/result?limit={_PAGE}&subject={quote(urn)}") for urn in urns]


def _middle_pages(**asked: str) -> Callable[[Asking], list[str]]:
    def make(asking: Asking) -> list[str]:
        sort = asked.get("sort", "created")
        return [
            asking.page({"cursor": asking.cursor(number, sort=sort), **asked})
            for number in asking.middle()
        ]

    return make


def _last_pages(asking: Asking) -> list[str]:
    return [asking.page({"cursor": asking.cursor(number)}) for number in range(33, 40)]


def _searches(which: Sequence[int], **asked: str) -> Callable[[Asking], list[str]]:
    """Search for words of artifacts: by index, the one in all, in a tenth, in a few."""

    def make(asking: Asking) -> list[str]:
        found = asking.corpus.public(_VARIETY)
        texts = [" ".join(made.words[i] for i in which) for made in found]
        return [asking.page({"text": text, **asked}) for text in texts]

    return make


def _since(**asked: str) -> Callable[[Asking], list[str]]:
    def make(asking: Asking) -> list[str]:
        since = from_microseconds(START + int(asking.corpus.size * 0.99) * STEP)
        return [asking.page({"updatedSince": since.isoformat(), **asked})]

    return make


def publications(asking: Asking, client: int) -> list[tuple[str, str]]:
    """Return publications of datasets without objects: two requests each."""
    found = []
    for number in range(_PUBLICATIONS):
        slug = f"new-{asking.run}-{client}-{number}"
        ref = ArtifactRef(ArtifactKind.DATASET, CALLER, slug)
        document = document_of(slug, CALLER, "a dataset that is published", tag="new")
        revision = revision_of(document, NONE)
        draft = ArtifactDraft(ref, document, "public", revision)
        body = json.dumps(draft_to_json(draft)).encode()
        path = f"/api/v3/dataset/{CALLER}/{slug}/publications"
        found.append(
            (
                asking.request(path, signed_in=True, body=body),
                asking.request(f"{path}/{revision}/commit", signed_in=True, body=body),
            )
        )
    return found


def mixed(asking: Asking, client: int) -> list[str]:
    """Return what a client does among others: of 20 calls, 17 read, 3 (and their ends) write."""
    r = random.Random(client)
    reading = [
        *_get(asking),
        *_get_signed_in(asking)[:50],
        *(asking.page() for _ in range(100)),
        *(asking.page(signed_in=True) for _ in range(50)),
        *_middle_pages()(asking)[:50],
        *_searches([1])(asking)[:50],
        *_searches([2])(asking)[:50],
        *_versions(asking)[:30],
    ]
    found: list[str] = []
    for begun, committed in publications(asking, client):
        found += [*r.choices(reading, k=18), begun, committed]
    return found


CASES: dict[str, Callable[[Asking], list[str]]] = {
    "get": _get,
    "get, signed in": _get_signed_in,
    "versions": _versions,
    "list": _repeated(Asking.page),
    "list, half-way": _middle_pages(),
    "list, last page": _last_pages,
    "list, signed in": _repeated(lambda asking: asking.page(signed_in=True)),
    "list by update": _repeated(lambda asking: asking.page({"sort": "updated"})),
    "list by update, half-way": _middle_pages(sort="updated"),
    "list of an owner": _owners,
    "results of a benchmark": _subjects,
    "search: in all": _searches([0]),
    "search: in a tenth": _searches([1]),
    "search: in a few": _searches([2]),
    "search: three words": _searches([0, 1, 2]),
    "search: in all, half-way": _middle_pages(text="dataset"),
    "search: in a tenth, half-way": _middle_pages(text="protein50"),
    "search: in a tenth, signed in": lambda asking: [
        asking.page({"text": made.words[1]}, signed_in=True)
        for made in asking.corpus.public(_VARIETY)
    ],
    "search by update: in a tenth": _searches([1], sort="updated"),
    "search by name: in all": _searches([0], sort="name"),
    "updated since, by creation": _since(),
    "updated since, by update": _since(sort="updated"),
    "list with total": _repeated(lambda asking: asking.page({"withTotal": "true"})),
    "search with total: in all": _searches([0], withTotal="true"),
}
"""All but the mixed load: what each asks for."""
