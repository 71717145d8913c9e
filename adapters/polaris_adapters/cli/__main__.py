"""Lets ``python -m polaris_adapters.cli`` do what ``polaris`` does."""

from __future__ import annotations

import sys

from polaris_adapters.cli.main import main

sys.exit(main())
