"""Every function's annotations, shapes included, are checked in every test."""

from jaxtyping import install_import_hook

# before any test imports the package
install_import_hook("cortexlens", "typechecker.check")
