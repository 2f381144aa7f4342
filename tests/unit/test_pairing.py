"""Responses and trials meet by the names of their files, run by run; order alone is said aloud."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cortexlens.errors import CortexlensError
from cortexlens.study.files import find_files
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.pairing import described, entities, pair_files
from cortexlens.study.table.subject import table_images, table_responses
from cortexlens.study.table.subject_files import TableFiles

N_IMAGES = 20
PICTURES = ImageSet(
    [f"im{i:03d}" for i in range(N_IMAGES)],
    [f"img/im{i:03d}.png" for i in range(N_IMAGES)],
    ["0" * 64] * N_IMAGES,
)


def events(path, shown):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("onset\tstim_file\n" + "".join(f"{i}\tim{k:03d}.png\n" for i, k in shown))
    return path


def planted(path, shown):
    """Betas whose value is the number of the picture that was shown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.tile(np.asarray(shown, np.float32), (2, 2, 2, 1)) + np.arange(8).reshape(2, 2, 2, 1)
    nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), np.diag([2.0, 2, 2, 1])), path)
    return path


def well_paired(files):
    """Share of the trials whose response is that of their picture."""
    found = table_responses(files, PICTURES, np.ones(N_IMAGES, bool))
    raw = found["response"].values * found["response_std"].values + found["response_mean"].values
    return (np.abs(raw[:, 0] - found["trial_image"].values) < 0.5).mean()


def bids(root, runs, name, n=5, seed=0):
    """Events by session, betas by task, so that the two trees sort differently."""
    rng = np.random.default_rng(seed)
    shown = rng.permutation(N_IMAGES)[: n * len(runs)].reshape(len(runs), n)
    tables, betas = [], []
    for label, own in zip(runs, shown, strict=True):
        event, beta = name(label)
        tables.append(events(root / "raw" / event, list(enumerate(own))))
        betas.append(planted(root / "glm" / beta, own))
    return betas, tables


def by_session_and_task(label):
    ses, task = label
    name = f"sub-01_ses-{ses}_task-{task}"
    return f"ses-{ses}/func/{name}_events.tsv", f"task-{task}/{name}_betas.nii.gz"


RUNS = [(ses, task) for ses in ("01", "02") for task in ("faces", "places")]


def test_trees_that_sort_differently_are_paired_by_session_and_task(tmp_path):
    bids(tmp_path, RUNS, by_session_and_task)
    betas = find_files(tmp_path, "glm/**/*_betas.nii.gz")
    tables = find_files(tmp_path, "raw/**/*_events.tsv")
    sessions = [[entities(path)["ses"] for path in paths] for paths in (betas, tables)]
    assert sessions[0] != sessions[1]
    assert well_paired(TableFiles(betas, trials=tables)) == 1


@given(betas=st.permutations(range(11)), tables=st.permutations(range(11)), width=st.integers(1, 3))
def test_whatever_the_order_and_the_zeros_runs_meet_their_own(
    betas, tables, width, tmp_path_factory
):
    folder = tmp_path_factory.getbasetemp()
    left = [folder / f"glm/sub-01_run-{i + 1}_betas.nii.gz" for i in betas]
    right = [folder / f"raw/sub-1_run-{i + 1:0{width}d}_events.tsv" for i in tables]
    pairing = pair_files(left, right, "trials")
    assert pairing.keys == ("run",)
    assert pairing.responses == tuple(left)
    for match in pairing.matches:
        (one,), (other,) = match.responses, match.others
        assert int(entities(one)["run"]) == int(entities(other)["run"])


def test_labels_that_only_zeros_tell_apart_stay_apart():
    runs = ["run-1", "run-01"]
    pairing = pair_files(
        [*map(Path, (f"glm/{r}_betas.nii" for r in runs))],
        [*map(Path, (f"raw/{r}_events.tsv" for r in reversed(runs)))],
        "trials",
    )
    assert [entities(m.others[0]) for m in pairing.matches] == [{"run": "1"}, {"run": "01"}]


def test_a_session_of_betas_takes_the_runs_of_its_events(tmp_path):
    rng = np.random.default_rng(1)
    shown = rng.permutation(N_IMAGES).reshape(2, 2, 5)
    tables = [
        events(tmp_path / f"raw/task-x_run-{run}_ses-{ses}_events.tsv", list(enumerate(own)))
        for run in (1, 2)
        for ses, own in ((1, shown[0, run - 1]), (2, shown[1, run - 1]))
    ]
    betas = [planted(tmp_path / f"glm/ses-0{s}_betas.nii.gz", shown[s - 1].ravel()) for s in (2, 1)]
    assert well_paired(TableFiles(betas, trials=tables)) == 1


def test_runs_of_unequal_length_are_refused_though_the_totals_agree(tmp_path):
    betas, tables = bids(tmp_path, RUNS, by_session_and_task)
    planted(betas[0], range(4))
    planted(betas[1], range(6))
    with pytest.raises(
        CortexlensError,
        match=r"ses-01_task-faces_events.tsv: found 5 trials for the 4 responses of .*faces_betas",
    ):
        well_paired(TableFiles(betas, trials=tables))


