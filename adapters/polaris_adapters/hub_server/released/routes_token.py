"""The token endpoint of released clients.

Source: RFC 6749 sections 4.3 and 5, RFC 8693 section 2, RFC 8707 section 2.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from polaris.application.native_wire.fields import encoded, parse_urn
from polaris.domain.identity import ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError, PolarisHubError
from polaris.ports.artifacts import ArtifactRecord
from polaris_adapters.hub_server.access import Act, allows
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.reading import body_of
from polaris_adapters.hub_server.released.places import Place, paths_of
from polaris_adapters.hub_server.released.sign_ins import shown_by
from polaris_adapters.hub_server.released.tokens import Purpose
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.replies import Refused

__all__ = ["TokenRoutes", "callback_page"]

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_JWT = "urn:ietf:params:oauth:token-type:jwt"
_ACCESS = "urn:ietf:params:oauth:token-type:access_token"
_UNSTORED = {"cache-control": "no-store", "pragma": "no-cache"}
_FORM = 2**16


class _TokenError(Exception):
    """What the endpoint refuses with (RFC 6749 section 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


class TokenRoutes:
    """Gives out tokens.

    Args:
        wire: What the routes drive.
    """

    def __init__(self, wire: ReleasedWire) -> None:
        self._wire = wire

    async def post_token(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``POST /api/auth/token``.

        Errors have ``error``: a released client takes an object without it for a token, and keeps
        it.
        """
        try:
            form = await _form(request)
            return _reply(await self._granted(form, request))
        except _TokenError as refused:
            told = {"error": refused.error, "error_description": refused.description}
            return _reply(told, refused.status)

    async def _granted(self, form: Mapping[str, str], request: Request) -> Mapping[str, object]:
        grant = form.get("grant_type")
        if grant == "password":
            caller = await self._wire.sign_ins.by_password(
                form.get("username", ""), Secret(form.get("password", ""))
            )
            if caller is None:
                raise _TokenError("invalid_grant", "The hub knows no such user and password")
            return self._hub_token(caller)
        if grant != _EXCHANGE:
            raise _TokenError("unsupported_grant_type", "Send password, or token-exchange")
        subject = form.get("subject_token", "")
        if not subject:
            raise _TokenError("invalid_request", "subject_token is missing")
        if form.get("resource"):
            return await self._storage_token(form, request)
        if form.get("subject_token_type") != _ACCESS:
            raise _TokenError("invalid_request", "subject_token_type is not understood")
        known = await self._wire.sign_ins.by_external_token(Secret(subject))
        if known is None:
            raise _TokenError("invalid_grant", "The hub does not accept this token")
        return self._hub_token(known)

    def _hub_token(self, caller: Caller) -> Mapping[str, object]:
        seconds = self._wire.settings.hub_token
        # No refresh token: clients then ask for a new one in the way they got this one.
        return {
            "access_token": self._wire.tokens.issue(
                Purpose.HUB,
                caller.identity.user.slug,
                seconds,
                scope=" ".join(sorted(caller.scopes)),
                **shown_by(caller),
            ),
            "token_type": "Bearer",
            "issued_token_type": _JWT,
            "expires_in": seconds,
        }

    async def _storage_token(
        self, form: Mapping[str, str], request: Request
    ) -> Mapping[str, object]:
        caller = await self._wire.hub.callers.find(Secret(form["subject_token"]))
        if caller is None:
            raise _TokenError("invalid_grant", "The hub does not accept this token")
        try:
            ref = parse_urn(form["resource"])
        except InvalidInputError as cause:
            raise _TokenError("invalid_target", cause.message) from cause
        scope = form.get("scope", "")
        if scope not in ("read", "write"):
            raise _TokenError("invalid_scope", "Ask for read or for write")
        place, record = await self._place(caller, ref, scope)
        version, uses_zarr = await self._known_of(place, record)
        seconds = self._wire.settings.storage_token
        token = self._wire.tokens.issue(
            Purpose.STORAGE, caller.identity.user.slug, seconds, scope=scope, place=place.text,
            **shown_by(caller),
        )  # fmt: skip
        claims = self._wire.tokens.read(Purpose.STORAGE, token)
        assert claims is not None, "it was signed just now"
        return {
            "access_token": token,
            "token_type": "Storage",
            "issued_token_type": _JWT,
            "expires_in": seconds,
            "extra_data": {
                "key": f"PK{claims['jti']}",
                "secret": self._wire.tokens.secret_of(claims),
                "endpoint": f"{self._wire.base(request)}/s3",
                "paths": paths_of(place, version, uses_zarr=uses_zarr),
            },
        }

    async def _place(
        self, caller: Caller, ref: ArtifactRef, scope: str
    ) -> tuple[Place, ArtifactRecord | None]:
        if scope == "write":
            if not allows(caller, Act.CHANGE, ref.owner):
                raise _TokenError("access_denied", f"You may not change the {ref}", 403)
            announced = await self._wire.uploads.current(ref)
            if announced is None:
                raise _TokenError("invalid_target", f"The {ref} was not announced")
            return Place(ref, upload=announced.upload_id), None
        try:
            record = await self._wire.hub.seen(caller, ref)
        except PolarisHubError as cause:
            raise _TokenError("invalid_target", cause.message) from cause
        ticket = self._wire.hub.tickets.of(record)
        return Place(ref, revision=record.location.revision, ticket=ticket), record

    async def _known_of(self, place: Place, record: ArtifactRecord | None) -> tuple[int, bool]:
        if record is not None:
            version = 2 if record.document.get("version") == 2 else 1
            return version, record.document.get("zarrRootPath") is not None
        announced = await self._wire.uploads.current(place.ref)
        assert announced is not None, "it was there just now"
        archive = announced.body.get("zarrContent") or announced.body.get("zarrRootPath")
        return announced.version, bool(archive)


async def _form(request: Request) -> dict[str, str]:
    try:
        body = await body_of(request, largest=_FORM)
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except (Refused, InvalidInputError, ValueError) as cause:
        raise _TokenError("invalid_request", "The body is not a form") from cause
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _TokenError("invalid_request", "A field is there twice")
    return form


def _reply(told: Mapping[str, object], status: int = 200) -> Response:
    return Response(encoded(told), status, _UNSTORED, media_type="application/json")


async def callback_page(request: Request) -> Response:
    """Answer ``GET /oauth2/callback`` with the code, which released clients ask users to paste."""
    code = request.query_params.get("code", "")
    error = request.query_params.get("error", "")
    if code:
        text = f"<p>Paste this code where you were asked for it:</p><pre>{html.escape(code)}</pre>"
    else:
        text = f"<p>You were not signed in. {html.escape(error)}</p>"
    page = f"<!doctype html><meta charset=utf-8><title>Polaris</title>{text}"
    policy = {"content-security-policy": "default-src 'none'", "referrer-policy": "no-referrer"}
    return HTMLResponse(page, 200 if code else 400, {**_UNSTORED, **policy})
