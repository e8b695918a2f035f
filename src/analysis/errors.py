"""What goes wrong, said once and in full: expected, found, where, what to do, what was not done."""

from __future__ import annotations


class ReckonsError(Exception):
    """A failure whose message is meant for the person at the keyboard.

    The command prints the message alone, without a traceback.
    """


class InputError(ReckonsError, ValueError):
    """All faults of one input, raised together: one in a line with where it is, several in a line each.

    ``where`` names the file or folder, ``problems`` are full sentences, and
    ``not_done`` says what was left untouched because of them.
    """

    def __init__(self, where: str, problems: list[str], *, not_done: str = "Nothing was written."):
        self.where = where
        self.problems = list(problems)
        if len(self.problems) == 1:
            super().__init__(f"{where}: {self.problems[0]} {not_done}".strip())
        else:
            super().__init__("\n".join([f"{where} has {len(self.problems)} problems.", *(f"- {one}" for one in self.problems), not_done]).strip())


