"""The scopes of OAuth clients, and what people are told of each."""

from __future__ import annotations

__all__ = ["SCOPES"]

# In the order in which they are shown.
SCOPES = {
    "openid": "know who you are on this hub",
    "profile": "see your user name and your full name",
    "email": "see your e-mail address",
    "read": "read what you may read, also what is private",
    "write": "publish, change and remove artifacts in your name",
    "admin": "manage accounts and organizations as you may",
    "offline_access": "keep this access until you take it back",
}
