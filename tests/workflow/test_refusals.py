"""What is wrong with a study is said in one line before anything runs."""

import pytest

from studies import BACKBONES, SIMULATED, SUBJECTS, write_study


def refused(workflow, *arguments):
    """Give the one line of a refusal; nothing may have been written."""
    done = workflow(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not (workflow.folder / "results").exists()
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("cortexlens: ")]
    assert "Traceback" not in done.stderr
    return line


@pytest.mark.parametrize(
    ("config", "subjects", "backbones", "words"),
    [
        ({"epochs": 3}, {}, {}, ["config.yaml", "'epochs' is unknown"]),
        ({}, {"scenes": "0-99"}, {}, ["subjects.tsv", "'sim01'", "0-99", "rows 0 to 59"]),
        ({}, {}, {"backbone": "VGG 16"}, ["backbones.tsv, line 2", "'VGG 16'", "lower-case"]),
        ({"dataset": {"kind": "table", "root": "gone"}}, {}, {}, ["subjects.tsv", "images"]),
        ({}, {}, {"weights": "gone.pt"}, ["backbones.tsv", "'plain'", "gone.pt", "no such file"]),
    ],
    ids=["key", "scenes", "identifier", "columns", "file"],
)
def test_a_faulty_study_is_refused(workflow, config, subjects, backbones, words):
    write_study(
        workflow.folder,
        {**SIMULATED, **config},
        [{**SUBJECTS[0], **subjects}, SUBJECTS[1]],
        [{**BACKBONES[0], **backbones}, BACKBONES[1]],
    )
    line = refused(workflow, "--dry-run")
    for word in words:
        assert word in line


def test_a_faulty_key_on_the_command_line_is_refused(workflow):
    write_study(workflow.folder)
    line = refused(workflow, "--dry-run", "--config", "dataset={sizes: 64}")
    assert "dataset: 'sizes' is unknown; did you mean 'size'?" in line


def test_the_demo_does_not_show_through_another_config(workflow):
    config = {key: value for key, value in SIMULATED.items() if key != "backbones"}
    write_study(workflow.folder, config)
    assert "config.yaml: 'backbones' is missing" in refused(workflow, "--dry-run")


def test_a_network_that_does_not_load_stops_all_before_it_begins(workflow):
    (workflow.folder / "nets.py").write_text("def make():\n    raise ValueError('no such size')\n")
    row = {
        "backbone": "own",
        "source": "python",
        "name": "nets:make",
        "trust": "python",
        "input_size": "32",
        "mean": "0,0,0",
        "std": "1,1,1",
    }
    write_study(workflow.folder, backbones=[row])
    done = workflow("--cores", "1", "--show-failed-logs")
    assert done.returncode == 1
    assert "own: nets:make could not be called (ValueError: no such size)" in done.stderr.replace(
        "backbone 'own'", "own"
    )
    logs = workflow.folder / "results" / "tiny" / "logs"
    # scenes are drawn beside the first network, where there is a core for it
    assert {path.name for path in logs.iterdir()} - {"draw_scenes.log"} == {"describe_backbone"}


def test_a_second_config_of_the_same_name_does_not_run_on_the_results_of_the_first(workflow):
    path = write_study(workflow.folder)
    target = ("--", "results/tiny/scenes")
    done = workflow(*target)
    assert done.returncode == 0, done.stderr
    path.write_text(path.read_text() + "\n# edited\n")
    assert workflow("--dry-run", *target).returncode == 0
    second = workflow.folder / "second.yaml"
    second.write_text(path.read_text())
    for how in ((), ("--dry-run",)):
        done = workflow(*how, "--configfile", str(second), *target)
        assert done.returncode == 2
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("cortexlens: ")]
        assert "results/tiny: holds the results of config.yaml (dataset simulated), and sec" in line
    path.unlink()  # moved
    assert workflow("--dry-run", "--configfile", str(second), *target).returncode == 0
