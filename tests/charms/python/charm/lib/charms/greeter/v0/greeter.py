"""A library as Charmhub has them, with a package of its own."""

LIBID = "0123456789abcdef0123456789abcdef"
LIBAPI = 0
LIBPATCH = 1

PYDEPS = ["iniconfig>=2"]
