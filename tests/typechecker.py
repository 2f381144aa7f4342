"""How annotations are checked while tests run."""

from beartype import BeartypeConf, beartype

# PEP 484: where a float is asked for, an int will do
check = beartype(conf=BeartypeConf(is_pep484_tower=True))
