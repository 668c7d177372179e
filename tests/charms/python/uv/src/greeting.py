"""A module beside the charm's own."""

import ops


def text(name: str) -> str:
    """The greeting, with the version of ops that is in use."""
    return f"hello {name} (ops {ops.__version__.split('.')[0]})"
