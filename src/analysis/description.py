"""What a theme is called: keywords and a short name, both in contributors' own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.phrases import EMPTY, JOINTS, Words, base

KEYWORDS = 8
# A name that fewer people wrote than this may be somebody's private matter or a typing error.
WRITTEN_BY, REPEATED_BY = 3, 2
# Of ordinary words, two people's phrase will do, and in a theme of few people two people's word, where that is not too small a part of them.
FEW_PEOPLE, LEAST_SHARE = 15, 0.04
# So many phrases of a theme, the most typical by their words, are also weighed by their meaning.
WEIGHED = 20
# How much nearness to the middle of the theme counts beside how typical the words are. Both are 0 to about 1.
MEANING = 1.0
# A phrase none of whose words so many of the theme's people use does not say alone what the theme is about: a second one helps.
COVERED_SHARE = 0.3
# A shorter phrase that so many of its people write only as part of a longer one is a piece of that ("speed internet").
PIECE = 0.6
# A phrase of several words says more than one word does.
SEVERAL_WORDS = 0.25
# How much a second phrase must differ in meaning from the first one.
UNLIKE = 0.5
# What a theme is called in which nobody repeats anything.
UNNAMED = "Mixed remarks"
# From this share on a theme is one campaign's or one person's, and its name must say so.
MOSTLY = 0.5
CAMPAIGN_NOTE, PERSON_NOTE = " (mostly one campaign)", " (mostly one contributor)"
# Phrases in a name at most, and how much the first and a further one gain by the share of people whom they bring in.
MOST_PARTS, GAIN_OF_FIRST, GAIN = 3, 0.5, 2.0
AND = " and "


@dataclass(frozen=True)
class Description:
    """A theme's name, the phrases that it is made of, and keywords."""

    name: str
    keywords: tuple[str, ...]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meaning:
    """How near phrases lie to themes: what turns phrases into unit vectors (n, d), and the messages' own (m, d)."""

    embed: Callable[[Sequence[str]], np.ndarray]
    vectors: np.ndarray


@dataclass(frozen=True)
class _Candidate:
    phrase: str
    form: str
    score: float
    vector: np.ndarray | None = None


def describe(words: Words, labels: np.ndarray, *, meaning: Meaning | None = None, given: dict[int, str] | None = None,
             taken: Iterable[str] = ()) -> list[Description]:
    """Names and keywords of themes; ``labels`` is (n,) with 0, 1, ... or -1 for no theme.

    A phrase is typical when many different people of the theme use it and few elsewhere (class-based tf-idf, Grootendorst 2022, over
    people), and, with ``meaning``, when it lies near the middle of the theme and far from the others' (as in KeyBERT, Grootendorst 2020);
    a second one must be unlike the first (maximal marginal relevance, Carbonell and Goldstein 1998). ``given`` are names that
    stay; no theme gets a name that is ``taken`` (in lower case) or another theme's.
    """
    given, taken = given or {}, set(taken)
    used = [_used(words.phrases, words.writers, np.flatnonzero(labels == label)) for label in range(int(labels.max(initial=-1)) + 1)]
    weights = _class_weights(used, [len(set(words.writers[labels == label])) for label in range(len(used))])
    candidates = [_candidates(weights[label], used[label], words, np.flatnonzero(labels == label)) for label in range(len(used))]
    if meaning:
        candidates = _weighed(candidates, labels, meaning)
    described = []
    for label, found in enumerate(candidates):
        people = len(set(words.writers[labels == label]))
        parts = _split(given[label]) if label in given else _parts(found, used[label], taken, people=people, ordinary=words.ordinary)
        name = given.get(label) or _free(_name(parts) or UNNAMED, taken)
        taken.add(name.casefold())
        described.append(Description(name, _keywords(words, np.flatnonzero(labels == label), weights[label]), tuple(parts)))
    return described


def joint_name(parts: Sequence[Description], taken: Iterable[str]) -> str | None:
    """What a theme is called that is made up of others, the largest first: the first phrases of up to three of them, or of a single one all but the last; None where that is taken or says too little."""
    chosen: list[str] = list(parts[0].parts[:-1]) if len(parts) == 1 else []
    for part in parts if len(parts) > 1 else []:
        used = set().union(*map(_words_of, chosen))
        chosen += [one for one in part.parts[:1] if used.isdisjoint(_words_of(one)) and len(chosen) < MOST_PARTS]
    name = _name(chosen)
    return name if len(chosen) > 1 and name.casefold() not in set(taken) else None


def phrases_of(name: str) -> list[str]:
    """The phrases that a name is made of, without what it admits in brackets."""
    return _split(without_note(name))


