"""What jobs and snakemake leave behind, made up."""

import json
import os
from base64 import urlsafe_b64encode
from datetime import datetime
from pathlib import Path

STATS = "Building DAG of jobs...\nJob stats:\njob    count\n-----  -------\n"


class Remains:
    """Files of a study's jobs below a folder, and snakemake's own.

    Parameters
    ----------
    folder
        That snakemake ran in.
    study
        Whose results they are.
    """

    def __init__(self, folder: Path, study: str = "tiny") -> None:
        self.memory, self.results = folder / ".snakemake", Path("results") / study
        self.home = folder

    def job(self, rule, name="", *, began=0.0, took=None, text="", output=None) -> Path:
        """Write a job's log, and where it succeeded after some seconds its measurement."""
        place = f"{rule}/{name}" if name else rule
        log = self.results / "logs" / f"{place}.log"
        _write(self.home / log, text, began)
        if took is not None:
            _write(self.home / self.results / "benchmarks" / f"{place}.tsv", "s\n", began + took)
        if output is not None:
            self.remember(output, log)
        return log

    def remember(self, output, log):
        """Keep what a job made, as snakemake does: long names in folders."""
        name = urlsafe_b64encode(str(output).encode()).decode()
        parts = [name[start : start + 254] for start in range(0, len(name), 254)]
        path = self.memory.joinpath("metadata", *(f"@{part}" for part in parts[:-1]), parts[-1])
        _write(path, json.dumps({"rule": "any", "log": [str(log)]}))

    def call(self, asked, lines=(), *, began=0.0, ended=None) -> Path:
        """Write snakemake's log of a call: jobs by rule, and lines that follow."""
        stamp = datetime.fromtimestamp(began).strftime("%Y-%m-%dT%H%M%S")
        counts = {**asked, "total": sum(asked.values())}
        text = STATS + "".join(f"{rule}  {count}\n" for rule, count in counts.items())
        path = self.memory / "log" / f"{stamp}.000000.snakemake.log"
        _write(
            path,
            text + "\n" + "".join(f"{line}\n" for line in lines),
            began + 60 if ended is None else ended,
        )
        return path

    def lock(self):
        """Hold the study, as snakemake does while it runs."""
        _write(self.memory / "locks" / "0.output.lock", f"{self.results}/tables/brain_score.tsv\n")


def failure(rule, log, when):
    """Lines that snakemake writes when a job fails."""
    stamp = datetime.fromtimestamp(when).strftime("%a %b %d %H:%M:%S %Y")
    place = f"    log: {log} (check log file(s) for error details)"
    return [f"[{stamp}]", f"Error in rule {rule}:", "    jobid: 1", place]


def _write(path, text, when=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if when is not None:
        os.utime(path, (when, when))
