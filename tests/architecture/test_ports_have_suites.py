"""Every port has a conformance suite, and whatever implements a port runs it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import polaris.application
import polaris.ports
import polaris.testing
import polaris.testing.fakes
import polaris_adapters

TESTS = Path(__file__).resolve().parents[1]

# A port and the suites of which every implementation runs at least one.
SUITES = {
    "AccountStore": {"AccountStoreSuite"},
    "Accounts": {"AccountsSuite"},
    "ArchivePort": {"ArchivesSuite"},
    "ArtifactHistory": {"ArtifactHistorySuite"},
    "ArtifactRepository": {"ArtifactsSuite"},
    "ArtifactStorage": {"ArtifactStorageSuite"},
    "ArtifactStorageUpkeep": {"ArtifactStorageUpkeepSuite"},
    "AttemptStore": {"AttemptStoreSuite"},
    "AuthPort": {"AuthSuite", "SignOutSuite"},
    "Clock": {"ClockSuite"},
    "CredentialStore": {"CredentialStoreSuite"},
    "DatabaseDump": {"UpkeepSuite"},
    "Diagnosis": {"DiagnosisSuite"},
    "HiddenTargets": {"HiddenTargetsSuite"},
    "HubKeys": {"HubKeysSuite"},
    "Interaction": {"InteractionSuite"},
    "JobQueue": {"JobsSuite"},
    "MoleculeFiles": {"MoleculeFilesSuite"},
    "PasswordHasher": {"PasswordHasherSuite"},
    "ProgressPort": {"ProgressSuite"},
    "ReplyStore": {"ReplyStoreSuite"},
    "RevisionLedger": {"UpkeepSuite"},
    "RowCheck": {"UpkeepSuite"},
    "SchemaUpkeep": {"UpkeepSuite"},
    "StorageLocator": {"LocationsSuite"},
    "StoragePort": {"StorageSuite"},
    "StructureFiles": {"StructureFilesSuite"},
    "TargetDeposit": {"HiddenTargetsSuite"},
    "TokenVault": {"TokenVaultSuite"},
    "UpkeepLocks": {"UpkeepSuite"},
}
# Protocols that no adapter implements by themselves, and the port whose suite covers them.
PARTS = {
    "ArchiveWriter": "ArchivePort",
    "DigestObjects": "StoragePort",
    "HasStorage": "ArchivePort",
    "JobReader": "JobQueue",
    "KeptSums": "StoragePort",
    "ListObjects": "StoragePort",
    "Md5Objects": "StoragePort",
    "ProgressTask": "ProgressPort",
    "Purges": "CredentialStore",
    "ReadObjects": "StoragePort",
    "SignObjects": "StoragePort",
    "SortedObjects": "StoragePort",
    "StoredArchive": "ArchivePort",
    "StreamObjects": "StoragePort",
    "SweepObjects": "StoragePort",
    "WriteObjects": "StoragePort",
}
# Protocols of functions that put adapters together, and how they are tested.
WIRING = {
    "Buckets": "opens stores; that of the adapter runs their suite against a server",
    "OpenTransport": "the tests of the client run on the hub of every transport",
    "TemporaryCredentials": "gives what a store gives; its adapter is tried on a server",
    "RawHttp": "is the HTTP library's own interface; there is one HTTP library",
}
# Implementations that cannot run a suite, and why.
EXEMPT = {
    # Hubs that others built promise less than ours; what they do is in the recorded exchanges.
    "FoundArtifacts": "hands on to the catalogue of the hub's generation",
    "FoundHistory": "hands on to the history of hubs of ours; its refusal has a test of its own",
    "Generation1Artifacts": "has no revisions, no filters and nothing that is not visible at once",
    "Generation2Artifacts": "has no revisions, no filters and nothing that is not visible at once",
    "FoundStorage": "hands on to the objects of the hub's generation",
    "Generation1Storage": "holds objects of datasets only",
    "Generation2Storage": "holds only the objects that a hub has places for",
    "SignedStorage": "cannot remove objects; whether one is there is asked beforehand",
    "WebStorage": "can only be read, and lists archives only",
    "ReadOnlyStorage": "refuses the writes with which the suite begins; has tests of its own",
    "SeenArtifacts": "shows nothing private in lists, with which the suite begins; has own tests",
    "VerifyingStorage": "refuses the objects that its manifest does not name",
}


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        # Scripts: they run when they are imported.
        if "migrations" not in info.name and not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def _classes(package: ModuleType) -> Iterator[type]:
    for module in _modules(package):
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__ == module.__name__:
                yield value


def _is_protocol(cls: type) -> bool:
    return bool(getattr(cls, "_is_protocol", False))


PORTS = {cls.__name__: cls for cls in _classes(polaris.ports) if _is_protocol(cls)}
CANDIDATES = [
    cls
    for package in (polaris_adapters, polaris.testing.fakes, polaris.application)
    for cls in _classes(package)
    if not cls.__name__.startswith("_") and not _is_protocol(cls)
]


def _methods(cls: type) -> set[str]:
    return {
        name
        for ancestor in cls.__mro__
        for name, value in vars(ancestor).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def _shape(method: object) -> list[str]:
    """Return what callers see of a signature: how many positional arguments, which keywords."""
    assert callable(method)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return [f"{p.kind.name} {'' if p.kind is p.POSITIONAL_ONLY else p.name}" for p in parameters]


def _implements(cls: type, port: type) -> bool:
    methods = _methods(port)
    return methods <= _methods(cls) and all(
        _shape(getattr(cls, name)) == _shape(getattr(port, name)) for name in methods
    )


IMPLEMENTATIONS = [
    pytest.param(cls, port, id=f"{cls.__name__}-{port}")
    for port in SUITES
    if port in PORTS
    for cls in CANDIDATES
    if _implements(cls, PORTS[port]) and cls.__name__ not in EXEMPT
]


@cache
def _test_modules() -> list[tuple[set[str], set[str]]]:
    """Return of each module of tests the names in it, and the suites that its classes run."""
    found: list[tuple[set[str], set[str]]] = []
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if suites := _suites_of_test_classes(tree):
            nodes = list(ast.walk(tree))
            names = {node.id for node in nodes if isinstance(node, ast.Name)}
            names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            found.append((names, suites))
    return found


def _suites_run_for(name: str) -> set[str]:
    """Return the suites that test classes derive from, in modules that name the implementation."""
    return set().union(*(suites for names, suites in _test_modules() if name in names))


def _suites_of_test_classes(tree: ast.Module) -> set[str]:
    ancestors: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            ancestors[node.name] = bases.union(*(ancestors.get(base, set()) for base in bases))
    return set().union(*(found for name, found in ancestors.items() if name.startswith("Test")))


def test_every_port_is_in_the_table() -> None:
    assert set(PORTS) == SUITES.keys() | PARTS.keys() | WIRING.keys()
    assert set(PARTS.values()) <= SUITES.keys()


@pytest.mark.parametrize("suite", sorted(set().union(*SUITES.values())))
def test_every_suite_is_there_with_tests_and_says_which_fixtures_it_needs(suite: str) -> None:
    cls = getattr(polaris.testing, suite)
    assert any(name.startswith("test_") for name in dir(cls))
    assert "fixture" in (cls.__doc__ or "")


@pytest.mark.parametrize("port", sorted(SUITES))
def test_every_port_is_implemented_by_a_fake_or_an_adapter(port: str) -> None:
    assert [cls for cls in CANDIDATES if _implements(cls, PORTS[port])]


@pytest.mark.parametrize(("cls", "port"), IMPLEMENTATIONS)
def test_every_implementation_runs_the_suite(cls: type, port: str) -> None:
    assert _suites_run_for(cls.__name__) & SUITES[port], (
        f"no test class under tests/ derives from {' or '.join(SUITES[port])} in a module that "
        f"names {cls.__module__}.{cls.__name__}"
    )


@pytest.mark.parametrize(("cls", "port"), IMPLEMENTATIONS)
def test_no_implementation_derives_from_its_port(cls: type, port: str) -> None:
    assert PORTS[port] not in cls.__mro__


def test_exemptions_are_still_needed() -> None:
    assert set(EXEMPT) <= {
        cls.__name__ for cls in CANDIDATES for port in SUITES if _implements(cls, PORTS[port])
    }
