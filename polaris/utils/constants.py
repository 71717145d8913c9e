"""The old address of the cache directory."""

from __future__ import annotations

import platformdirs

__all__ = ["DEFAULT_CACHE_DIR"]

DEFAULT_CACHE_DIR = platformdirs.user_cache_dir("polaris")
