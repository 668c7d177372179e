"""A module beside the charm's own."""

import iniconfig
import ops
from charms.greeter.v0 import greeter


def text(name: str) -> str:
    """The greeting, with the version of ops that is in use."""
    assert greeter.LIBPATCH and iniconfig.IniConfig
    return f"hello {name} (ops {ops.__version__.split('.')[0]})"
