"""Drafts that a person completes: a transparency record, a data-protection note, and what the open data are."""

from __future__ import annotations

import pandas as pd

TO_FILL = "TO BE FILLED IN"
DRAFT = ("*Draft, filled from the manifest of a run. Lines that say {fill} need a person who answers for them; the rest needs one who has read it.*\n"
         .format(fill=TO_FILL))
TEMPLATE = "*The sections follow template 3.0 of the standard; hold them against the template of the day before you publish.*\n"


def about(run, left_out: pd.DataFrame, *, published: int) -> str:
    """What was published, under which licence, how it was made, and what was left out."""
    reasons = "\n".join(f"| {row.reason} | {row.contributions:,} |" for row in left_out.itertuples()) or "| nothing | 0 |"
    return f"""# Open data: what people said about a digital centre of government

Made with reckons {_version(run)} from a run of {run.manifest['created_at'][:10]}. {published:,} of {run.ledger['contributions']['read']:,} records are published.

**This is not a vote.** People chose to speak; shares of this material are not public opinion.

## Licence
Each text keeps the licence in its row of `contributions.csv`. Codes, themes and counts may be used under CC BY 4.0 unless the publisher says otherwise: {TO_FILL}.

## Files
`contributions.csv`, `passages.csv`, `codes.csv`, `coding.csv`, `themes.csv`, `theme_codes.csv`, `membership.csv` hold the tables, verbatim; `csv-metadata.json` describes
them (CSV on the Web). `open-data.xlsx` holds the same and is safe to open in a spreadsheet: **do not open the CSV files there**, a text may begin
like a formula. `project.qdpx` is for qualitative coding tools (REFI-QDA). `atrs-record.md` and `data-protection-note.md` are drafts.

Counts in `themes.csv` and `theme_codes.csv` are of everything that was analysed, published or not; what fewer than five people said is left out. Of
names and keywords of themes, only those words are given that stand in a text that is published here.

## Left out, and why

| reason | contributions |
|---|---|
{reasons}

## Method
{_method(run)}
Personal details were replaced by rules before anything else was done; authors are pseudonyms made with a key that is not published. Passages on which
the mapper was not sure have no code here.
"""


def transparency_record(run) -> str:
    """The draft of a record, in the sections of the Algorithmic Transparency Recording Standard's template 3.0: metadata, tier 1, five of tier 2."""
    counts, model = run.ledger["contributions"], run.manifest["model"]
    fields = [
        ("Metadata", {"Organisation": TO_FILL, "Function": TO_FILL, "Phase": TO_FILL, "Region": TO_FILL, "Date published": TO_FILL}),
        ("Tier 1: Overview", {
            "Name": "reckons", "Description": "Reads contributions to an open call, groups them into themes and maps them to questions chosen beforehand, so that "
            "people can find and read what was said. It decides nothing about anybody.", "Website URL": TO_FILL, "Contact email": TO_FILL}),
        ("Tier 2: Owner and responsibility", {
            "Organisation or department": TO_FILL, "Team": TO_FILL, "Senior responsible owner": TO_FILL,
            "Third party involvement": "None while it runs: everything is computed on the machine of the analyst. Model weights are published by others (below).",
            "Third party": TO_FILL, "Companies House number": TO_FILL, "Third party role": TO_FILL, "Procurement procedure type": TO_FILL,
            "Third party data access terms": "No third party has access to the data through the tool. " + TO_FILL}),
        ("Tier 2: Description and rationale", {
            "Detailed description": _method(run), "Scope": f"{counts['read']:,} records read, {counts['kept']:,} analysed, {counts['set_aside']:,} set aside with a reason.",
            "Benefits": "Every contribution is read and accounted for; each number leads to the words behind it.",
            "Previous process": TO_FILL, "Alternatives considered": TO_FILL}),
        ("Tier 2: Decision making process", {
            "Process integration": "Its pages inform an advisory panel. " + TO_FILL, "Provided information": "Themes with grades, counts with intervals, quotations, abstentions.",
            "Frequency and scale of usage": TO_FILL, "Human decisions and review": "People may overrule any code; such decisions replace the model's and are marked.",
            "Required training": TO_FILL, "Appeals and review": "Anybody can have a contribution withdrawn; it then leaves every file and every later run."}),
        ("Tier 2: Tool specification", _system(run) | _model(counts, model) | _data(run)),
        ("Tier 2: Risks, mitigations and impact assessments", {
            "Impact assessments": "Data-protection note, drafted beside this file. " + TO_FILL,
            "Risks and mitigations": "Misreading a contribution (calibrated abstention, verbatim quotations with links); loud voices and campaigns (people and distinct messages are "
            "counted beside contributions); missing voices (said on the page); disclosure (redaction, a list to check by eye, no cell under five people)."}),
    ]
    return "# Algorithmic transparency record\n\n" + DRAFT + TEMPLATE + "".join(_section(title, lines) for title, lines in fields)


