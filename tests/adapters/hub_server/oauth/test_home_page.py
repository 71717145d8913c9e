"""The page that people find at the address of a hub."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from polaris_adapters.hub_server.openapi import DOCUMENT_PATH

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Hub


async def test_it_leads_to_what_people_and_programs_want(hub: Hub) -> None:
    reply = await hub.browser.open("/")
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    links = re.findall(r'<a href="(/[^"]*)"', reply.text)
    assert {"/sign-in", "/account", "/device", DOCUMENT_PATH} <= set(links)
    assert "polaris --hub https://hub.example login" in reply.text
    for link in set(links) - {DOCUMENT_PATH}:
        assert (await hub.browser.open(link)).status_code == 200


async def test_it_knows_who_is_signed_in(hub: Hub) -> None:
    await hub.browser.sign_in()
    text = (await hub.browser.open("/")).text
    assert ">alice</a>" in text
    assert "/sign-in" not in text


async def test_its_name_is_a_text(open_hub: Any) -> None:
    hub = await open_hub(hub_name="<script>alert(1)</script>")
    text = (await hub.browser.open("/")).text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
