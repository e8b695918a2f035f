"""What people ask for on a code: what several ask for in the same words, and some of their requests as they are written."""

from __future__ import annotations

from collections import Counter
from functools import cache, lru_cache

import pandas as pd

from analysis import asking, words
from analysis.findings import codes, landscape, letters, voices
from analysis.findings.counts import SMALLEST_CELL, joined, linked, people, people_in_words

SHOWN = 3             # requests, by as many people; and phrases that they share
SHORTEST, LONGEST = 20, 220   # characters of a request that is shown; a longer one is hard to take in beside others
SEVERAL = 1.5         # "fund teams" says more than "team"
MESSAGES = 3          # distinct messages in which a word must stand; one message that many sent is heard as that
MORE = 1.5            # a shared word must be so many times as frequent among those who ask as in all that was mapped
LEANING = 0.5         # for a request that cannot be understood without what stands before it, where there is no room for that
LEANS = r"^(?:[^\w]*[\w'’]+){0,3}[^\w]+(?:it|that|this|them|these|those|they|there|theirs|him|her)\b(?! who)"
# How much a request loses that has no word of the subject, and one whose passage was not read as a proposal; how sure the subject is counts twice.
OFF_SUBJECT, NO_PROPOSAL = 0.6, 0.8
LEAST = 0.15          # of that; below it a request is no answer to "what do they ask for here?"
# Of the 352 passages that were read twice, 272 speak to the framework; in 103 of these the rule finds a request, and 79 of them were called a proposal (133 of 181 among those read once).
RULE = ("What people ask for is found by a rule on words: a sentence that tells somebody to do something, or says “should”, “must”, “need to”, “I’d like” and the like. "
        "Of 103 passages in which it found a request when it was tested on passages that people had sorted, 79 make a proposal, about 3 in 4; the rule was made with these passages in view, so elsewhere it may be fewer. A request in other words is not found.")
TITLE = words.Words("<strong>What they ask for.</strong>")


def rule(*, brief: bool = False) -> words.Words:
    """How requests are found, and how often that is right; ``brief`` says only where that stands."""
    return words.say(words.behind("How the requests below are found, and how often rightly", "section/04-four-barriers/What counts as naming a barrier")) if brief else words.say(RULE)


def heard(run, one: dict) -> pd.DataFrame:
    """The requests that a section on a code opens with: by people who are not heard again where one answers another."""
    return picked(run, one, besides=voices.answering(run, one["dimension"], one["code"])[1])


def of(run, one: dict, quoted: pd.DataFrame | None = None) -> words.Words:
    """The opening on a code: how many ask for something, which words several of them share, and some requests (``quoted``, or those that :func:`heard` finds), verbatim."""
    found = _found(run, one)
    asked, everybody = _senders(run, found), people(codes.spoken_by(run, codes.assigned(run, one["dimension"], one["code"])))
    if everybody < SMALLEST_CELL:
        return words.Words("")
    if people(asked) < SMALLEST_CELL:
        few = people_in_words(people(asked)).capitalize() if len(asked) else "Nobody"
        return words.say(TITLE, f"{few} of the {everybody:,} who speak to it asked for something in words that a rule could find; what they say stands below.")
    number = linked(f"{people(asked):,} of the {people_in_words(everybody)}", asked, label=f"{one['label']}: what is asked for").html
    sent = letters.of_whom(asked)
    quoted = heard(run, one) if quoted is None else quoted
    lead = words.Words(f"{number} who speak to it ask for something in so many words{words.escaped(f' ({sent})' if sent else '')}{_in_words(shared(run, found, one).head(SHOWN), one)}"
                       f"{words.escaped(_introduced(len(quoted)))}")
    return words.say(TITLE, lead) + sum((words.voice(row, length=LONGEST) for row in quoted.to_dict("records")), words.Words(""))


def _introduced(count: int) -> str:
    return "." if not count else ". One of their requests:" if count == 1 else f". {'Two' if count == 2 else 'Three'} of their requests, each by somebody else:"


def _in_words(table: pd.DataFrame, one: dict) -> str:
    """HTML: the phrases that most of those who ask share, or that there is none."""
    if table.empty:
        return "; no wording is shared by five of them"
    named = [linked(f"“{row['form']}” ({people_in_words(row['people'])})", row["said"], label=f"{one['label']}, asked for: {row['form']}").html for row in table.to_dict("records")]
    return f"; the words that they share most often are {joined(named)}"


