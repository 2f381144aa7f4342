"""Python runs this in every job of a soak: each finished piece of work is noted in a journal.

A line is a JSON object: ``at`` (seconds), ``pid``, ``stage``, and ``event``: ``start`` and ``end``
of the job, ``block`` of features, ``put``: a file or folder that got its name, ``path``, ``taken``:
results of an earlier job were taken back.
"""

import atexit
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

JOURNAL = "CORTEXLENS_SOAK_JOURNAL"


def note(event: str, **fields: object) -> None:
    line = {"at": time.time(), "pid": os.getpid(), "stage": _stage(), "event": event, **fields}
    descriptor = os.open(os.environ[JOURNAL], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (json.dumps(line) + "\n").encode())
    os.close(descriptor)


def _stage() -> str:
    words = sys.orig_argv
    (place,) = [i for i, word in enumerate(words) if os.path.basename(word) == "cortexlens"][:1]
    return words[place + 1].replace("-", "_")


def _watch_writing(module: ModuleType) -> None:
    whole = module.put

    def put(written: Any, path: Any, *rest: Any, **options: Any) -> None:
        whole(written, path, *rest, **options)
        note("put", path=os.path.relpath(path))

    module.put = put  # type: ignore[attr-defined]


def _watch_features(module: ModuleType) -> None:
    whole = module.FeatureWriter.write

    def write(self: Any, block: int, layers: Any, clipped: Any) -> None:
        whole(self, block, layers, clipped)
        note("block", path=f"{os.path.relpath(self.path)} block {block}")

    module.FeatureWriter.write = write


def _watch_ended(module: ModuleType) -> None:
    whole = module.HandOver.restore_outputs

    def restore_outputs(self: Any, options: Any) -> bool:
        found: bool = whole(self, options)
        if found:
            note("taken")
        return found

    module.HandOver.restore_outputs = restore_outputs


class Watcher:
    """Changes modules as soon as they are imported."""

    def __init__(self, changes: dict[str, Callable[[ModuleType], None]]) -> None:
        self.changes = changes

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.changes:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        execute, change = spec.loader.exec_module, self.changes[name]

        def exec_module(module: ModuleType) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if JOURNAL in os.environ and any(
    os.path.basename(word) == "cortexlens" for word in sys.orig_argv[:3]
):
    note("start")
    atexit.register(note, "end")
    sys.meta_path.insert(
        0,
        Watcher(
            {
                "cortexlens.jobs.handover": _watch_ended,
                "cortexlens.storage.atomic": _watch_writing,
                "cortexlens.features.store": _watch_features,
            }
        ),
    )
