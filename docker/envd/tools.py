"""The daemon's side of the SWE-agent commands."""


class Tools:
    """Knows the open file and the last action; hands commands to the tool host."""

    def __init__(self):
        self.open_file = None
        self.last_action = ""