def test_a_run_without_events_or_betas_is_refused(tmp_path):
    betas, tables = bids(tmp_path, RUNS, by_session_and_task)
    with pytest.raises(CortexlensError, match=r"betas.nii.gz: has sub 01, ses 02, task pl"):
        well_paired(TableFiles(betas, trials=tables[:3]))
    with pytest.raises(CortexlensError, match=r"events.tsv: has sub 01, ses 01, task fa"):
        well_paired(TableFiles(betas[1:], trials=tables))


def test_another_subject_is_refused(tmp_path):
    betas, tables = bids(tmp_path, ["01"], lambda label: ("sub-02_events.tsv", "sub-01_betas.nii"))
    with pytest.raises(CortexlensError, match=r"sub-01_betas.nii: has sub 01 in its name, but"):
        well_paired(TableFiles(betas, trials=tables))


def test_a_file_of_responses_counts_once(tmp_path):
    betas, tables = bids(tmp_path, ["01"], lambda label: ("events.tsv", "betas.nii"))
    with pytest.raises(CortexlensError, match=r"betas.nii: is named twice"):
        well_paired(TableFiles(betas * 2, trials=tables))


def test_where_order_alone_pairs_files_it_is_said_which_met_which(tmp_path, capsys):
    betas, tables = bids(tmp_path, "abc", lambda x: (f"{x}_events.tsv", f"glm_{x}.nii"))
    assert well_paired(TableFiles(betas, trials=tables)) == 1
    told = capsys.readouterr().err
    assert "paired by order alone" in told
    for name in "abc":
        assert f"glm/glm_{name}.nii with raw/{name}_events.tsv" in told
    lengths = [planted(path, range(n)) for path, n in zip(betas, (4, 6, 5), strict=True)]
    with pytest.raises(CortexlensError, match=r"a_events.tsv: found 5 trials for the 4 responses"):
        well_paired(TableFiles(lengths, trials=tables))


def test_natural_against_alphabetical_order_is_noticed(tmp_path, capsys):
    left = [Path(f"glm/{i}.nii") for i in (1, 2, 10)]
    told = list(described(pair_files(left, [Path("trials.tsv")], "trials"), "trials"))
    assert "glm/2.nii comes before glm/10.nii here, but not in alphabetical order" in told[1]
    (tmp_path / "img").mkdir()
    for i in (1, 2, 10):
        Image.new("RGB", (4, 4), (i, 0, 0)).save(tmp_path / "img" / f"im{i}.png")
    assert [name[-1] for name in table_images(tmp_path / "img").ids] == ["1", "2", "0"]
    assert "im2.png comes before" in capsys.readouterr().err
    (tmp_path / "img" / "im10.png").unlink()
    table_images(tmp_path / "img")
    assert "comes before" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ses-02/func/sub-01_task-look_run-1_bold.nii", ["01", "02", "look", "1"]),
        ("ses-02/sub-01_ses-03_task-look_run1_bold.nii", ["01", "03", "look", "1"]),
        ("task-look/sub-01_session_4_run_07.npy", ["01", "4", "look", "07"]),
    ],
)
def test_entities_of_names_and_folders(path, expected):
    found = entities(Path(path))
    assert [found[key] for key in ("sub", "ses", "task", "run")] == expected


def test_hemispheres_meet_by_name(tmp_path):
    from nibabel.gifti import GiftiDataArray, GiftiImage

    def surface(path, shown):
        arrays = [GiftiDataArray(np.full(3, k, np.float32)) for k in shown]
        nibabel.save(GiftiImage(darrays=arrays), path)
        return path

    shown = np.arange(N_IMAGES).reshape(2, 10)
    left = [surface(tmp_path / f"lh_run-{r}.func.gii", shown[r - 1]) for r in (1, 2)]
    right = [surface(tmp_path / f"rh_run-0{r}.func.gii", shown[r - 1] + 100) for r in (2, 1)]
    found = table_responses(
        TableFiles(left, responses_right=right), PICTURES, np.ones(N_IMAGES, bool)
    )
    raw = found["response"].values * found["response_std"].values + found["response_mean"].values
    np.testing.assert_allclose(raw[:, 3] - raw[:, 0], 100, atol=1e-3)
    with pytest.raises(
        CortexlensError, match="run 2 in its name, but no file of responses of the r"
    ):
        table_responses(
            TableFiles(left, responses_right=right[1:]), PICTURES, np.ones(N_IMAGES, bool)
        )


def test_one_file_a_picture_meets_the_picture_of_its_name(tmp_path):
    order = np.random.default_rng(3).permutation(N_IMAGES)
    paths = [planted(tmp_path / f"im{k:03d}.nii.gz", [k]) for k in order]
    mask = tmp_path / "mask.nii"
    nibabel.save(nibabel.Nifti1Image(np.ones((2, 2, 2), np.uint8), np.diag([2.0, 2, 2, 1])), mask)
    assert well_paired(TableFiles(paths, mask=[mask])) == 1
    strange = planted(tmp_path / "im999.nii.gz", [0])
    with pytest.raises(CortexlensError, match=r"im999.nii.gz: has the name of no image, or of"):
        well_paired(TableFiles([*paths[1:], strange], mask=[mask]))
