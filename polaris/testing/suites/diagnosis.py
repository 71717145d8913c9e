"""The conformance suite of `polaris.ports.diagnosis`."""

from __future__ import annotations

import asyncio
import json

from polaris.ports.diagnosis import Diagnosis, Finding, Outcome

__all__ = ["DiagnosisSuite"]


async def _all(diagnosis: Diagnosis) -> list[Finding]:
    return [finding async for finding in diagnosis.findings()]


class DiagnosisSuite:
    """What every `Diagnosis` promises.

    Derive a class whose name begins with ``Test`` and give it the fixtures ``diagnosis`` and
    ``broken``: one of something that is well, and one of something that is not. Needs
    pytest-asyncio in its ``auto`` mode.
    """

    async def test_what_is_well_is_found_to_be_so(self, diagnosis: Diagnosis) -> None:
        found = await _all(diagnosis)
        assert found
        assert Outcome.FAILED not in {finding.outcome for finding in found}

    async def test_what_is_not_well_is_a_finding_with_a_hint(self, broken: Diagnosis) -> None:
        failed = [f for f in await _all(broken) if f.outcome is Outcome.FAILED]
        assert failed
        for finding in failed:
            assert finding.hint
            assert finding.exit_code in range(1, 8)

    async def test_findings_are_for_people_and_for_programs(
        self, diagnosis: Diagnosis, broken: Diagnosis
    ) -> None:
        for finding in await _all(diagnosis) + await _all(broken):
            assert finding.check
            assert finding.message.isprintable()
            assert finding.message
            assert json.loads(json.dumps(dict(finding.details))) == finding.details

    async def test_nothing_lies_behind_what_ends_it(self, broken: Diagnosis) -> None:
        ends = [finding.ends for finding in await _all(broken)]
        assert not any(ends[:-1])

    async def test_looking_changes_nothing(self, diagnosis: Diagnosis, broken: Diagnosis) -> None:
        for each in (diagnosis, broken):
            first = [(f.check, f.outcome) for f in await _all(each)]
            assert [(f.check, f.outcome) for f in await _all(each)] == first

    async def test_several_may_look_at_once(self, diagnosis: Diagnosis) -> None:
        found = await asyncio.gather(*(_all(diagnosis) for _ in range(3)))
        assert len({tuple(f.check for f in each) for each in found}) == 1
