"""What the readers of the child process raise when a file cannot be read as it is."""


class Refused(Exception):
    """The file cannot be read as it is; the message says why and what to do."""