def _system(run) -> dict[str, str]:
    return {"System architecture": f"Python on one machine ({run.manifest['platform']}); no service is called.",
            "System-level input": "Files of contributions: tables, saved discussions, posts, pages, feeds.",
            "System-level output": "Tables of themes and codes, a ledger that adds up, one page to read.", "Maintenance": TO_FILL}


def _model(counts: dict, model: dict) -> dict[str, str]:
    return {"Model name": model["name"], "Model version": f"revision {model['revision']}, SHA-256 {model['sha256']}",
            "Model task": "sentence embedding; multi-label mapping of passages", "Model input": "passages of up to about 120 words, personal details removed",
            "Model output": "a calibrated probability for each code, or an abstention",
            "Model architecture": f"transformer encoder, {model['dimensions']} dimensions, {model['precision']}; UMAP and HDBSCAN for themes",
            "Model performance": f"{counts['mapped']:,} contributions mapped, {counts['abstained']:,} not sure enough, {counts['outside']:,} outside. Scores against labels: " + TO_FILL,
            "Datasets and their purposes": "Labelled passages, to train and to measure the mapping (development); the contributions of this run (operation)."}


def _data(run) -> dict[str, str]:
    return {"Development data description": "Passages of public writing, labelled by a written codebook; counts, hashes and scores are recorded with the coefficients. " + TO_FILL,
            "Operational data sources": "; ".join(f"{one['file']} ({one['bytes']:,} bytes)" for one in run.manifest["inputs"]), "Data modality": "text",
            "Data quantities": f"{run.ledger['contributions']['kept']:,} contributions, {run.ledger['passages']['total']:,} passages",
            "Sensitive attributes": "None are asked for; texts may hold some (see the data-protection note).",
            "Data completeness and representativeness": "Self-selected: those who answered an open call. Not representative, and never shown as if it were.",
            "Data processing methods": "Personal details replaced by rules; copies of a message counted once.",
            "Data access and storage": TO_FILL, "Data sharing agreements": TO_FILL}


def data_protection_note(run) -> str:
    """The draft of a data-protection note, with the numbers of the run."""
    redacted = (run.manifest["settings"].get("reading") or {}).get("redacted") or {}
    counts = run.ledger["contributions"]
    removed = ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in redacted.items()) or "not recorded"
    lines = {
        "Controller": TO_FILL, "Purpose": "To read what people said in answer to an open call and to report it to a panel. " + TO_FILL, "Lawful basis": TO_FILL,
        "Whose data": f"{run.ledger['contributors']:,} named contributors and those whom they write about; {counts['kept']:,} contributions.",
        "Which data": "Texts, dates, addresses of public posts, pseudonyms. Names and account ids are not kept.",
        "Special categories": "Not asked for. Texts may hold health, belief or the like; `check_by_eye.csv` lists where rules suspect it.",
        "Removed before analysis": f"Personal details by kind: {removed}.", "Pseudonyms": "HMAC-SHA256 with a key that stays on the analyst's machine, outside all outputs.",
        "Where it is processed": "On one machine; nothing is sent anywhere. " + TO_FILL, "Who receives it": TO_FILL, "Kept until": TO_FILL,
        "Rights": f"Withdrawal: `reckons forget`; {counts['set_aside_by_reason'].get('withdrawn', 0):,} withdrawn so far. A hash and a date are kept so that it stays so. "
                  "Access and rectification: " + TO_FILL,
        "Automated decisions about people": "None.", "Remaining risks": "Rules miss some details and cannot catch what only a neighbour would recognise. " + TO_FILL,
    }
    return "# Data-protection note\n\n" + DRAFT + _section("What is processed, and why", lines)


def _section(title: str, lines: dict[str, str]) -> str:
    return f"\n## {title}\n\n" + "".join(f"**{name}**: {text}\n\n" for name, text in lines.items())


def _method(run) -> str:
    model, settings = run.manifest["model"], run.manifest.get("settings", {})
    mapped = (settings.get("mapping") or {}).get("method", "see the manifest")
    return (f"Passages are embedded with {model['name']} (revision {model['revision']}); themes are dense groups (UMAP, HDBSCAN, seed {run.manifest['seed']}), graded by how well "
            f"they come back when the material is resampled; codes of the framework “{run.framework.title}” "
            f"are assigned by {mapped}.")


def _version(run) -> str:
    return str((run.manifest.get("packages") or {}).get("reckons", ""))
