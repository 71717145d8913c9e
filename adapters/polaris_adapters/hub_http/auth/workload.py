"""The identity that machines of others give their jobs: GitHub, GitLab, or a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import attrs

from polaris.domain.secret import Secret
from polaris.errors import PolarisHubError, SignInError
from polaris_adapters.hub_http.auth.token_replies import is_sendable
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["GitHubIdentity", "GivenIdentity", "IdentityFile", "WorkloadIdentity", "found_identity"]

_LARGEST = 65536


class WorkloadIdentity(Protocol):
    """Gives a token by which others say who this job is."""

    @property
    def name(self) -> str:
        """Where it is from, a few words."""
        ...

    async def token(self) -> Secret:
        """Return a fresh one.

        Raises:
            SignInError: There is none.
        """
        ...


@attrs.frozen
class IdentityFile:
    """A token in a file that somebody else keeps fresh, such as Kubernetes."""

    path: Path

    @property
    def name(self) -> str:
        """See `WorkloadIdentity`."""
        return f"the identity token in {self.path}"

    async def token(self) -> Secret:
        """Read the file anew; see `WorkloadIdentity`."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> Secret:
        hint = "Check identity_token_file, and that the platform mounts it."
        try:
            with self.path.open("rb") as file:
                text = file.read(_LARGEST).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as cause:
            raise SignInError(
                f"Cannot read {self.name}: {type(cause).__name__}", hint=hint
            ) from None
        return _checked(text, self.name, hint)


@attrs.frozen
class GivenIdentity:
    """A token in a variable of the environment, as GitLab sets those of ``id_tokens``."""

    variable: str
    value: Secret

    @property
    def name(self) -> str:
        """See `WorkloadIdentity`."""
        return f"the identity token in {self.variable}"

    async def token(self) -> Secret:
        """See `WorkloadIdentity`."""
        return _checked(self.value.reveal().strip(), self.name, f"Check {self.variable}.")


@attrs.frozen
class GitHubIdentity:
    """A token that GitHub's runner gives to jobs with the permission ``id-token: write``.

    Attributes:
        session: Sends the request.
        url: Where the runner gives it.
        request_token: Allows to ask the runner.
        audience: Whom the token is for.
    """

    session: HttpSession
    url: str
    request_token: Secret
    audience: str

    @property
    def name(self) -> str:
        """See `WorkloadIdentity`."""
        return "the identity that GitHub gives this job"

    async def token(self) -> Secret:
        """Ask the runner; see `WorkloadIdentity`."""
        separator = "&" if "?" in self.url else "?"
        call = Call(
            "GET",
            f"{self.url}{separator}{urlencode({'audience': self.audience})}",
            "ask GitHub who this job is",
            headers={"authorization": f"Bearer {self.request_token.reveal()}"},
            authorize=False,
        )
        hint = "Give the job the permission 'id-token: write'."
        try:
            body = json_object(await self.session.send(call))
        except PolarisHubError as error:
            if error.retryable:
                raise
            raise SignInError(error.message, hint=hint, status=error.status) from None
        return _checked(body.get("value"), self.name, hint)


def _checked(value: object, name: str, hint: str) -> Secret:
    if not is_sendable(value):
        raise SignInError(f"There is no token in {name}", hint=hint)
    return Secret(str(value))


def found_identity(
    session: HttpSession, environment: Mapping[str, str], *, file: Path | None, hub_url: str
) -> WorkloadIdentity | None:
    """Return the identity that the surroundings offer; None where they offer none.

    Args:
        session: Sends requests.
        environment: Variables of the process.
        file: A file that the user named; it wins.
        hub_url: Whom the token is for.
    """
    if file is not None:
        return IdentityFile(file)
    if environment.get("POLARIS_ID_TOKEN"):
        return GivenIdentity("POLARIS_ID_TOKEN", Secret(environment["POLARIS_ID_TOKEN"]))
    url = environment.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    token = environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if url and token:
        return GitHubIdentity(session, url, Secret(token), hub_url)
    return None