def shared(run, found: pd.DataFrame, one: dict) -> pd.DataFrame:
    """``phrase, form, people, said`` of what five people or more ask for in the same words, what says most first.

    Whoever sent a copy of a request asks for the same. The words of the code's own name and question say nothing new, so they are left out, and so are
    those that are as usual in everything that was mapped ("service").
    """
    own = set(_wanted(f"{one['label']}. {'' if words.is_missing(one.get('question')) else one['question']}"))
    mapped, asking_here = _mapped(run).str.casefold(), max(1, people(_senders(run, found)))
    rows = []
    for phrase, used in _uses(found).items():
        said = _senders(run, used) if phrase not in own and used["contribution_id"].nunique() >= MESSAGES else used.head(0)
        if len(said) and people(said) >= SMALLEST_CELL:
            form = min(Counter(used["form"]).items(), key=lambda pair: (-pair[1], pair[0]))[0]
            usual = mapped.str.contains((form if " " in phrase else phrase).casefold().removesuffix("y"), regex=False).mean()   # "agenc" for "agencies" too
            rows += [(phrase, form, people(said), said, people(said) * (SEVERAL if " " in phrase else 1), phrase.count(" "))] if people(said) / asking_here >= MORE * usual else []
    table = pd.DataFrame(rows, columns=["phrase", "form", "people", "said", "value", "long"]).sort_values(["value", "long", "phrase"], ascending=[False, False, True], ignore_index=True)
    return table[[_is_new(row, table["phrase"].head(row.Index)) for row in table.itertuples()]].reset_index(drop=True)


