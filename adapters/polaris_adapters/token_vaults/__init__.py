"""Where sign-ins are kept: a file, the system's keyring, or the memory of the process."""

from __future__ import annotations

from polaris_adapters.token_vaults.file_vault import FileTokenVault
from polaris_adapters.token_vaults.keyring_vault import KeyringTokenVault
from polaris_adapters.token_vaults.memory_vault import MemoryTokenVault
from polaris_adapters.token_vaults.polaris_lib_tokens import PolarisLibTokens

__all__ = ["FileTokenVault", "KeyringTokenVault", "MemoryTokenVault", "PolarisLibTokens"]
