"""How sure the analysis is: grades of themes, abstentions, who decided, what an interval covers."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, people
from analysis.findings.landscape import GRADES, NONE, NOT_HELD

DECIDERS = {"model": "by the model alone", "rule": "by a rule of the framework (one code implies another)", "person": "by a person who read it"}


def answer(run) -> words.Words:
    """Firm themes and abstentions, in two sentences."""
    firm, kept = int((run.themes["grade"] == "firm").sum()), run.ledger["contributions"]
    first = f"{firm:,} of {counted(len(run.themes), 'theme and sub-theme', 'themes and sub-themes')} are firm." if len(run.themes) else NONE
    return words.answer(first, f"For {kept['abstained']:,} of {kept['kept']:,} contributions the analysis says that it is not sure enough to map them.")


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
    """Every theme that holds with its stability; how much came after that was measured; those that do not hold stand in a table of their own."""
    rows = run.themes[run.themes["grade"] != NOT_HELD].sort_values(["stability", "theme_id"], ascending=[False, True])
    shown = ["not measured" if words.is_missing(value) else f"{value:.2f}" for value in rows["stability"].astype(object)]
    table = words.table(pd.DataFrame({"Theme": rows["name"], "Stability, 0 to 1": shown, "Grade": rows["grade"]}),
                        caption="Stability of each theme: how much of it comes back when the analysis is repeated")
    gone_on = ((run.manifest.get("settings") or {}).get("themes") or {}).get("gone_on")
    return words.say(gone_on["in_words"]) + table if gone_on else table


def decided(run) -> words.Words:
    """Who decided on the codes that were assigned."""
    counts = run.mapping.loc[run.mapping["assigned"], "decided_by"].value_counts()
    table = pd.DataFrame({"Decided": list(DECIDERS.values()), "Codes assigned": [int(counts.get(who, 0)) for who in DECIDERS]})
    return words.table(table.astype({"Codes assigned": object}), caption="Who decided on the codes")


def abstentions(run) -> words.Words:
    """For each dimension, how many passages were assigned a code, left undecided, or lie outside."""
    surest = run.mapping.assign(order=run.mapping["decision"].map({"assign": 0, "abstain": 1, "outside": 2}))
    surest = surest.sort_values("order", kind="stable").drop_duplicates(["passage_id", "dimension"])  # any code given, else any doubt
    table = surest.groupby(["dimension", "decision"]).size().unstack(fill_value=0).reindex(columns=["assign", "abstain", "outside"], fill_value=0)
    names = {name: run.framework.labels.get(name, name) for name in table.index}
    table = table.rename(index=names, columns={"assign": "Given a code", "abstain": "Not sure enough", "outside": "Sure that none applies"})
    return words.table(table.rename_axis("Part of the framework").reset_index().astype(object), caption="Passages by what was decided")


def contribution_rule(run) -> words.Words:
    """How a contribution's codes follow from those of its passages."""
    return words.say("A contribution has every code that one of its passages was given. It counts as mapped if that is any code beyond how a thing is said "
                     "(problem, proposal, example, question); as “not sure enough” if no passage was given such a code but the mapping was unsure of one; "
                     "and as outside the framework otherwise. A barrier always brings the digital centre with it, and an aspect is given only "
                     "together with the question it belongs to.")


def by_code(run) -> words.Words:
    """For each code, how many passages were given it, left undecided, or lie outside."""
    counts = run.ledger.get("codes") or {}
    label = run.framework.codes.set_index("code")["label"]
    rows = [(label.get(code, code), *_shown(run, code, n), n["by_a_person"]) for code, n in counts.items()]
    columns = ["Code", "Given", "Not sure enough", "Sure that it does not apply", "Of these decided by a person"]
    return words.table(pd.DataFrame(rows, columns=columns).astype(object), caption="Passages by what was decided on each code") if rows else words.Words("")


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
    return words.say(f"People decided on {counted(found['passages'], 'passage')} by hand; their decision stands in place of the model's.",
                     f"On {counted(differ, 'passage')} two decisions differ: the later counts, both are kept." if differ else "No two decisions differ.",
                     f"On passages that are not in this run: {counted(found['on_no_passage_here'], 'decision')}." if found["on_no_passage_here"] else None)


