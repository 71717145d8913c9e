"""Functions and methods take what code for polaris-lib gives them, in the same order."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

# There may be more parameters behind these, which are new and have a default.
SIGNATURES = """
polaris.benchmark.BenchmarkSpecification.evaluate(y_pred=None, y_prob=None)
polaris.benchmark.BenchmarkSpecification.get_train_test_split(featurization_fn=None)
polaris.benchmark.BenchmarkSpecification.to_json(destination)
polaris.benchmark.BenchmarkV2Specification.evaluate(y_pred=None, y_prob=None)
polaris.benchmark.BenchmarkV2Specification.get_train_test_split(featurization_fn=None)
polaris.benchmark.BenchmarkV2Specification.submit_predictions(predictions, prediction_name,
    prediction_owner, contributors=None, model=None, description="", tags=None,
    user_attributes=None)
polaris.benchmark._split_v2.IndexSet.intersect(other)
polaris.competition.CompetitionSpecification.submit_predictions(predictions, prediction_name,
    prediction_owner, report_url, contributors=None, github_url=None, description="", tags=None,
    user_attributes=None)
polaris.dataset.Dataset.cache(destination=None, if_exists="replace", verify_checksum=True)
polaris.dataset.Dataset.from_json(path)
polaris.dataset.Dataset.get_data(row, col, adapters=None)
polaris.dataset.Dataset.load_to_memory()
polaris.dataset.Dataset.should_verify_checksum(strategy)
polaris.dataset.Dataset.to_json(destination, if_exists="replace")
polaris.dataset.Dataset.urn_for(owner, slug)
polaris.dataset.Dataset.verify_checksum(md5sum=None)
polaris.dataset.DatasetFactory(zarr_root_path=None, converters=None)
polaris.dataset.DatasetFactory.add_column(column, annotation=None, adapters=None)
polaris.dataset.DatasetFactory.add_columns(df, annotations=None, adapters=None, merge_on=None)
polaris.dataset.DatasetFactory.add_from_file(path)
polaris.dataset.DatasetFactory.add_from_files(paths, axis)
polaris.dataset.DatasetFactory.register_converter(ext, converter)
polaris.dataset.DatasetFactory.reset(zarr_root_path=None)
polaris.dataset.DatasetV2.cache(destination=None, if_exists="replace")
polaris.dataset.DatasetV2.get_data(row, col, adapters=None)
polaris.dataset.DatasetV2.to_json(destination, if_exists="replace")
polaris.dataset.Subset(dataset, indices, input_cols, target_cols, adapters=None,
    featurization_fn=None, hide_targets=False)
polaris.dataset.Subset.as_array(data_type)
polaris.dataset.Subset.extend_inputs(input_cols)
polaris.dataset.Subset.filter_targets(target_cols)
polaris.dataset.converters.PDBConverter(pdb_column="pdb", n_jobs=1)
polaris.dataset.converters.SDFConverter(mol_column="molecule", smiles_column="smiles",
    use_isomeric_smiles=True, mol_id_column=None, mol_prop_as_cols=True, groupby_key=None,
    n_jobs=1)
polaris.dataset.create_dataset_from_file(path, zarr_root_path=None)
polaris.dataset.create_dataset_from_files(paths, zarr_root_path=None, axis=0)
polaris.dataset.zarr.compute_zarr_checksum(path)
polaris.dataset.zarr.generate_zarr_manifest(zarr_root_path, output_dir)
polaris.evaluate.BenchmarkPredictions.get_size(test_set_subset=None, target_subset=None)
polaris.evaluate.BenchmarkPredictions.get_subset(test_set_subset=None, target_subset=None)
polaris.evaluate.Metric.score(y_true, y_pred=None, y_prob=None)
polaris.evaluate.evaluate_benchmark(target_cols, test_set_labels, test_set_sizes, metrics,
    y_true, y_pred=None, y_prob=None)
polaris.loader.load_benchmark(path, verify_checksum=True)
polaris.loader.load_competition(artifact_id)
polaris.loader.load_dataset(path, verify_checksum=True)
polaris.loader.load_model(artifact_id)
polaris.model.Model.upload_to_hub(owner=None, parent_artifact_id=None)
polaris.utils.types.HubOwner.normalize(owner)
"""


def _found(path: str) -> Any:
    """Return a function, a class, or a method of one."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return getattr(_found(module), name)


def _logical_lines() -> list[str]:
    return SIGNATURES.replace("\n    ", " ").replace("( ", "(").split("\n")[1:-1]


@pytest.mark.parametrize("documented", _logical_lines(), ids=lambda line: line.split("(")[0])
def test_parameters_are_those_of_the_documented_function(documented: str) -> None:
    path, _, parameters = documented.partition("(")
    namespace: dict[str, Any] = {}
    exec(f"def expected({parameters}: ...", namespace)
    expected = inspect.signature(namespace["expected"]).parameters.values()
    actual = list(inspect.signature(_found(path)).parameters.values())
    if actual and actual[0].name == "self":
        del actual[0]
    assert len(actual) >= len(expected)
    for ours, theirs in zip(actual, expected, strict=False):
        assert (ours.name, ours.default) == (theirs.name, theirs.default)
        assert ours.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    for ours in actual[len(expected) :]:
        assert (
            ours.kind in (ours.VAR_KEYWORD, ours.VAR_POSITIONAL) or ours.default is not ours.empty
        )
