"""Parameters and headers that several operations have in common."""

from __future__ import annotations

from polaris_adapters.hub_server.openapi.describing import Json, parameter, schema
from polaris_adapters.hub_server.openapi.schemas_values import TEXT, TIME
from polaris_adapters.hub_server.released.places import BUCKET

__all__ = ["HEADERS", "PARAMETERS"]

_TAG = '"[0-9a-f]{64}(-[0-9a-f]{16})?"'
_SECONDS: Json = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_DIGEST: Json = {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"}


# RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core section 3.1.2.1.
_OAUTH = {
    "response_type": "code",
    "response_mode": "query",
    "client_id": "The client.",
    "redirect_uri": "Where the answer goes.",
    "scope": "Words, separated by blanks.",
    "state": "Comes back with the answer.",
    "nonce": "Comes back in the ID token.",
    "code_challenge": "SHA-256 of the verifier, base64url.",
    "code_challenge_method": "S256",
    "prompt": "none, or any of login, consent and select_account.",
    "max_age": "Seconds since the user has signed in, at most.",
    "login_hint": "Name of the user.",
    "id_token_hint": "An ID token of the user.",
    "code": "The code.",
    "error": "Why there is no code.",
    "iss": "Who answers.",
    "next": "Where to go on afterwards: a page of the hub.",
    "again": "1: also who is signed in is asked to.",
    "user_code": "The code that the device shows.",
    "done": "What was done.",
    "post_logout_redirect_uri": "Where to go on afterwards.",
    "v": "Changes with the file.",
}


def _path(name: str, body: Json, about: str) -> tuple[str, Json]:
    return f"path.{name}", parameter(name, body, about, place="path")


def _query(name: str, body: Json, about: str, **more: object) -> tuple[str, Json]:
    return f"query.{name}", parameter(name, body, about, **more)  # type: ignore[arg-type]


def _header(name: str, body: Json, about: str, *, key: str | None = None) -> tuple[str, Json]:
    return f"header.{key or name}", parameter(name, body, about, place="header")


def _several(body: Json) -> Json:
    return {"type": "array", "items": body, "maxItems": 32}


_PATH = dict(
    [
        _path("kind", schema("Kind"), "Kind of the artifact."),
        _path("owner", schema("Slug"), "Who has the artifact."),
        _path("slug", schema("Slug"), "Name of the artifact, or of the account."),
        _path("name", schema("Name"), "Name of the artifact."),
        _path("revision", schema("Revision"), "The revision."),
        _path("key", schema("Key"), "Key of an object; it may have '/' in it."),
        _path("user", schema("Slug"), "Slug of a user."),
        _path(
            "version",
            {"type": "string", "pattern": "^([1-9][0-9]{0,8}|[0-9a-f]{64})$"},
            "Number of a version, or its revision.",
        ),
        _path(
            "id",
            {"type": "string", "pattern": "^([0-9a-f]{16}|[0-9a-f]{64})$"},
            "Id of a token, as the list of tokens has it.",
        ),
        _path(
            "what",
            {"type": "string", "enum": ["tokens", "programs", "sessions"]},
            "What is taken back.",
        ),
        _path("ticket", {"type": "string", "minLength": 1}, "Ticket of a public revision."),
        _path("bucket", {"type": "string", "enum": [BUCKET]}, "Name of the bucket."),
    ]
)

_LISTING = dict(
    [
        _query(
            "limit",
            {"type": "integer", "minimum": 0, "maximum": 1000, "default": 100},
            "Most entries of the page.",
        ),
        _query("cursor", TEXT, "Goes on behind the page that told it, in the same order."),
        _query(
            "offset",
            {"type": "integer", "minimum": 0, "default": 0},
            "Passes over so many; without regard where there is a cursor.",
        ),
        _query("owner", schema("Slug"), "Only those of this owner."),
        _query("subject", schema("Urn"), "Only those about this artifact."),
        _query("text", TEXT, "Each of its words begins a word of the artifact's texts."),
        _query("tag", _several(TEXT), "Only those with all of these tags."),
        _query(
            "version",
            _several({"type": "integer", "minimum": 1, "maximum": 999_999_999}),
            "Only those whose documents are of one of these versions.",
        ),
        _query("createdSince", TIME, "Only those first published at or after this time."),
        _query("updatedSince", TIME, "Only those published at or after this time."),
        _query(
            "sort",
            {"type": "string", "enum": ["created", "updated", "name"], "default": "created"},
            "What they are ordered by.",
        ),
        _query(
            "order",
            {"type": "string", "enum": ["asc", "desc"]},
            "Times begin with the newest, names with the first, unless told otherwise.",
        ),
        _query(
            "withTotal",
            {"type": "boolean", "default": False},
            "Whether those that match are counted.",
        ),
        _query(
            "privateOf",
            {"type": "array", "items": schema("Slug"), "minItems": 1},
            "Owners whose private artifacts alone are listed beside the public ones.",
            style="form",
            explode=False,
        ),
    ]
)

_OTHERS = dict(
    [
        (
            "query.ownerOfTombstones",
            parameter("owner", schema("Slug"), "Whose tombstones.", required=True),
        ),
        (
            "query.limitOfReleased",
            parameter(
                "limit",
                {"type": "integer", "minimum": 0, "maximum": 10_000, "default": 100},
                "Most entries of the page.",
            ),
        ),
        (
            "query.limitOfObjects",
            parameter(
                "limit",
                {"type": "integer", "minimum": 0, "maximum": 100_000, "default": 100_000},
                "Most objects of the page.",
            ),
        ),
        _query("after", TEXT, "Goes on behind this one."),
        (
            "query.prefix",
            parameter(
                "prefix",
                {"anyOf": [schema("Key"), {"const": ""}], "default": ""},
                "Only what is below this folder.",
            ),
        ),
        _query("ticket", TEXT, "Ticket of a public revision that is the newest no more."),
        _query(
            "ifExists",
            {"type": "string", "enum": ["raise", "replace", "skip"], "default": "replace"},
            "What is done with what is there already.",
        ),
        _query("type", {"type": "string", "enum": ["user", "organization"]}, "Only of this type."),
        _query("method", {"type": "string", "enum": ["GET", "PUT"]}, "Signed.", required=True),
        _query("expires", _SECONDS, "Signed: when it ends, seconds since 1970.", required=True),
        _query("signature", schema("Sha256"), "The signature.", required=True),
        _query("size", _SECONDS, "Signed: bytes of what is put."),
        _query("sha256", schema("Sha256"), "Signed: SHA-256 of what is put."),
        _query("new", {"type": "string", "const": "1"}, "Signed: nothing is replaced."),
        _query(
            "sig", {"type": "string", "minLength": 1}, "What the hub has signed.", required=True
        ),
        _header(
            "Idempotency-Key",
            {"type": "string", "pattern": "^[!-~]{1,200}$"},
            "Names the call: made again within ten minutes, it gets the same reply, and is not "
            "done again. The key may not be used for another call.",
        ),
        _header(
            "If-None-Match",
            TEXT,
            "ETags that the caller has: 304 if one of them is that of the reply.",
        ),
        _header(
            "If-None-Match",
            {"type": "string", "const": "*"},
            "Only if it is not there yet.",
            key="If-None-Match-Any",
        ),
        _header(
            "If-Match",
            {"type": "string", "pattern": f"^{_TAG}$"},
            "ETag of a record whose revision has to be the newest one.",
        ),
        _header(
            "If-Match", TEXT, "The ETag that the object has to have, or *.", key="If-Match-Object"
        ),
        _header(
            "Range",
            TEXT,
            "One range of bytes (RFC 9110 section 14.2); what is none is passed over.",
        ),
        _header(
            "Content-Digest",
            {"type": "string", "examples": [f"sha-256=:{'A' * 43}=:"]},
            "Digests of the body (RFC 9530); that by sha-256 is compared with it.",
        ),
        _header(
            "Content-MD5",
            {"type": "string", "pattern": "^[A-Za-z0-9+/]{21}[AQgw]==$"},
            "MD5 of the body; compared with it.",
        ),
        *(_query(name, TEXT, about) for name, about in _OAUTH.items()),
    ]
)

PARAMETERS: dict[str, Json] = {**_PATH, **_LISTING, **_OTHERS}

HEADERS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "Identifier of the request: the caller's own, if it sent one.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    },
    "Content-Digest": {
        "description": "SHA-256 of the body (RFC 9530), unless that is sent in pieces.",
        "schema": _DIGEST,
    },
    "ETag": {
        "description": "Names this state of what was asked for.",
        "schema": {"type": "string", "pattern": '^"[^"]+"$'},
    },
    "Link": {"description": "Where the next page is (RFC 8288).", "schema": TEXT},
    "Last-Modified": {"description": "When the object was written.", "schema": TEXT},
    "Accept-Ranges": {
        "description": "Parts of it may be asked for.",
        "schema": {"type": "string", "const": "bytes"},
    },
    "Content-Range": {
        "description": "Which part this is, and of how many bytes.",
        "schema": {"type": "string", "pattern": "^bytes ([0-9]+-[0-9]+|\\*)/[0-9]+$"},
    },
    "WWW-Authenticate": {"description": "How to be let in (RFC 9110 11.6.1).", "schema": TEXT},
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Location": {"description": "Where to go on.", "schema": TEXT},
    "Cache-Control": {"description": "Who may keep it, and how long.", "schema": TEXT},
    "RateLimit": {
        "description": "Requests that are left, where operators bound how many there may be.",
        "schema": TEXT,
    },
}
