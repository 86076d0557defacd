"""A report before its figures: prose with tokens, section by section, and the lines that must stand under it."""

from dataclasses import dataclass

SECTIONS = ("situation", "changed", "why", "ahead", "talk")


@dataclass(frozen=True)
class Draft:
    """Lines with tokens. by : 'template', or the model that wrote them; notes : the mandatory lines."""

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]
    by: str = "template"

    @property
    def lines(self) -> list[str]:
        """Every line of the sections."""
        return [line for _, lines in self.sections for line in lines]
