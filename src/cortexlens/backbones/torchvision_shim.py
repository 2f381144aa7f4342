"""Make torchvision importable with a PyTorch that its compiled operators were not built for.

Package indexes may pair a CPU build of torch with a CUDA build of torchvision. Its ``_C`` library
then fails to load, and ``import torchvision`` (hence ``import timm``) stops at "operator
torchvision::nms does not exist", because torchvision registers shape functions for two operators
that it assumes to exist. Classification networks use neither; declaring the two schemas is enough
for the import. If the library loads, nothing is declared and torchvision is unchanged.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

# A torch.library.Library withdraws its declarations when it is garbage-collected, so keep it.
_KEPT: list[object] = []


@cache
def prepare() -> bool:
    """Make ``import torchvision`` and ``import timm`` safe; call it before either.

    Returns
    -------
    bool
        True if torchvision's own operators were loaded, False if they were only declared (calling
        ``nms`` then fails; the networks' forward passes do not need it).
    """
    import torch

    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in sorted(Path(spec.origin).parent.glob("_C*.so")):
        try:
            torch.ops.load_library(library)
        except OSError:
            continue
        return True
    _declare()
    return False


def _declare() -> None:
    """Declare the schemas that torchvision needs at import, unless they exist."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    _KEPT.append(library)
    for schema in SCHEMAS:
        name = schema.partition("(")[0]
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