def without_note(name: str) -> str:
    """A name without what it admits in brackets."""
    return name.removesuffix(CAMPAIGN_NOTE).removesuffix(PERSON_NOTE)


def named_by(phrases: Sequence[str], *, like: str) -> str:
    """A name of these phrases that admits what ``like`` does; empty without any, and as it is where it has none of its own."""
    if like.startswith(UNNAMED):
        return like
    note = next((note for note in (CAMPAIGN_NOTE, PERSON_NOTE) if like.endswith(note)), "")
    return _name(phrases) + note if phrases else ""


def _words_of(phrase: str) -> set[str]:
    return set(_base(phrase).split()) - JOINTS


def _name(parts: Sequence[str]) -> str:
    """Phrases as a name: "A", "A and B", "A, b and c"."""
    name = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}{AND}{parts[-1]}" if parts else ""
    return name[:1].upper() + name[1:]


def _split(name: str) -> list[str]:
    return name.replace(AND, ", ").split(", ")


def still_said(name: str, words: Words, messages: np.ndarray) -> bool:
    """Whether every phrase of a name still occurs in these messages (rows of ``words``): a withdrawn one must not live on."""
    said = {phrase for row in messages for phrase in words.phrases[row]}
    return name.startswith(UNNAMED) or all(_base(part) in said for part in _split(name))


def _base(phrase: str) -> str:
    return " ".join(base(word) for word in phrase.split())


def _used(phrases: list[dict[str, str]], writers: np.ndarray, rows: np.ndarray) -> dict[str, set]:
    """Who uses every phrase."""
    people: dict[str, set] = {}
    for row in rows:
        for phrase in phrases[row]:
            people.setdefault(phrase, set()).add(writers[row])
    return people


def _class_weights(used: list[dict[str, set]], people: list[int]) -> list[dict[str, float]]:
    """For every theme the weight of its phrases: the root of the share of people, times the log of how rare the phrase is over all."""
    everywhere: Counter[str] = Counter()
    for found in used:
        everywhere.update({phrase: len(who) for phrase, who in found.items()})
    usual = sum(count for phrase, count in everywhere.items() if " " not in phrase) / max(1, len(used))
    return [{phrase: (len(who) / count) ** 0.5 * float(np.log1p(usual / everywhere[phrase])) for phrase, who in found.items()}
            for found, count in zip(used, people, strict=True)]


def _candidates(weight: dict[str, float], used: dict[str, set], words: Words, rows: np.ndarray) -> list[_Candidate]:
    """The phrases most typical by their words, best first, each in its most usual spelling."""
    people = len(set(words.writers[rows]))
    allowed = [phrase for phrase in weight if _may_name(phrase, used, words.ordinary, people=people)]
    scores = {phrase: _typical(phrase, weight) for phrase in allowed}
    best = _whole(sorted(allowed, key=lambda phrase: (-round(scores[phrase], 9), phrase))[:2 * WEIGHED], used)[:WEIGHED]
    forms = _forms(words.phrases, rows, set(best))
    top = max((scores[phrase] for phrase in best), default=0.0) or 1.0
    return [_Candidate(phrase, forms[phrase], scores[phrase] / top + SEVERAL_WORDS * (" " in phrase)) for phrase in best]


def _may_name(phrase: str, used: dict[str, set], ordinary: frozenset[str], *, people: int) -> bool:
    """Whether enough of a theme's people wrote a phrase: what one person alone writes may be a private matter, or a neighbour's name."""
    parts = set(phrase.split()) - JOINTS
    if people < REPEATED_BY or len(used[phrase]) >= WRITTEN_BY:
        return people >= REPEATED_BY or parts <= ordinary
    several = len(parts) > 1 or people < FEW_PEOPLE
    return several and parts <= ordinary and len(used[phrase]) >= max(REPEATED_BY, min(WRITTEN_BY, round(LEAST_SHARE * people)))


def _typical(phrase: str, weight: dict[str, float]) -> float:
    # The weight of a phrase's words says how typical it is; its own weight, that it is a phrase and no accident.
    parts = [part for part in phrase.split() if part not in JOINTS]
    if len(parts) == 1:
        return weight[phrase]
    return weight[phrase] * 2 + sum(weight.get(part, 0.0) for part in parts) / len(parts) ** 0.5


def _whole(phrases: list[str], used: dict[str, set]) -> list[str]:
    """The phrases that are not mostly pieces of longer ones (after the C-value of Frantzi and others 2000)."""
    return [phrase for phrase in phrases
            if not any(len(longer) > len(phrase) and f" {phrase} " in f" {longer} " and len(used[longer]) >= PIECE * len(used[phrase]) for longer in phrases)]