def _uses(found: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What is asked for, in base form, with who asks and in which form (``contribution_id, form``)."""
    uses = pd.DataFrame([(phrase, row.contribution_id, form) for row in found.itertuples() for phrase, form in _wanted(row.request).items()],
                        columns=["phrase", "contribution_id", "form"])
    return {phrase: rows for phrase, rows in uses.groupby("phrase", sort=True)}


def _is_new(row, before: pd.Series) -> bool:
    """Whether a phrase shares no word with those before it: "phone lines" and "phone" would be counted twice."""
    return not any(set(row.phrase.split()) & set(one.split()) for one in before)


def picked(run, one: dict, *, how_many: int = SHOWN, besides: pd.DataFrame | None = None) -> pd.DataFrame:
    """Up to ``how_many`` requests on a code, by as many people: rows for :func:`analysis.words.voice`; none where fewer than five people ask.

    Of every passage that request is taken which speaks most of the subject; a request that many sent comes first.
    """
    found = _found(run, one)
    if people(_senders(run, found)) < SMALLEST_CELL:
        return found.head(0)
    found = found[found["passage_id"].isin(codes.heard_at(run, one["dimension"], one["code"])["passage_id"]) & found["request"].str.len().between(SHORTEST, LONGEST)]
    if found.empty:
        return found
    stance = run.mapping[(run.mapping["dimension"] == "stance") & (run.mapping["code"] == "proposal")].set_index("passage_id")["probability"]
    proposal = found["passage_id"].map(stance).fillna(0.0)
    subject = _subject(run, found, one)
    weight = found["probability"] ** 2 * (1 - NO_PROPOSAL * (1 - proposal)) * (1 - OFF_SUBJECT * (1 - subject))
    whole = _with_what_it_leans_on(run, found)
    weight = weight * (1 - LEANING * (whole.isna() & found["request"].str.contains(LEANS, case=False, regex=True)))
    best = found.assign(weight=weight, request=whole.fillna(found["request"]), alone=whole.isna())[weight >= LEAST].sort_values(["weight", "passage_id", "request"], ascending=[False, True, True]).drop_duplicates("passage_id")
    if best.empty:
        return best
    rows = landscape.typical(run, best, by="weight", how_many=voices.SHORT_LIST)
    rows = rows[~rows["one"].isin(besides["one"])] if besides is not None and len(besides) else rows
    rows = rows.assign(text=rows["request"], many=rows["senders"].fillna(0))
    return rows.sort_values(["many", "weight", "passage_id"], ascending=[False, False, True]).drop(columns="many").head(how_many)


def _with_what_it_leans_on(run, found: pd.DataFrame) -> pd.Series:
    """The request with the sentence before it, as they stand in the text, where it points back to that ("make it shorter") and there is room for both; else missing."""
    text = found["passage_id"].map(run.passages.set_index("passage_id")["text"])
    leans = found["request"].str.contains(LEANS, case=False, regex=True)
    both = [_both(whole, request) if needs else None for whole, request, needs in zip(text, found["request"], leans, strict=True)]
    return pd.Series(both, index=found.index, dtype="object")


def _both(text: str, request: str) -> str | None:
    sentences = asking.sentences(text)
    place = sentences.index(request)
    begin = text.find(sentences[place - 1]) if place else -1
    both = text[begin:text.find(request, begin) + len(request)] if begin >= 0 else ""
    return both if len(request) < len(both) <= LONGEST and "\n" not in both else None


def _subject(run, found: pd.DataFrame, one: dict) -> pd.Series:
    """How far each request uses the words by which passages on the code differ from all that were mapped (0 to 1, tf-idf)."""
    mapped = _mapped(run)
    reader, every = _read(tuple(mapped))
    if reader is None:
        return pd.Series(1.0, index=found.index)
    here = mapped.index.isin(codes.assigned(run, one["dimension"], one["code"])["passage_id"])
    sent = _times_sent(run, mapped.index)
    used = (every[here] > 0).sum(axis=0).A1 >= MESSAGES   # what one or two messages say is chance
    typical = used * ((sent * here) @ every / max((sent * here).sum(), 1) - sent @ every / sent.sum()).clip(min=0)
    shares = pd.Series(reader.transform(found["request"]) @ typical, index=found.index)
    return shares / shares.max() if shares.max() > 0 else shares + 1.0   # nothing else was mapped, so nothing is off the subject


@lru_cache(maxsize=1)
def _read(texts: tuple[str, ...]):
    """A reader of wordings and what it makes of these texts (tf-idf); nothing where there is not one word in any of them."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        reader = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit(texts)
    except ValueError:
        return None, None
    return reader, reader.transform(texts)


def _mapped(run) -> pd.Series:
    """The text of every passage that speaks to a question, by its id."""
    text = run.passages.set_index("passage_id")["text"]
    return text[text.index.isin(codes.assigned(run, "questions")["passage_id"])]


def _times_sent(run, passages: pd.Index):
    """How many contributions hold each passage, its copies with it; a copy itself counts for nothing."""
    owner = run.passages.set_index("passage_id")["contribution_id"].reindex(passages)
    copies = run.contributions["duplicate_of"].value_counts()
    return ((1 + owner.map(copies).fillna(0)) * ~owner.isin(run.contributions.loc[run.contributions["duplicate_of"].notna(), "contribution_id"])).to_numpy()


def _found(run, one: dict) -> pd.DataFrame:
    """The requests in the passages of a code, copies of a message once: rows of the mapping with ``request``, one for each sentence."""
    passages = run.passages[~run.passages["less_reliable"]] if "less_reliable" in run.passages else run.passages   # the rule reads English
    own = run.contributions.loc[run.contributions["duplicate_of"].isna(), "contribution_id"]
    text = passages[passages["contribution_id"].isin(own)].set_index("passage_id")["text"]
    rows = codes.assigned(run, one["dimension"], one["code"])
    rows = rows[rows["passage_id"].isin(text.index) & ~rows["contribution_id"].isin(_by_hosts(run.contributions))]
    return rows.assign(request=[list(_requests(one)) for one in rows["passage_id"].map(text)]).explode("request").dropna(subset=["request"]).reset_index(drop=True)


def _by_hosts(kept: pd.DataFrame) -> set[str]:
    """The contributions of whoever opened a discussion that five people or more answered: they ask for answers, not for changes."""
    answering = kept.dropna(subset=["parent_id"]).groupby("parent_id")["contributor"].nunique()
    opened = kept["parent_id"].isna() & (kept["contribution_id"].map(answering).fillna(0) >= SMALLEST_CELL)
    hosts = kept.loc[opened, "contributor"].dropna()
    return set(kept.loc[kept["contributor"].isin(hosts) | opened, "contribution_id"])


def _senders(run, rows: pd.DataFrame) -> pd.DataFrame:
    """The contributions behind some rows, with those that are copies of them."""
    kept = run.contributions
    return kept[kept["contribution_id"].isin(rows["contribution_id"]) | kept["duplicate_of"].isin(rows["contribution_id"])]


@cache
def _wanted(request: str) -> dict[str, str]:
    return asking.wanted(request)


@cache
def _requests(text: str) -> tuple[str, ...]:
    return tuple(asking.requests(text))
