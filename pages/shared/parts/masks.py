"""Personal data as a file may carry them: masked (domain notes E.3)."""

from pages.shared.text import unknown


def registration(digits: object) -> str | None:
    """A business registration number without its last five digits; none where there is none.

    >>> registration("1234567890")
    '123-45-*****'
    """
    return None if unknown(digits) else f"{str(digits)[:3]}-{str(digits)[3:5]}-*****"
