"""Looking at the way to a hub: name, proxy, connection, certificate, answer, clock."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import attrs

from polaris.errors import PolarisError
from polaris.ports.diagnosis import Finding, Outcome
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.certificates import SeenCertificate, seen_certificate
from polaris_adapters.hub_http.failures import of_connection
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.generation import FoundGeneration
from polaris_adapters.hub_http.origins import is_loopback, origin_of, without_query
from polaris_adapters.hub_http.proxies import proxy_for
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.trust import connection_trust

__all__ = ["HttpDiagnosis"]

_NETWORK = 7
# Seconds for one step, where the settings allow more.
_PATIENCE = 10.0
# A clock that is off by more counts tokens as ended that are not, seconds.
_SKEW = 30.0
# Days before its end at which a certificate should have been renewed.
_SOON = 14
_CHECK_ADDRESS = "Check hub_url, and the network; in a company, whether a proxy is needed."


@attrs.frozen
class HttpDiagnosis:
    """A `Diagnosis` of the way to a hub over HTTP.

    Attributes:
        session: Makes the calls; its policy should make each but once.
        generation: Finds out what kind of hub it is.
    """

    session: HttpSession
    generation: FoundGeneration

    @property
    def _url(self) -> str:
        return self.session.api_url

    @property
    def _patience(self) -> float:
        allowed = self.session.options.arguments["timeout"].connect
        return _PATIENCE if allowed is None else min(_PATIENCE, float(allowed))

    async def findings(self) -> AsyncIterator[Finding]:
        """See `Diagnosis.findings`."""
        # With connections of its own, so that several may look at once.
        session = attrs.evolve(self.session)
        generation = attrs.evolve(self.generation, session=session)
        own = attrs.evolve(self, session=session, generation=generation)
        try:
            async for finding in own._looked():
                yield finding
                if finding.ends:
                    return
        finally:
            await session.aclose()

    async def _looked(self) -> AsyncIterator[Finding]:
        try:
            scheme, host, port = origin_of(self._url)
        except PolarisError as error:
            yield Finding.of("address", error, ends=True)
            return
        yield self._address(scheme)
        if "transport" not in self.session.options.arguments:
            async for finding in self._way(scheme, host, port):
                yield finding
        async for finding in self._answers():
            yield finding

    def _address(self, scheme: str) -> Finding:
        shown = without_query(self._url)
        if scheme == "http" and not is_loopback(self._url):
            return Finding(
                "address",
                Outcome.WARNING,
                f"{shown} is not protected: tokens can be read on the way",
                hint="Use an https:// address.",
            )
        return Finding("address", Outcome.GOOD, f"The API is at {shown}")

    # -- the way there -----------------------------------------------------------------------

    async def _way(self, scheme: str, host: str, port: int) -> AsyncIterator[Finding]:
        try:
            proxy = proxy_for(self._url, self.session.options.arguments)
        except PolarisError as error:
            yield Finding.of("proxy", error, ends=True)
            return
        if proxy is not None:
            shown = without_query(proxy)
            yield Finding("proxy", Outcome.NOTE, f"Calls go through the proxy {shown}")
            parts = urlsplit(proxy)
            host, port = parts.hostname or "", parts.port or 80
        yield await self._name(host, port)
        yield await self._connection(host, port)
        if proxy is None and scheme == "https":
            yield await self._certificate(host, port)

    async def _name(self, host: str, port: int) -> Finding:
        try:
            async with asyncio.timeout(self._patience):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                )
        except (OSError, TimeoutError, UnicodeError) as cause:
            return Finding(
                "name",
                Outcome.FAILED,
                f"{host} has no address: {_reason(cause)}",
                hint=_CHECK_ADDRESS,
                code="hub_unreachable",
                exit_code=_NETWORK,
                ends=True,
            )
        addresses = sorted({str(entry[4][0]) for entry in found})
        more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
        return Finding(
            "name",
            Outcome.GOOD,
            f"{host} is at {', '.join(addresses[:3])}{more}",
            details={"host": host, "addresses": addresses},
        )

    async def _connection(self, host: str, port: int) -> Finding:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                _, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError) as cause:
            return Finding(
                "connection",
                Outcome.FAILED,
                f"{host} takes no connection at port {port}: {_reason(cause)}",
                hint=_CHECK_ADDRESS,
                code="hub_unreachable",
                exit_code=_NETWORK,
                ends=True,
            )
        spent = 1000 * (time.perf_counter() - began)
        writer.close()
        return Finding(
            "connection",
            Outcome.GOOD,
            f"{host} takes connections at port {port}, after {spent:.0f} ms",
            details={"milliseconds": round(spent, 1)},
        )

    async def _certificate(self, host: str, port: int) -> Finding:
        arguments = self.session.options.arguments
        try:
            trust = connection_trust(arguments["verify"], arguments.get("cert"))
            async with asyncio.timeout(self._patience):
                seen = await seen_certificate(host, port, trust)
        except PolarisError as error:
            return Finding.of("certificate", error, ends=True)
        except (OSError, TimeoutError, ssl.SSLError) as cause:
            return await self._bad_certificate(host, port, cause)
        return self._judged(seen, verified=trust is not False)

    async def _bad_certificate(self, host: str, port: int, cause: Exception) -> Finding:
        failed: Exception = httpx.ConnectError(str(cause))
        failed.__cause__ = cause
        error = of_connection(failed, what="protect the connection", url=self._url)
        finding = Finding.of("certificate", error, ends=True)
        hint = finding.hint.replace("; polaris doctor says more", "")  # It does so here.
        finding = attrs.evolve(finding, hint=hint)
        try:
            async with asyncio.timeout(self._patience):
                seen = await seen_certificate(host, port, False)
        except (OSError, TimeoutError, ssl.SSLError):
            return finding
        return attrs.evolve(
            finding,
            message=f"{finding.message}; it is by {seen.issuer}",
            details={"issuer": seen.issuer, "ends": _day(seen)},
        )

    def _judged(self, seen: SeenCertificate, *, verified: bool) -> Finding:
        details: dict[str, object] = {
            "issuer": seen.issuer,
            "ends": _day(seen),
            "protocol": seen.protocol,
        }
        said = f"By {seen.issuer}, until {_day(seen) or 'an unknown day'}, {seen.protocol}"
        if not verified:
            return Finding(
                "certificate",
                Outcome.WARNING,
                f"{said}; not verified, as ca_bundle or verify is false",
                hint="Anybody on the way can read tokens. Set ca_bundle to a file of certificates.",
                details=details,
            )
        left = None if seen.ends is None else (seen.ends - self.session.clock.now()).days
        if left is not None and left < _SOON:
            hint = "Its operators have to renew it."
            return Finding(
                "certificate", Outcome.WARNING, f"{said}: {left} days", hint=hint, details=details
            )
        return Finding("certificate", Outcome.GOOD, said, details=details)

    # -- the answer ----------------------------------------------------------------------------

    async def _answers(self) -> AsyncIterator[Finding]:
        url = f"{self.generation.hub_url.rstrip('/')}/.well-known/polaris-hub"
        call = Call("GET", url, "reach the hub", authorize=False)
        try:
            reply = await self.session.send_raw(call)
        except PolarisError as error:
            yield Finding.of("answer", error, ends=True)
            return
        spent = {"status": reply.status_code, "server": reply.headers.get("server", "")[:60]}
        yield Finding("answer", Outcome.GOOD, "It answers over HTTP", details=spent)
        yield self._clock(reply)
        yield await self._kind(reply)

    def _clock(self, reply: httpx.Response) -> Finding:
        try:
            theirs = parsedate_to_datetime(reply.headers["date"])
            off = (theirs - self.session.clock.now()).total_seconds()
        except (KeyError, ValueError, TypeError, IndexError, OverflowError):
            return Finding("clock", Outcome.SKIPPED, "The hub does not tell the time")
        details = {"seconds": round(off)}
        if abs(off) <= _SKEW:
            return Finding("clock", Outcome.GOOD, "It agrees with that of the hub", details=details)
        way = "behind" if off > 0 else "ahead of"
        return Finding(
            "clock",
            Outcome.WARNING,
            f"The clock of this machine is {abs(off):.0f} s {way} that of the hub",
            hint="Set it by the network (NTP): tokens may count as ended, or as not yet good.",
            details=details,
        )

    async def _kind(self, reply: httpx.Response) -> Finding:
        try:
            kind = (await self.generation()).value
        except PolarisError as error:
            return Finding.of("kind of hub", error, ends=True)
        fixed = ", as the settings say" if self.generation.fixed is not None else ""
        version = _version(reply) if kind == "g3" else None
        told = "" if version is None else f", version {version}"
        return Finding(
            "kind of hub",
            Outcome.GOOD,
            f"It speaks the protocol {kind}{told}{fixed}",
            details={"generation": kind, "version": version},
        )


def _reason(cause: Exception) -> str:
    """Return why there was no connection, without the numbers of the system."""
    number = getattr(cause, "errno", None)
    if isinstance(cause, socket.gaierror):
        return cause.strerror or str(cause)
    if isinstance(number, int) and number > 0:
        return os.strerror(number)
    return str(cause) or "no answer in time"


def _version(reply: httpx.Response) -> str | None:
    try:
        found = json_object(reply).get("version")
    except PolarisError:
        return None
    return f"{found:.40}" if isinstance(found, str) and found.isprintable() else None


def _day(seen: SeenCertificate) -> str | None:
    return None if seen.ends is None else f"{seen.ends:%Y-%m-%d}"
