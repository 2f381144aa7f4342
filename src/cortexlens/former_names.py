"""Modules by the names that they had in version 0.1.0, importable until the next release.

Scripts that import a module from where it was get it from where it is, with a warning that names
the new place. Only names that no module has any more are looked up here.
"""

import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

PACKAGE: Final = "cortexlens"
# Former name → name, both within the package.
MOVED: Final = {
    "accessor": "api.accessor",
    "after_fits": "planning.analysis_workloads",
    "allocation": "compute.malloc",
    "analysis.ablations": "analysis.scores.ablations",
    "analysis.agreement": "analysis.statistics.agreement",
    "analysis.blocks": "analysis.statistics.blocks",
    "analysis.bootstrap": "analysis.statistics.bootstrap",
    "analysis.category_contrasts": "analysis.dictionaries.category_contrasts",
    "analysis.changes": "analysis.finetuning.changes",
    "analysis.channel_clusters": "analysis.channels.clusters",
    "analysis.channel_diversity": "analysis.channels.diversity",
    "analysis.channel_regions": "analysis.channels.regions",
    "analysis.channel_stability": "analysis.channels.stability",
    "analysis.derived": "analysis.finetuning.pairs",
    "analysis.dictionary": "analysis.dictionaries.dictionary",
    "analysis.dictionary_agreement": "analysis.dictionaries.agreement",
    "analysis.dictionary_hierarchy": "analysis.dictionaries.hierarchy",
    "analysis.dictionary_overlap": "analysis.dictionaries.overlap",
    "analysis.dictionary_table": "analysis.dictionaries.table",
    "analysis.drift": "analysis.finetuning.drift",
    "analysis.families": "analysis.scores.families",
    "analysis.films": "analysis.dictionaries.films",
    "analysis.fit_scores": "analysis.scores.fit_scores",
    "analysis.forgetting": "analysis.finetuning.forgetting",
    "analysis.held_out": "analysis.scores.held_out",
    "analysis.intervals": "analysis.statistics.intervals",
    "analysis.learning": "analysis.scores.learning",
    "analysis.max_model": "analysis.scores.max_model",
    "analysis.paper": "analysis.scores.paper",
    "analysis.permutation": "analysis.statistics.permutation",
    "analysis.recovery_study": "analysis.recovery.tables",
    "analysis.region_levels": "analysis.hierarchy.region_levels",
    "analysis.region_table": "analysis.scores.region_table",
    "analysis.sae_stability": "analysis.dictionaries.stability",
    "analysis.saes": "analysis.dictionaries.quality",
    "analysis.similarity": "analysis.statistics.cka",
    "analysis.stability": "analysis.scores.stability",
    "analysis.subjects": "analysis.scores.subjects",
    "analysis.truth": "analysis.recovery.truth",
    "analysis.unit_agreement": "analysis.dictionaries.unit_agreement",
    "analysis.unit_choices": "analysis.dictionaries.unit_choices",
    "analysis.unit_pages": "analysis.dictionaries.unit_pages",
    "analysis.unit_selectivity": "analysis.dictionaries.selectivity",
    "analysis.unit_similarity": "analysis.dictionaries.similarity",
    "analysis.units": "analysis.dictionaries.units",
    "analysis.variance_partitioning": "analysis.scores.variance_partitioning",
    "atlas_jobs": "workflow.atlas_inputs",
    "cluster_logs": "jobs.cluster_logs",
    "conditions": "config.recovery",
    "costs": "planning.costs",
    "derived": "config.finetuned",
    "devices": "compute.devices",
    "divergence": "compute.divergence",
    "encoding.kept": "encoding.checkpoint",
    "encoding.layer_size": "encoding.aligned_rms",
    "ended": "jobs.handover",
    "failures": "jobs.failures",
    "figures.ablations": "figures.scores.ablations",
    "figures.average": "figures.maps.average",
    "figures.changes": "figures.finetuning.changes",
    "figures.channel_images": "figures.channels.images",
    "figures.colours": "figures.drawing.colours",
    "figures.dictionary_null": "figures.dictionaries.null",
    "figures.distributions": "figures.maps.distributions",
    "figures.families": "figures.scores.families",
    "figures.films": "figures.dictionaries.films",
    "figures.fits": "figures.maps.fits",
    "figures.flatmaps": "figures.maps.flatmaps",
    "figures.hierarchy": "figures.scores.hierarchy",
    "figures.keys": "figures.drawing.keys",
    "figures.labels": "figures.drawing.labels",
    "figures.learning": "figures.scores.learning",
    "figures.locator": "figures.drawing.locator",
    "figures.max_model": "figures.maps.max_model",
    "figures.overview": "figures.maps.overview",
    "figures.panels": "figures.drawing.panels",
    "figures.paper": "figures.scores.paper",
    "figures.saes": "figures.dictionaries.quality",
    "figures.sheets": "figures.drawing.sheets",
    "figures.slices": "figures.maps.slices",
    "figures.small_maps": "figures.drawing.small_maps",
    "figures.stability": "figures.scores.stability",
    "figures.style": "figures.drawing.style",
    "figures.titles": "figures.drawing.titles",
    "figures.trajectory": "figures.finetuning.trajectory",
    "figures.unit_selectivity": "figures.dictionaries.selectivity",
    "figures.units": "figures.dictionaries.units",
    "figures.volume_maps": "figures.maps.volume",
    "figures.weights": "figures.maps.weights",
    "fingerprint": "storage.code_hash",
    "folder_names": "storage.names",
    "forecast": "planning.forecast",
    "gathering": "workflow.collected",
    "gpus": "compute.gpus",
    "history": "storage.lineage",
    "input_files": "storage.input_files",
    "integrity": "storage.verify",
    "job_files": "jobs.status",
    "json_files": "storage.json_files",
    "library": "api.results",
    "locks": "jobs.lock",
    "manifests": "storage.manifest",
    "methods_jobs": "workflow.methods_inputs",
    "options": "workflow.params",
    "ownership": "config.ownership",
    "provenance": "storage.provenance",
    "readouts": "config.readouts",
    "records": "storage.records",
    "remote": "compute.dask_client",
    "resuming": "compute.checkpoints",
    "sae_jobs": "planning.sae_jobs",
    "sae_workloads": "planning.sae_workloads",
    "safe_yaml": "config.safe_yaml",
    "schedule": "compute.schedule",
    "sizes": "planning.sizes",
    "stacked_workloads": "planning.stacked_workloads",
    "stores": "storage.datasets",
    "study.array_files": "study.table.array_files",
    "study.decoded": "study.pictures.decoded",
    "study.drawn_classes": "study.simulation.drawn_classes",
    "study.frames": "study.pictures.frames",
    "study.gabor": "study.simulation.gabor",
    "study.grids": "study.table.grids",
    "study.hemispheres": "study.table.hemispheres",
    "study.image_maps": "study.simulation.image_maps",
    "study.images": "study.pictures.image_set",
    "study.label_files": "study.table.label_files",
    "study.labelled": "study.pictures.labelled",
    "study.missing": "study.table.missing",
    "study.nsd_betas": "study.nsd.betas",
    "study.nsd_design": "study.nsd.design",
    "study.nsd_layout": "study.nsd.layout",
    "study.nsd_places": "study.nsd.places",
    "study.pairing": "study.table.pairing",
    "study.picture_bricks": "study.pictures.hdf5",
    "study.picture_files": "study.pictures.files",
    "study.place_files": "study.table.place_files",
    "study.recordings": "study.table.recordings",
    "study.scenes": "study.simulation.scenes",
    "study.scenes_backgrounds": "study.simulation.backgrounds",
    "study.scenes_pen": "study.simulation.pen",
    "study.scenes_people": "study.simulation.people",
    "study.scenes_things": "study.simulation.things",
    "study.scenes_words": "study.simulation.captions",
    "study.simulated": "study.simulation.subject",
    "study.squares": "study.pictures.squares",
    "study.surfaces": "study.table.surfaces",
    "study.table_files": "study.table.subject_files",
    "study.trials": "study.table.trials",
    "study.tuning": "study.simulation.tuning",
    "study.vertex_places": "study.table.vertex_places",
    "study.whole_pictures": "study.pictures.complete",
    "study_text": "config.reading",
    "targets": "planning.targets",
    "tuning_jobs": "planning.finetuning_jobs",
    "user_code": "backbones.user_code",
    "user_files": "config.inputs",
    "validation": "config.schema",
    "workloads": "planning.workloads",
    "writing": "storage.atomic",
}


