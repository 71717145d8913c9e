"""Conformance suites, in-memory fakes and fault injection, for tests of adapters and of users.

The suites need pytest; the fakes do not. Each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polaris.testing.fakes.faulty_storage import Fault, FaultyStorage
    from polaris.testing.fakes.fixed_identity import FakeAuth
    from polaris.testing.fakes.in_memory_accounts import InMemoryAccounts
    from polaris.testing.fakes.in_memory_artifact_storage import InMemoryArtifactStorage
    from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
    from polaris.testing.fakes.in_memory_attempts import InMemoryAttempts
    from polaris.testing.fakes.in_memory_credentials import InMemoryCredentials
    from polaris.testing.fakes.in_memory_hidden_targets import (
        InMemoryHiddenTargets,
        InMemoryTargetDeposit,
    )
    from polaris.testing.fakes.in_memory_history import InMemoryHistory
    from polaris.testing.fakes.in_memory_jobs import InMemoryJobs
    from polaris.testing.fakes.in_memory_keys import InMemoryKeys
    from polaris.testing.fakes.in_memory_locations import InMemoryLocations
    from polaris.testing.fakes.in_memory_storage import InMemoryStorage
    from polaris.testing.fakes.in_memory_tokens import InMemoryTokenVault
    from polaris.testing.fakes.manual_clock import ManualClock
    from polaris.testing.fakes.quick_passwords import QuickPasswords
    from polaris.testing.fakes.recording_progress import RecordingProgress
    from polaris.testing.fakes.scripted_interaction import ScriptedInteraction
    from polaris.testing.suites.account_store import AccountStoreSuite
    from polaris.testing.suites.accounts import AccountsSuite
    from polaris.testing.suites.archives import ArchivesSuite
    from polaris.testing.suites.artifact_history import ArtifactHistorySuite
    from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
    from polaris.testing.suites.artifact_storage_upkeep import ArtifactStorageUpkeepSuite
    from polaris.testing.suites.artifacts import ArtifactsSuite
    from polaris.testing.suites.attempts import AttemptStoreSuite
    from polaris.testing.suites.auth import AuthSuite, SignOutSuite
    from polaris.testing.suites.clock import ClockSuite
    from polaris.testing.suites.credential_store import CredentialStoreSuite
    from polaris.testing.suites.diagnosis import DiagnosisSuite
    from polaris.testing.suites.hidden_targets import HiddenTargetsSuite
    from polaris.testing.suites.hub_keys import HubKeysSuite
    from polaris.testing.suites.interaction import InteractionSuite
    from polaris.testing.suites.job_reader import JobReaderSuite
    from polaris.testing.suites.jobs import JobsSuite
    from polaris.testing.suites.locations import LocationsSuite
    from polaris.testing.suites.molecular_files import MoleculeFilesSuite, StructureFilesSuite
    from polaris.testing.suites.password_hasher import PasswordHasherSuite
    from polaris.testing.suites.progress import ProgressSuite
    from polaris.testing.suites.replies import ReplyStoreSuite
    from polaris.testing.suites.storage import StorageSuite
    from polaris.testing.suites.storage_model import check_against_model
    from polaris.testing.suites.tokens import TokenVaultSuite
    from polaris.testing.suites.upkeep import UpkeepSuite

__all__ = [
    "AccountStoreSuite",
    "AccountsSuite",
    "ArchivesSuite",
    "ArtifactHistorySuite",
    "ArtifactStorageSuite",
    "ArtifactStorageUpkeepSuite",
    "ArtifactsSuite",
    "AttemptStoreSuite",
    "AuthSuite",
    "ClockSuite",
    "CredentialStoreSuite",
    "DiagnosisSuite",
    "FakeAuth",
    "Fault",
    "FaultyStorage",
    "HiddenTargetsSuite",
    "HubKeysSuite",
    "InMemoryAccounts",
    "InMemoryArtifactStorage",
    "InMemoryArtifacts",
    "InMemoryAttempts",
    "InMemoryCredentials",
    "InMemoryHiddenTargets",
    "InMemoryHistory",
    "InMemoryJobs",
    "InMemoryKeys",
    "InMemoryLocations",
    "InMemoryStorage",
    "InMemoryTargetDeposit",
    "InMemoryTokenVault",
    "InteractionSuite",
    "JobReaderSuite",
    "JobsSuite",
    "LocationsSuite",
    "ManualClock",
    "MoleculeFilesSuite",
    "PasswordHasherSuite",
    "ProgressSuite",
    "QuickPasswords",
    "RecordingProgress",
    "ReplyStoreSuite",
    "ScriptedInteraction",
    "SignOutSuite",
    "StorageSuite",
    "StructureFilesSuite",
    "TokenVaultSuite",
    "UpkeepSuite",
    "check_against_model",
]

# Where each name lives; PEP 562 imports it when it is first asked for.
_HOMES = {
    "AccountStoreSuite": "suites.account_store",
    "AttemptStoreSuite": "suites.attempts",
    "CredentialStoreSuite": "suites.credential_store",
    "HubKeysSuite": "suites.hub_keys",
    "PasswordHasherSuite": "suites.password_hasher",
    "ReplyStoreSuite": "suites.replies",
    "InMemoryAttempts": "fakes.in_memory_attempts",
    "InMemoryKeys": "fakes.in_memory_keys",
    "QuickPasswords": "fakes.quick_passwords",
    "ArchivesSuite": "suites.archives",
    "ArtifactHistorySuite": "suites.artifact_history",
    "ArtifactStorageSuite": "suites.artifact_storage",
    "ArtifactStorageUpkeepSuite": "suites.artifact_storage_upkeep",
    "ArtifactsSuite": "suites.artifacts",
    "AuthSuite": "suites.auth",
    "ClockSuite": "suites.clock",
    "DiagnosisSuite": "suites.diagnosis",
    "FakeAuth": "fakes.fixed_identity",
    "Fault": "fakes.faulty_storage",
    "FaultyStorage": "fakes.faulty_storage",
    "InMemoryAccounts": "fakes.in_memory_accounts",
    "InMemoryCredentials": "fakes.in_memory_credentials",
    "InMemoryArtifactStorage": "fakes.in_memory_artifact_storage",
    "InMemoryArtifacts": "fakes.in_memory_artifacts",
    "HiddenTargetsSuite": "suites.hidden_targets",
    "InMemoryHiddenTargets": "fakes.in_memory_hidden_targets",
    "InMemoryTargetDeposit": "fakes.in_memory_hidden_targets",
    "InMemoryHistory": "fakes.in_memory_history",
    "InMemoryJobs": "fakes.in_memory_jobs",
    "InMemoryLocations": "fakes.in_memory_locations",
    "InMemoryStorage": "fakes.in_memory_storage",
    "JobReaderSuite": "suites.job_reader",
    "JobsSuite": "suites.jobs",
    "LocationsSuite": "suites.locations",
    "ManualClock": "fakes.manual_clock",
    "MoleculeFilesSuite": "suites.molecular_files",
    "ProgressSuite": "suites.progress",
    "RecordingProgress": "fakes.recording_progress",
    "SignOutSuite": "suites.auth",
    "StorageSuite": "suites.storage",
    "StructureFilesSuite": "suites.molecular_files",
    "check_against_model": "suites.storage_model",
    "AccountsSuite": "suites.accounts",
    "InMemoryTokenVault": "fakes.in_memory_tokens",
    "InteractionSuite": "suites.interaction",
    "ScriptedInteraction": "fakes.scripted_interaction",
    "TokenVaultSuite": "suites.tokens",
    "UpkeepSuite": "suites.upkeep",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
