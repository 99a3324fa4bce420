"""What the supervisor says when something cannot be started."""


class ServiceError(Exception):
    """A service or process cannot run. `hop` names it, the text says what is wrong and what would be right."""

    def __init__(self, hop: str, text: str) -> None:
        super().__init__(f"{hop}: {text}")
        self.hop = hop
        self.text = text