def _forms(phrases: list[dict[str, str]], rows: np.ndarray, wanted: set[str]) -> dict[str, str]:
    """The most usual spelling of every phrase in these messages."""
    spellings: dict[str, Counter[str]] = {}
    for row in rows:
        for phrase, written in phrases[row].items():
            if phrase in wanted:
                spellings.setdefault(phrase, Counter())[written] += 1
    return {phrase: min(found, key=lambda form: (-found[form], form != form.lower(), form)) for phrase, found in spellings.items()}


def _weighed(candidates: list[list[_Candidate]], labels: np.ndarray, meaning: Meaning) -> list[list[_Candidate]]:
    """The same candidates, scored by their meaning as well; best first."""
    forms = sorted({one.form for found in candidates for one in found})
    if not forms:
        return candidates
    vector = dict(zip(forms, np.asarray(meaning.embed(forms), dtype=np.float32), strict=True))
    centres = np.stack([_unit(meaning.vectors[labels == label].mean(axis=0)) for label in range(len(candidates))])
    scored = []
    for label, found in enumerate(candidates):
        again = [_Candidate(one.phrase, one.form, one.score + MEANING * _nearer(vector[one.form], centres, label), vector[one.form])
                 for one in found]
        scored.append(sorted(again, key=lambda one: (-round(one.score, 5), one.phrase)))
    return scored


def _nearer(vector: np.ndarray, centres: np.ndarray, own: int) -> float:
    """How much nearer a phrase lies to its own theme's middle than to the others' on average."""
    near = centres @ vector
    return float(near[own] - np.delete(near, own).mean()) if len(centres) > 1 else float(near[own])


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _parts(candidates: list[_Candidate], used: dict[str, set], taken: set[str], *, people: int, ordinary: frozenset[str]) -> list[str]:
    """The best phrase, and as many more as it takes until a fair share of the people use a word of them; never a name that is taken."""
    for first in sorted(candidates, key=lambda one: (-_value(one, [], set(), used, people), one.phrase)):
        parts, spoken = [first], _speakers(first.phrase, used)
        while True:
            forms = [_lowered(part.form, ordinary) for part in parts]
            free = _name(forms).casefold() not in taken
            enough = len(spoken) >= COVERED_SHARE * people and (" " in first.phrase or len(parts) > 1)
            following = None if (enough and free) or len(parts) == MOST_PARTS else _next(parts, candidates, spoken, used, people=people)
            if following is None:
                break
            parts, spoken = [*parts, following], spoken | _speakers(following.phrase, used)
        if free:
            return forms
    return []


def _next(parts: list[_Candidate], others: list[_Candidate], spoken: set, used: dict[str, set], *, people: int) -> _Candidate | None:
    """The phrase that adds most: no word of the earlier ones, and used by people who use none of them."""
    mine = {word for part in parts for word in part.phrase.split()} - JOINTS
    more = [one for one in others if mine.isdisjoint(one.phrase.split()) and _speakers(one.phrase, used) - spoken]
    return min(more, key=lambda one: (-_value(one, parts, spoken, used, people), one.phrase), default=None)


def _value(one: _Candidate, parts: list[_Candidate], spoken: set, used: dict[str, set], people: int) -> float:
    """A phrase's score, plus the people whom it brings in, less its likeness to the earlier ones."""
    alike = max((float(one.vector @ part.vector) for part in parts), default=0.0) if one.vector is not None else 0.0
    gain = GAIN if parts else GAIN_OF_FIRST
    return round(one.score + gain * len(_speakers(one.phrase, used) - spoken) / people - UNLIKE * alike, 5)


def _speakers(phrase: str, used: dict[str, set]) -> set:
    """Who uses a phrase, or any of its words that say something alone."""
    return used[phrase].union(*(used.get(part, set()) for part in phrase.split() if part not in EMPTY))


def _keywords(words: Words, rows: np.ndarray, weight: dict[str, float]) -> tuple[str, ...]:
    """Nouns that mark the theme, those that several people use before any others."""
    people = _used(words.phrases, words.writers, rows)
    single = sorted((phrase for phrase in weight if " " not in phrase), key=lambda phrase: (-round(weight[phrase], 9), phrase))
    best = ([phrase for phrase in single if len(people[phrase]) >= REPEATED_BY] or single)[:KEYWORDS]
    forms = _forms(words.phrases, rows, set(best))
    return tuple(_lowered(forms[phrase], words.ordinary) for phrase in best)


def _lowered(form: str, ordinary: frozenset[str]) -> str:
    """Lower case at the start where the word is an ordinary one; names (Barren River) and NHS, GOV.UK, iPhone stay as they are written."""
    first, *others = form.split()
    named = any(word != word.lower() for word in others)
    return form[0].lower() + form[1:] if not named and first.lower() in ordinary and first == first.capitalize() else form


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    return free
