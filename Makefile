# The README's two commands are `make demo` and `make test`; `make` alone lists the others.
PYTHON ?= python3
VENV ?= .venv
PYTEST ?= --numprocesses auto --dist loadfile --no-loadscope-reorder
CONFIG ?= config/config.yaml

BIN = $(VENV)/bin
READY = $(VENV)/.ready
# A config is data: one that snakemake would run expressions of is refused before it is read.
SNAKEMAKE = $(BIN)/python -m cortexlens.config.safe_yaml "$$CONFIG" && \
	$(BIN)/snakemake --profile workflow/profiles/default --configfile $(CONFIG) $(SETTINGS)
RESULTS = results/$(shell sed -n "s/^study: *[\"']*\([a-z0-9-]*\).*/\1/p" $(CONFIG))
# What other targets make is put on the page where there is one.
PAGE = $(if $(wildcard $(RESULTS)/atlas),atlas)
# Targets that were made, each known by a table of its own: the report holds these.
made = $(if $(wildcard $(RESULTS)/tables/$(2).tsv),$(1))
MADE = $(strip $(call made,all,brain_score) $(call made,trust,ablations) \
	$(call made,finetuning,finetune_changes) $(call made,channels,channel_clusters) \
	$(call made,sae,dictionary) $(call made,recovery,recovery_study))
PICTURES = $(wildcard $(RESULTS)/tables/*.tsv $(RESULTS)/figures/*.png $(RESULTS)/figures/*/*/*.png)

export CONFIG SETTINGS

.PHONY: help setup demo planted recovery v4 v4-repeats v4-finetunes study trust finetuning everything sae report test bench soak lint house docs pins audit licences sbom clean

help:  ## list the targets
	@sed -n 's/^\([a-z0-9 -]*\):.*## /\1: /p' Makefile

setup: $(READY)  ## install cortexlens and what it needs into .venv

$(READY): pyproject.toml envs/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cortexlens needs Python 3.11 or newer, found " + sys.version.split()[0] + "; name another: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(PIP_OPTIONS) --constraint envs/constraints.txt --editable '.[dev]'
	touch $@

demo:  ## map five small networks onto two simulated subjects
demo: CONFIG = config/config.yaml

planted:  ## fit responses whose selectors are known
planted: CONFIG = config/planted/config.yaml

recovery: setup  ## what readouts find again of five kinds of planted truth; hours
recovery: CONFIG = config/recovery/config.yaml
recovery:
	$(SNAKEMAKE) -- recovery
	@echo
	@echo "Done. Open:"
	@echo "  $(RESULTS)/figures/recovery_study.png   what is found again, by truth and noise ceiling"
	@echo "  $(RESULTS)/tables/recovery_study.tsv    the same with intervals"

v4:  ## macaque V4 recordings; DATA=folder where they lie
v4: CONFIG = config/v4/config.yaml
v4: SETTINGS = $(if $(DATA),--config 'dataset={root: "$(DATA)"}')

v4-repeats:  ## a macaque V4 session trial by trial; DATA=folder where it lies
v4-repeats: CONFIG = config/v4-repeats/config.yaml
v4-repeats: SETTINGS = $(if $(DATA),--config 'dataset={root: "$(DATA)"}')

v4-finetunes:  ## V4 networks before and after fine-tuning; DATA and FINETUNE_DATA=folders
v4-finetunes: CONFIG = config/v4/config.yaml
v4-finetunes: SETTINGS = --config $(if $(DATA),'dataset={root: "$(DATA)"}') 'finetuning={root: "$(FINETUNE_DATA)"}'

v4-finetunes: finetuning

study:  ## your own study; CONFIG=its config file

demo planted v4 v4-repeats study: setup
	$(SNAKEMAKE)
	@$(MAKE) --no-print-directory report
	@echo
	@echo "Done. Open:"
	@echo "  $(RESULTS)/atlas/index.html        turn the cortex, compare networks, ask any vertex"
	@echo "  $(RESULTS)/report.html             every picture and table, with captions"
	@echo "  $(RESULTS)/figures/overview.png    all networks and subjects on one sheet"
	@echo "  $(RESULTS)/tables/brain_score.tsv  scores by region"

trust: setup  ## how far a study's results can be trusted: ablations, seeds, learning curves, controls
	$(SNAKEMAKE) -- trust
	@$(MAKE) --no-print-directory report

everything: setup  ## also fine-tuning, diffusion and channels; not trust, recovery nor sae
	$(SNAKEMAKE) -- everything
	@$(MAKE) --no-print-directory report

finetuning: setup  ## fine-tune networks of a study and map them again
	$(SNAKEMAKE) -- finetuning $(PAGE)
	@$(MAKE) --no-print-directory report

sae: setup  ## sparse autoencoders of layers, and the units that vertices resemble
	$(SNAKEMAKE) -- sae $(PAGE)
	@$(MAKE) --no-print-directory report

report: $(RESULTS)/report.html  ## gather a finished study in one page

$(RESULTS)/report.html: $(PICTURES)
	$(if $(wildcard $(RESULTS)/methods.md),$(SNAKEMAKE) -- write_methods)
	$(SNAKEMAKE) --report $@ $(if $(MADE),-- $(MADE))

test: export OMP_NUM_THREADS = 1
test: setup  ## run the tests
	$(BIN)/python -m pytest $(PYTEST)

bench: setup  ## time everything against the plain way of doing it; results/bench.json
	$(BIN)/python benchmarks/run.py

soak: setup  ## put faults into runs of a small study, at most 30 minutes; docs/reliability.md
	$(BIN)/python benchmarks/soak.py

lint: setup  ## check style, types, spelling and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports

house: setup  ## count lines, packages, layers, long functions and unused names
	$(BIN)/python docs/tools/house.py

docs: setup  ## build the pages of docs/ into build/site; open its index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

pins: setup  ## write the installed versions to envs/constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > envs/.pins
	sed -n 1p envs/constraints.txt | cat - envs/.pins > envs/.constraints
	mv envs/.constraints envs/constraints.txt
	rm envs/.pins

audit: setup  ## ask a service of advisories about the installed packages, where it is reachable
	$(BIN)/python envs/dependencies.py audit

licences: setup  ## list the licences of all installed packages; one that is not allowed is an error
	$(BIN)/python envs/dependencies.py licences

sbom: setup  ## write all that is installed to build/sbom.json (CycloneDX), for a release
	mkdir -p build
	$(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json

clean:  ## remove all results and what snakemake remembers of them
	rm -rf results/* .snakemake
