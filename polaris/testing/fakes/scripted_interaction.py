"""An `Interaction` with a person who does what the test says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from polaris.errors import SignInError
from polaris.ports.interaction import SignInEvent, Surroundings

__all__ = ["ScriptedInteraction"]


class ScriptedInteraction:
    """Remembers what it is told, and answers by a list.

    Args:
        browser: What happens when a page is opened; None where there is no browser.
        answers: What the person answers, in order; None where nobody can answer.

    Attributes:
        events: Everything that was told, in order.
        opened: The pages that were opened.
        questions: The questions that were asked.
    """

    def __init__(
        self,
        browser: Callable[[str], Awaitable[None]] | None = None,
        answers: Sequence[str] | None = None,
    ) -> None:
        self._browser = browser
        self._answers = None if answers is None else list(answers)
        self.events: list[SignInEvent] = []
        self.opened: list[str] = []
        self.questions: list[str] = []

    async def surroundings(self) -> Surroundings:
        """See `Interaction.surroundings`."""
        return Surroundings(
            self._browser is not None, self._answers is not None, "the test says so"
        )

    async def open_browser(self, url: str, /) -> bool:
        """See `Interaction.open_browser`."""
        if self._browser is None:
            return False
        self.opened.append(url)
        await self._browser(url)
        return True

    async def ask(self, question: str, /, *, hidden: bool = False) -> str:
        """See `Interaction.ask`."""
        self.questions.append(question)
        if not self._answers:
            raise SignInError("No answer was given", hint="Give the fake another answer.")
        return self._answers.pop(0).strip()

    async def tell(self, event: SignInEvent, /) -> None:
        """See `Interaction.tell`."""
        self.events.append(event)