def _scores(run) -> tuple[dict | None, str]:
    """Scores per code and dimension, and where they come from."""
    if run.evaluation:
        return run.evaluation["scores"], (f"Measured on {run.evaluation['labels']:,} passages that people coded ({run.evaluation['labels_file']}), "
                                          "with the mapping that made this run."
                                          + (" It was trained on the same passages: it will do worse on others." if run.evaluation.get("trained_on") else ""))
    mapped = run.manifest.get("settings", {}).get("mapping") or {}
    shipped = {"codes": mapped["tested"], "dimensions": mapped.get("tested_dimensions", {})} if mapped.get("tested") else None
    return shipped, ("Measured when the mapping was trained, on passages that people had coded: each was mapped by a version that had seen nothing "
                     "by the same source or author. On contributions of another kind it may do worse; measure it with reckons evaluate.")


def measured(run) -> words.Words:
    """How well each code is found, by comparison with people; a code with too few coded passages has no figure."""
    scores, source = _scores(run)
    if not scores:
        return words.say("How well this mapping agrees with people has not been measured: it rests on likeness to the framework's definitions and "
                         "examples, not on passages that people coded. Take it as a rough guide.")
    label = run.framework.codes.set_index("code")["label"]
    rows = []
    for name, row in scores["codes"].items():
        figures = (_in_ten(row["recall"]), _in_ten(row["precision"]), f"{row['f1']:.2f} ({row['low']:.2f} to {row['high']:.2f})") if "f1" in row else ("not measured",) * 3
        rows.append((label.get(name.split(":", 1)[1], name), *figures, row["positives"]))
    columns = ["Code", "Of ten that people gave it, found", "Of ten it gave, right", "F1, 0 to 1, with 95% interval", "Passages people gave it"]
    table = words.table(pd.DataFrame(rows, columns=columns).astype(object), caption="How well the mapping agrees with people, code by code")
    return words.say(source, "A code that people gave to fewer than ten of these passages is not measured.") + table


def _in_ten(share: float) -> str:
    return f"{10 * share:.1f}"


def trusted(run) -> words.Words:
    """What setting the least certain aside gains, per decision and per passage, and whether probabilities mean what they say."""
    scores, _ = _scores(run)
    said = [_trust(run.framework.labels.get(name, name), row) for name, row in (scores or {}).get("dimensions", {}).items()]
    groups = [words.say("Some kinds of passage are read less well:", *run.evaluation["warnings"])] if run.evaluation and run.evaluation.get("warnings") else []
    return words.Words("".join(str(one) for one in said + groups))


def _trust(label: str, row: dict) -> words.Words:
    less = "at most half as often" if row["error_at_80"] <= row["error"] / 2 else "less often, though more than half as often"
    return words.say(words.Words(f"<strong>{words.escaped(label)}.</strong>"),
                     f"For each passage and each heading the machine decides whether the passage belongs there. Of 100 such decisions, {_in_hundred(row['error'])} differ "
                     f"from what people decided. It also says how sure it is: if the 20 of which it is least sure are left to people, it is wrong {less}, "
                     f"in {_in_hundred(row['error_at_80'])} of 100 of the rest.",
                     f"A passage can be right under one heading and wrong under another. Of 100 passages, {_in_hundred(row['passage_error'])} have at least one wrong heading; "
                     f"with the 20 least sure left to people, {_in_hundred(row['passage_error_at_80'])} of 100.",
                     f"What it says of its own sureness is off by about {_in_hundred(row['ece'])} in 100: of the decisions that it calls 70% sure, about 70 in 100 are right, give or take that.")


def _in_hundred(share: float) -> str:
    return f"{100 * share:.0f}" if share == 0 or share >= 0.01 else "fewer than 1"


def agreed(run) -> words.Words:
    """Two people beside each other, and the mapping beside the first of them, where a second person coded the same passages."""
    rows = (run.evaluation or {}).get("agreement") or []
    label = run.framework.codes.set_index("code")["label"]
    shown = [(label.get(r["code"], r["code"]), f"{r['kappa']:.2f}", f"{r['tool_kappa']:.2f}", f"{r['alpha']:.2f}", f"{r['tool_alpha']:.2f}")
             for r in rows if max(r["positives_one"], r["positives_other"]) >= 10]
    columns = ["Code", "Kappa, two people", "Kappa, person and mapping", "Alpha, two people", "Alpha, person and mapping"]
    return words.table(pd.DataFrame(shown, columns=columns), caption="Do two people agree more with each other than with the mapping?") if shown else words.Words("")
