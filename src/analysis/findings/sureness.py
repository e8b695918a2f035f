"""How sure the analysis is: grades of themes, abstentions, who decided, what an interval covers."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, joined, people
from analysis.findings.landscape import GRADES, NONE, NOT_HELD

DECIDERS = {"model": "by the machine alone", "rule": "by a rule of the framework (one heading implies another)", "person": "by a person who read it"}
MAIN = ("questions", "barriers")   # what the panel asks about; the rest is for those who look for it


def answer(run) -> words.Words:
    """Firm themes and abstentions, in two sentences."""
    firm, kept = int((run.themes["grade"] == "firm").sum()), run.ledger["contributions"]
    first = f"Of {counted(len(run.themes), 'theme and sub-theme', 'themes and sub-themes')}, {firm:,} {'is' if firm == 1 else 'are'} firm." if len(run.themes) else NONE
    return words.answer(first, f"For {kept['abstained']:,} of {kept['kept']:,} contributions the machine says that it is not sure enough which question or barrier they speak to.")


def grades(run) -> Finding:
    """How many themes carry each grade."""
    counts = run.themes["grade"].value_counts()
    table = pd.DataFrame({"grade": list(GRADES), "themes": [int(counts.get(grade, 0)) for grade in GRADES], "means": list(GRADES.values())})
    table = table[table["themes"] > 0].reset_index(drop=True)
    if table.empty:
        return Finding(table, NONE, "Nothing to draw.")
    most = table.loc[table["themes"].idxmax()]
    return Finding(table, f"Most themes and sub-themes are graded “{most['grade']}”: {most['themes']:,}. That means: {most['means']}.",
                   "Bars: " + "; ".join(f"{g}, {n:,}" for g, n in zip(table["grade"], table["themes"])) + ".")


def themes(run) -> words.Words:
    """Every theme that holds with how much of it comes back; how much came after that was measured. Those that do not hold are listed with the themes."""
    rows = run.themes[run.themes["grade"] != NOT_HELD].sort_values(["stability", "theme_id"], ascending=[False, True])
    shown = ["not measured" if words.is_missing(value) else f"{10 * value:.1f}" for value in rows["stability"].astype(object)]
    table = words.folded(f"Theme by theme: {len(rows):,}", words.table(pd.DataFrame({"Theme": rows["name"], "Comes back, of 10": shown, "How firm": rows["grade"]}),
                         caption="How much of each theme comes back together, on average, when the analysis is repeated"))
    gone_on = ((run.manifest.get("settings") or {}).get("themes") or {}).get("gone_on")
    left = int((run.themes["grade"] == NOT_HELD).sum())
    apart = words.say(words.behind(counted(left, "group"), "section/02-landscape/Groups that did not hold"), f"did not hold and {'stand' if left > 1 else 'stands'} apart from the themes.") if left else words.Words("")
    return (words.say(gone_on["in_words"]) if gone_on else words.Words("")) + table + apart


def decided(run) -> words.Words:
    """Who decided on the codes that were assigned."""
    counts = run.mapping.loc[run.mapping["assigned"], "decided_by"].value_counts()
    table = pd.DataFrame({"Decided": list(DECIDERS.values()), "Headings given": [int(counts.get(who, 0)) for who in DECIDERS]})
    return words.table(table.astype({"Headings given": object}), caption="Who decided on the headings")


def abstentions(run) -> words.Words:
    """For each dimension, how many passages were assigned a code, left undecided, or lie outside."""
    surest = run.mapping.assign(order=run.mapping["decision"].map({"assign": 0, "abstain": 1, "outside": 2}))
    surest = surest.sort_values("order", kind="stable").drop_duplicates(["passage_id", "dimension"])  # any code given, else any doubt
    table = surest.groupby(["dimension", "decision"]).size().unstack(fill_value=0).reindex(columns=["assign", "abstain", "outside"], fill_value=0)
    table = table.reindex([*(name for name in run.framework.codes["dimension"].unique() if name in table.index), *table.index.difference(run.framework.codes["dimension"])])
    names = {name: run.framework.labels.get(name, name) for name in table.index}
    table = table.rename(index=names, columns={"assign": "Put under a heading", "abstain": "Not sure enough", "outside": "Sure that none applies"})
    return words.table(table.rename_axis("Part of the framework").reset_index().astype(object), caption="Passages by what was decided")


def in_detail(run) -> words.Words:
    """Heading by heading what was decided and by whom, for those who look for it."""
    rule = words.say("A contribution has every heading that one of its passages was given. It counts as mapped if that is any heading beyond how a thing is said "
                     "(problem, proposal, example, question); as “not sure enough” if no passage was given such a heading but the machine was unsure of one; "
                     "and as outside the framework otherwise. A barrier always brings the digital centre with it, and an aspect is given only "
                     "together with the question it belongs to.")
    return words.folded("For researchers: heading by heading, and who decided", by_code(run) + decided(run) + rule)


def by_code(run) -> words.Words:
    """For each code, how many passages were given it, left undecided, or lie outside."""
    counts = run.ledger.get("codes") or {}
    label = run.framework.codes.set_index("code")["label"]
    rows = [(label.get(code, code), *_shown(run, code, n), n["by_a_person"]) for code, n in counts.items()]
    columns = ["Heading", "Given", "Not sure enough", "Sure that it does not apply", "Of these decided by a person"]
    return words.table(pd.DataFrame(rows, columns=columns).astype(object), caption="Passages by what was decided on each heading") if rows else words.Words("")


def _shown(run, code: str, counts: dict) -> tuple:
    """Given, undecided, outside; where fewer than five people stand behind the first, it is not to be had by subtraction either."""
    given = run.mapping[run.mapping["assigned"] & (run.mapping["code"] == code)]
    few = 0 < people(run.contributions[run.contributions["contribution_id"].isin(given["contribution_id"])]) < SMALLEST_CELL
    return ("few", counts["abstain"], "nearly all the others") if few else (counts["assign"], counts["abstain"], counts["outside"])


def people_decided(run) -> words.Words:
    """How many passages people decided on, and how often they differed."""
    found = (run.manifest.get("settings", {}).get("mapping") or {}).get("decisions")
    if not found:
        return words.say("Nobody has decided on a passage of this run by hand.")
    differ = found["decided_in_more_than_one_way"]
    return words.say(f"People decided on {counted(found['passages'], 'passage')} by hand; their decision stands in place of the machine's.",
                     f"On {counted(differ, 'passage')} two decisions differ: the later counts, both are kept." if differ else "No two decisions differ.",
                     f"On passages that are not in this run: {counted(found['on_no_passage_here'], 'decision')}." if found["on_no_passage_here"] else None)


def _scores(run) -> tuple[dict | None, str]:
    """Scores per code and dimension, and where they come from."""
    if run.evaluation:
        return run.evaluation["scores"], (f"Measured on {run.evaluation['labels']:,} passages that people had put under the headings ({run.evaluation['labels_file']}), "
                                          "read by the machine as it read these contributions."
                                          + (" It was trained on the same passages: it will do worse on others." if run.evaluation.get("trained_on") else ""))
    mapped = run.manifest.get("settings", {}).get("mapping") or {}
    shipped = {"codes": mapped["tested"], "dimensions": mapped.get("tested_dimensions", {})} if mapped.get("tested") else None
    return shipped, ("Measured when the machine was trained, on passages that people had put under the headings: each was read by a version that had seen nothing "
                     "by the same source or author. On contributions of another kind it may do worse.")


def measured(run) -> words.Words:
    """How well each code is found, by comparison with people; a code with too few coded passages has no figure."""
    scores, source = _scores(run)
    if not scores:
        return words.say("How well the machine agrees with people has not been measured: it goes by likeness to the framework's definitions and "
                         "examples, not by passages that people had put under the headings. Take it as a rough guide.")
    label = run.framework.codes.set_index("code")["label"]
    rows = [(name.split(":", 1)[0] in MAIN, label.get(name.split(":", 1)[1], name),
             *((_in_ten(row["recall"]), _in_ten(row["precision"])) if "f1" in row else ("not measured",) * 2), row["positives"]) for name, row in scores["codes"].items()]
    columns = ["main", "Heading", "Of ten that people put there, found", "Of ten that it puts there, right", "Passages people put there"]
    table = pd.DataFrame(rows, columns=columns).astype(object)
    first, others = (words.table(table[table["main"] == main].drop(columns="main"), caption=f"How well the machine agrees with people: {what}")
                     for main, what in ((True, "questions and barriers"), (False, "aspects, and how a thing is said")))
    few = "A heading under which people put fewer than ten of these passages is not measured."
    shown = (first if table["main"].any() else words.Words("")) + (words.folded("The same for the aspects, and for how a thing is said", others) if not table["main"].all() else words.Words(""))
    short = _in_short(scores["codes"], label)
    return (words.say(short) if short else words.Words("")) + shown + words.say(source, few)


def _in_short(codes: dict, label: pd.Series) -> str | None:
    """The range over the questions and barriers, and which of them are read best and least well."""
    rows = {name.split(":", 1)[1]: row for name, row in codes.items() if name.split(":", 1)[0] in MAIN and "f1" in row}
    if len(rows) < 3:
        return None
    best, worst = (label.get(choose(rows, key=lambda code: rows[code]["f1"]), "") for choose in (max, min))
    found, right = (f"{_in_ten(min(shares))} to {_in_ten(max(shares))}" for shares in ([row[key] for row in rows.values()] for key in ("recall", "precision")))
    return (f"Of ten passages that people put under one of the questions or barriers, the machine finds {found}, depending on which; of ten that it puts there, "
            f"{right} are right. It reads “{best}” best and “{worst}” least well.")


def _in_ten(share: float) -> str:
    return f"{10 * share:.1f}"


def trusted(run) -> words.Words:
    """What leaving the least certain to people gains, per decision and per passage."""
    found = (_scores(run)[0] or {}).get("dimensions", {})
    groups = [words.say("Some kinds of passage are read less well:", *run.evaluation["warnings"])] if run.evaluation and run.evaluation.get("warnings") else []
    rows = [(run.framework.labels.get(name, name), *(_in_hundred(row[key]) for key in ("error", "error_at_80", "passage_error", "passage_error_at_80")))
            for name, row in found.items()]
    columns = ["Part of the framework", "Wrong, of 100 decisions", "Wrong, with the 20 least sure left to people", "Of 100 passages, with a wrong heading",
               "With a wrong heading, with the 20 least sure left to people"]
    said = [words.say("For each passage and each heading the machine decides whether the passage belongs there; a decision is called wrong where people decided otherwise. "
                      "A passage can be right under one heading and wrong under another. The machine also says how sure it is, so that the least sure can be left to people.")
            + words.table(pd.DataFrame(rows, columns=columns).astype(object), caption="How often the machine decides otherwise than people")] if rows else []
    return words.Words("".join(str(one) for one in said + groups))


def _in_hundred(share: float) -> str:
    return f"{100 * share:.0f}" if share == 0 or share >= 0.01 else "fewer than 1"


def for_researchers(run) -> words.Words:
    """The same in the terms of the field: F1, calibration, and agreement between coders where two people coded the same passages."""
    scores, _ = _scores(run)
    if not scores:
        return words.Words("")
    label = run.framework.codes.set_index("code")["label"]
    rows = [(label.get(name.split(":", 1)[1], name), f"{row['f1']:.2f} ({row['low']:.2f} to {row['high']:.2f})" if "f1" in row else "not measured") for name, row in scores["codes"].items()]
    means = [(f"All of “{run.framework.labels.get(name, name)}”, mean", f"{row['macro_f1']:.2f}") for name, row in scores.get("dimensions", {}).items() if "macro_f1" in row]
    table = words.table(pd.DataFrame(rows + means, columns=["Code", "F1, 0 to 1, with 95% interval"]), caption="F1 (the harmonic mean of precision and recall) of each code")
    return words.folded("For researchers: F1, calibration, agreement", table + _calibrated(run, scores) + agreed(run)
                        + words.say("Labels of your own are measured with", words.Words("<code>reckons evaluate LABELS</code>."), "The next pages show the result in place of this."))


def _calibrated(run, scores: dict) -> words.Words:
    off = [f"{_in_hundred(row['ece'])} for “{run.framework.labels.get(name, name)}”" for name, row in scores.get("dimensions", {}).items() if "ece" in row]
    return words.say(f"Expected calibration error, in 100: {joined(off)}. Of the decisions that are called 70% sure, about 70 in 100 are right, give or take that.") if off else words.Words("")


def agreed(run) -> words.Words:
    """Two people beside each other, and the mapping beside the first of them, where a second person coded the same passages."""
    rows = (run.evaluation or {}).get("agreement") or []
    label = run.framework.codes.set_index("code")["label"]
    shown = [(label.get(r["code"], r["code"]), f"{r['kappa']:.2f}", f"{r['tool_kappa']:.2f}", f"{r['alpha']:.2f}", f"{r['tool_alpha']:.2f}")
             for r in rows if max(r["positives_one"], r["positives_other"]) >= 10]
    columns = ["Code", "Kappa, two people", "Kappa, person and mapping", "Alpha, two people", "Alpha, person and mapping"]
    return words.table(pd.DataFrame(shown, columns=columns), caption="Do two people agree more with each other than with the mapping?") if shown else words.Words("")
