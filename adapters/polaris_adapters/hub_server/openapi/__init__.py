"""The OpenAPI document of a hub: one description for each operation, and who serves them."""

from __future__ import annotations

from polaris_adapters.hub_server.openapi.document import OPERATIONS, document_of, template_of
from polaris_adapters.hub_server.openapi.operating import DOCUMENT_PATH
from polaris_adapters.hub_server.openapi.serving import DocumentRoute

__all__ = ["DOCUMENT_PATH", "OPERATIONS", "DocumentRoute", "document_of", "template_of"]