class FormerNames(MetaPathFinder, Loader):
    """Import hook that is asked last, for modules that no other finds."""

    def find_spec(
        self, name: str, path: object, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Recognise a former name of a module."""
        package, _, inside = name.partition(".")
        return ModuleSpec(name, self) if package == PACKAGE and inside in MOVED else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make an empty module, which is replaced."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of the new name in the place of the former one."""
        new = f"{PACKAGE}.{MOVED[module.__name__.partition('.')[2]]}"
        warnings.warn(
            f"{module.__name__} is now {new}; import it from there.",
            DeprecationWarning,
            stacklevel=2,
        )
        sys.modules[module.__name__] = import_module(new)


def attributes_of(package: str, module: str) -> Callable[[str], Any]:
    """Give the function ``__getattr__`` of a package that bears the former name of a module.

    Parameters
    ----------
    package, module
        Name of the package, and of the module in it that has what the former module had.
    """

    def attribute(name: str) -> Any:
        found = None if name.startswith("__") else getattr(import_module(module), name, None)
        # a module is one of the package itself, which is about to be imported
        if found is None or isinstance(found, ModuleType):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        warnings.warn(
            f"{package}.{name} is now {module}.{name}; import it from there.",
            DeprecationWarning,
            stacklevel=2,
        )
        return found

    return attribute
