"""The settings of a hub server."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

import attrs
from attrs.converters import optional

from polaris.bootstrap import settings_values as hub_values
from polaris.bootstrap.server import settings_values as values
from polaris.bootstrap.settings_reading import FromSources
from polaris.bootstrap.settings_sources import Found, Sources, resolve
from polaris.domain.fields import Validated, rule
from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError, Problem
from polaris.message_text import without_credentials

__all__ = ["SERVER_SOURCES", "ServerSettings"]

SERVER_SOURCES = Sources("POLARIS_SERVER_", "server.toml")


def _data() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("polaris")) / "hub"


def _url_repr(url: str | None) -> str:
    return without_credentials(repr(url))


class _FromSources(FromSources):
    def found(cls, given: dict[str, Any]) -> dict[str, Found]:
        names = [field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", cls))]
        return resolve(given, names, SERVER_SOURCES)


@attrs.frozen(kw_only=True)
class ServerSettings(Validated, metaclass=_FromSources):
    """What a hub server is made of, and where it listens.

    Read when it is constructed: an argument wins over the environment variable of the same name
    (``POLARIS_SERVER_DATA`` and so on), that over the ``env_file`` if one is given, that over the
    profile file ``server.toml``, that over the default.

    Attributes:
        data: Folder of the hub; whatever has no place of its own is in it.
        database: ``postgresql://…``; SQLite in ``data`` when omitted.
        storage: ``s3://bucket/prefix`` or ``file:///folder``; ``data`` when omitted.
        storage_endpoint: Address of a store that speaks the protocol of S3; Amazon's when omitted.
        storage_region: Region that its requests are signed for.
        storage_access_key: Key of the store; ``AWS_ACCESS_KEY_ID`` when omitted.
        storage_secret_key: Goes with it; ``AWS_SECRET_ACCESS_KEY`` when omitted.
        storage_public_endpoint: Address of the store for clients, where it is another.
        storage_signs: Whether clients are sent to the store itself by signed addresses; else all
            bytes go through the hub.
        storage_role: ARN of a role, for stores with a token service: callers who ask for them get
            temporary credentials of it, for one revision each.
        storage_sts_endpoint: Address of the token service; the store's own when omitted.
        host: Address to listen at.
        port: Port to listen at; 0 for any that is free.
        workers: Processes that serve.
        tls_certificate: File with the certificate and what leads to its authority, PEM.
        tls_key: File with its key, PEM.
        forwarded_allow_ips: Addresses or networks of the proxies in front, whose
            ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
        allowed_hosts: Names under which callers may find the hub (header Host), without ports;
            ``*.example.org`` stands for all below, ``*`` for any. Known by themselves are those of
            this machine while the hub listens to it alone, and the one in ``url``.
        url: Address of the hub as its callers see it.
        name: What the pages of the hub call it.
        contact: Whom its pages name for help.
        passwords: Whether users may sign in by a password of the hub.
        oidc_issuer: An OpenID provider by which users may sign in too.
        oidc_client_id: The hub as that provider knows it.
        oidc_client_secret: The hub's secret there; none for a public client.
        oidc_name: What the button says.
        oidc_scopes: What is asked for there, words separated by spaces.
        oidc_slug_claim: The claim after which an account that is made is named.
        oidc_email_domains: Domains of verified addresses that may sign in by it; none for all.
        oidc_creates_accounts: Whether who signs in by it for the first time gets an account.
        insecure_http: Whether to listen to other machines without TLS.
        released: Whether released clients (``polaris-lib``) are answered too.
        released_access: Who may see what clients since 0.13 upload, which do not say: ``"private"``
            or ``"public"``.
        released_benchmarks: How benchmarks of version 2 are told: as ``"0.13"`` reads them, or as
            the versions after it (``"head"``).
        jobs: Whether submissions are scored in the processes that serve.
        job_poll: Seconds between looks for submissions.
        job_lease: Seconds until somebody else may score what a process that died had taken.
        metrics: Who may read ``/metrics``: everybody (``"public"``), who has the token
            (``"token"``), or nobody (``"off"``).
        metrics_token: The token; administrators may use one of their own.
        log_format: ``"text"`` or ``"json"``, a line each.
        log_level: ``"debug"``, ``"info"``, ``"warning"`` or ``"error"``.
        grace: Seconds that requests under way get at the end.
        drain: Seconds for which the hub goes on after it has begun to say that it ends.
        body_timeout: Seconds that a request's body may stand still.
        largest_object: Largest object taken in by one request, bytes.
        rate_limit: Requests a second and caller in the long run; 0 for no bound.
        rate_burst: Requests a caller may make at once before that counts.
        profile: Section of the profile file that is read.
        config_file: The profile file.
        env_file: A file of ``POLARIS_SERVER_…=value`` lines.

    Raises:
        InvalidSettingsError: Something is unknown, unreadable or breaks a rule; says where it is
            from.
    """

    error_type: ClassVar[type[InvalidSettingsError]] = InvalidSettingsError

    data: Path = attrs.field(factory=_data, converter=hub_values.folder)
    database: str | None = attrs.field(
        default=None, converter=optional(values.database_url), repr=_url_repr
    )
    storage: str | None = attrs.field(default=None, converter=optional(values.storage_url))
    storage_endpoint: str | None = attrs.field(default=None, converter=optional(values.public_url))
    storage_region: str = attrs.field(default="us-east-1", converter=hub_values.text)
    storage_access_key: str | None = attrs.field(default=None, converter=optional(hub_values.text))
    storage_secret_key: Secret | None = attrs.field(
        default=None, converter=optional(hub_values.secret)
    )
    storage_public_endpoint: str | None = attrs.field(
        default=None, converter=optional(values.public_url)
    )
    storage_signs: bool = attrs.field(default=True, converter=values.flag)
    storage_role: str | None = attrs.field(default=None, converter=optional(hub_values.text))
    storage_sts_endpoint: str | None = attrs.field(
        default=None, converter=optional(values.public_url)
    )
    host: str = attrs.field(default="127.0.0.1", converter=hub_values.text)
    port: int = attrs.field(default=8000, converter=values.port)
    workers: int = attrs.field(default=1, converter=values.count)
    tls_certificate: Path | None = attrs.field(default=None, converter=optional(values.file))
    tls_key: Path | None = attrs.field(default=None, converter=optional(values.file))
    forwarded_allow_ips: tuple[str, ...] = attrs.field(default=(), converter=values.texts)
    allowed_hosts: tuple[str, ...] = attrs.field(default=(), converter=values.texts)
    url: str | None = attrs.field(default=None, converter=optional(values.public_url))
    name: str = attrs.field(default="Polaris Hub", converter=hub_values.text)
    contact: str | None = attrs.field(default=None, converter=optional(hub_values.text))
    passwords: bool = attrs.field(default=True, converter=values.flag)
    oidc_issuer: str | None = attrs.field(default=None, converter=optional(hub_values.http_url))
    oidc_client_id: str | None = attrs.field(default=None, converter=optional(hub_values.text))
    oidc_client_secret: Secret | None = attrs.field(
        default=None, converter=optional(hub_values.secret)
    )
    oidc_name: str = attrs.field(default="your organization", converter=hub_values.text)
    oidc_scopes: str = attrs.field(default="openid profile email", converter=hub_values.text)
    oidc_slug_claim: str = attrs.field(default="preferred_username", converter=hub_values.text)
    oidc_email_domains: tuple[str, ...] = attrs.field(default=(), converter=values.texts)
    oidc_creates_accounts: bool = attrs.field(default=False, converter=values.flag)
    insecure_http: bool = attrs.field(default=False, converter=values.flag)
    released: bool = attrs.field(default=True, converter=values.flag)
    released_access: str = attrs.field(default="private", converter=values.access)
    released_benchmarks: str = attrs.field(default="0.13", converter=values.benchmark_shape)
    jobs: bool = attrs.field(default=True, converter=values.flag)
    job_poll: float = attrs.field(default=2.0, converter=hub_values.seconds)
    job_lease: float = attrs.field(default=600.0, converter=hub_values.seconds)
    metrics: str = attrs.field(default="token", converter=values.metrics)
    metrics_token: Secret | None = attrs.field(default=None, converter=optional(hub_values.secret))
    log_format: str = attrs.field(default="text", converter=values.log_format)
    log_level: str = attrs.field(default="info", converter=values.log_level)
    grace: float = attrs.field(default=30.0, converter=hub_values.seconds)
    drain: float = attrs.field(default=1.0, converter=values.rate)
    body_timeout: float = attrs.field(default=30.0, converter=hub_values.seconds)
    largest_object: int = attrs.field(default=2**40, converter=values.count)
    rate_limit: float = attrs.field(default=0.0, converter=values.rate)
    rate_burst: int = attrs.field(default=200, converter=values.count)
    profile: str = attrs.field(default="default", converter=hub_values.text)
    config_file: Path | None = attrs.field(default=None, converter=optional(hub_values.folder))
    env_file: Path | None = attrs.field(default=None, converter=optional(hub_values.folder))

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach what it listens at."""
        return _is_loopback(self.host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which callers may find the hub."""
        found = list(self.allowed_hosts)
        if self.url is not None:
            found.append(urlsplit(self.url).hostname or "")
        if self.is_local:
            # A page of the web whose name was made to lead here is not let in by these.
            found += ["localhost", "127.0.0.1", "::1"]
        return tuple(dict.fromkeys(found))

    @rule("tls_certificate", "tls_key")
    def _tls_is_whole(self) -> Iterator[Problem]:
        if (self.tls_certificate is None) != (self.tls_key is None):
            lacking = "tls_key" if self.tls_key is None else "tls_certificate"
            yield Problem(lacking, "is needed for TLS too", "Give certificate and key, or neither.")

    @rule("host", "tls_certificate", "forwarded_allow_ips", "insecure_http")
    def _is_secure(self) -> Iterator[Problem]:
        covered = self.tls_certificate is not None or self.forwarded_allow_ips
        if not self.is_local and not covered and not self.insecure_http:
            yield Problem(
                "host",
                f"{self.host!r} can be reached from other machines, and tokens would go to it "
                "unencrypted",
                "Give --tls-certificate and --tls-key, or the addresses of a proxy that has them "
                "(--forwarded-allow-ips); --insecure-http if you mean it.",
            )

    @rule("forwarded_allow_ips")
    def _proxies_are_addresses(self) -> Iterator[Problem]:
        for text in self.forwarded_allow_ips:
            # uvicorn would take anything else for the name of no proxy at all.
            if text != "*" and not _is_network(text):
                yield Problem(
                    "forwarded_allow_ips",
                    f"{text!r:.100} is no address and no network",
                    "Write 10.0.0.2, or 10.0.0.0/24 with nothing behind the length.",
                )

    @rule("host", "allowed_hosts", "url")
    def _hosts_are_known(self) -> Iterator[Problem]:
        if not self.hosts:
            yield Problem(
                "allowed_hosts",
                f"must say under which names the hub is found at {self.host!r}",
                "Give --url https://hub.example.org, or --allowed-host hub.example.org.",
            )

    @rule("oidc_issuer", "oidc_client_id", "passwords")
    def _somebody_can_sign_in(self) -> Iterator[Problem]:
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            lacking = "oidc_client_id" if self.oidc_client_id is None else "oidc_issuer"
            yield Problem(lacking, "is needed too", "Give issuer and client, or neither.")
        elif self.oidc_issuer is None and not self.passwords:
            yield Problem("passwords", "are the only way to sign in", "Give oidc_issuer too.")

    @rule("storage", "storage_access_key", "storage_secret_key")
    def _keys_are_whole(self) -> Iterator[Problem]:
        if (self.storage_access_key is None) != (self.storage_secret_key is None):
            absent = self.storage_secret_key is None
            lacking = "storage_secret_key" if absent else "storage_access_key"
            yield Problem(lacking, "is needed too", "Give both keys of the store, or neither.")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
