from typer.testing import CliRunner

from cortexlens.backbones import zoo
from cortexlens.cli import app


def test_the_stage_writes_the_shipped_card_from_the_shipped_reports(tmp_path):
    reports = [str(zoo.WEIGHTS / f"demo-{task}.json") for task in zoo.TASKS]
    command = ["write-model-card", *reports, "--out", str(tmp_path / "card.md")]
    CliRunner().invoke(app, command, catch_exceptions=False)
    assert (tmp_path / "card.md").read_text() == (zoo.WEIGHTS / "MODEL_CARD.md").read_text()
