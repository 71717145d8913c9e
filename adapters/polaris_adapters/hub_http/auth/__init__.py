"""Signing in to a hub over HTTP; modules are named after what their standards describe."""

from __future__ import annotations

from polaris_adapters.hub_http.auth.hub_auth import HubAuth
from polaris_adapters.hub_http.auth.sign_in_settings import SignInSettings

__all__ = ["HubAuth", "SignInSettings"]
