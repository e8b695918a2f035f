"""What a theme is called: keywords and a short name, both in contributors' own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

KEYWORDS = 8
# A name that fewer people wrote than this may be somebody's private matter or a typing error.
WRITTEN_BY, REPEATED_BY = 3, 2
# Where fewer messages than this are described, they need not repeat each other.
SMALL = 5
# A phrase that under a tenth of the theme's messages use does not say what the theme is about: a second one helps.
COVERED_SHARE = 0.10
LONGEST_PHRASE = 4
# Phrases in a name at most, and what a theme is called in which nobody repeats anything.
MOST_PHRASES, UNNAMED = 3, "No common words"
# A word is a name ("Bowling Green") when it is capitalised more than twice as often as not; first words of sentences alone do not reach that.
LOWER_SHARE = 0.5
# From this share on a theme is one campaign's or one person's, and its name must say so.
MOSTLY = 0.5
CAMPAIGN_NOTE, PERSON_NOTE, LANGUAGE_NOTE = " (mostly one campaign)", " (mostly one contributor)", " (much in other languages)"
# From this share on of passages in languages that the encoder does not read, what holds a theme together may be that alone.
MUCH = 1 / 3

# English function words, and words that any opinion about anything uses; then Welsh ones, since answers come in both.
STOP_WORDS = frozenset("""
a able about above across actually after again against ago ain't all almost along already also although always am among an and
another any anybody anyone anything anyway are aren't around as ask asked at away back be became because become been before being
below better between big both but by came can can't cannot come comes could couldn't did didn't different do does doesn't doing
don't done down during each either else enough especially etc even ever every everybody everyone everything few find first for
from full further gave get gets getting give given go goes going gone good got great had hadn't happen has hasn't have haven't having he
he'd he'll he's hence her here here's hers herself him himself his how however i i'd i'll i'm i've if important in indeed instead into is
isn't it it'd it'll it's its itself just keep kind know known last later least less let let's like likely little long look lot lots
made make makes making many may maybe me mean might more most mostly much must my myself near need needs neither never new next no nobody non
none nor not nothing now of off often oh ok okay old on once one ones only onto or other others otherwise our ours ourselves out
over own part per perhaps please point possible put quite rather really right said same saw say saying says see seem seems seen several shall
she she'd she'll she's should shouldn't simply since so some somebody someone something sometimes soon still such sure take taken takes than
thank thanks that that'll that's the their theirs them themselves then there there's therefore these they they'd they'll they're they've
thing things think this those though three through thus to together too toward towards try trying two under until up upon us use used
useful uses using very via want wants was wasn't way ways we we'd we'll we're we've well went were weren't what what's whatever when
where whether which while who who's whole whom whose why will with within without won't would wouldn't yes yet you you'd you'll you're
you've your yours yourself yourselves http https www com amp rt
a'r a'i ac ag am ar arall at beth bod byddai cael dim dw dyma dyna ddim ei eich ein er eto eu fel fod fy fyddai gael gan gyda hefyd heb hi hon hwn
hyd hyn hynny i'r i'w iawn mae mai mewn mwy na nad neu nhw ni nid nis o'r oedd oes ond os pan pob rhai roedd sy sydd trwy un wedi wrth y ydy
ydym ydyn yma yn yna yng yr yw
""".split())
# Words that do not say alone what a theme is about: in a name they stand only beside another ("waiting times", "young people"). Base forms.
WEAK = frozenset("""
answer bit call case chance come day difference evening everyone exist family feed feel felt folk friend guy half happen hear heard hello help
hour idea issue job laugh laughed life live man matter mean mention mentioned mind minute moment money month morning mother mr mrs name night
nine number open owe people person place plan problem question read reason ring rest room send sentence side start stop stuff talk tell ten thank
time today told tomorrow turn understand week whole woman word work world write written year yesterday age bring change eight five four hand
hope learn line list note open opened opening paid pay piece seven six sort step story think thought understand wrote writing
""".split())
# A phrase may be held together by these ("quality of care") but neither begin nor end with them.
JOINTS = frozenset("of and for in the to on at a with by".split())

# Addresses, handles, hashtags' signs, markup and what was blacked out are no words.
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|@\w[\w.\-]*|<[^<>]*>|\[[^\[\]]*\]|&\w+;|[\w.\-]+\.(?:com|org|net|uk|gov|io)\b\S*")
_WORD = re.compile(r"[^\W\d_](?:[\w]|['’\-](?=\w))*|[.,;:!?()\n\"“”|/•–—…<>\[\]{}]|\d+")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Description:
    """A theme's name and keywords."""

    name: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """Phrases of every message: ``phrases[i]`` maps a phrase's base form to how message i writes it.

    ``ordinary`` are the words that people write in lower case at least as often as not: at the beginning of a sentence, their
    capital means nothing.
    """

    phrases: list[dict[str, str]]
    writers: np.ndarray
    ordinary: frozenset[str]


def read_words(texts: Sequence[str], writers: Sequence[str]) -> Words:
    """Take the messages apart once; ``writers`` are the contributors (or any ids where unknown)."""
    phrases = [_phrases(text) for text in texts]
    written = Counter(form for found in phrases for form in found.values() if " " not in form)
    ordinary = {form for form, times in written.items() if form == form.lower() and LOWER_SHARE * written[form.capitalize()] <= times}
    return Words(phrases, np.asarray(writers, dtype=object), frozenset(ordinary))


def describe(words: Words, labels: np.ndarray, *, given: dict[int, str] | None = None,
             taken: Iterable[str] = ()) -> list[Description]:
    """Names and keywords of themes; ``labels`` is (n,) with 0, 1, ... or -1 for no theme.

    Weights are class-based tf-idf (Grootendorst 2022, with frequent words reduced): the root of the share of a theme's
    messages that use a phrase, times the log of how rare the phrase is over all. Every message counts a phrase
    once, however long it is. ``given`` are names that stay; no theme gets a name that is ``taken`` (in lower
    case) or another theme's.
    """
    weights = _class_weights(words, labels)
    given, taken = given or {}, set(taken)
    described = []
    for label, ranked in enumerate(weights):
        members = np.flatnonzero(labels == label)
        forms = _forms(words, members)
        keywords = _keywords(ranked, forms, words.ordinary)
        name = given.get(label) or _name(ranked, forms, taken, size=len(members), ordinary=words.ordinary)
        taken.add(name.casefold())
        described.append(Description(name, tuple(keywords)))
    return described


def still_said(name: str, words: Words, messages: np.ndarray) -> bool:
    """Whether every phrase of a name still occurs in these messages (rows of ``words``): a withdrawn one must not live on."""
    said = {phrase for row in messages for phrase in words.phrases[row]}
    return all(" ".join(_base(word) for word in part.split()) in said for part in name.split(", "))


def _phrases(text: str) -> dict[str, str]:
    tokens = [token for token in _WORD.findall(_NOT_WORDS.sub(" | ", text.replace("’", "'")))]
    found: dict[str, str] = {}
    for begin in range(len(tokens)):
        if not _is_content(tokens[begin]):
            continue
        for end in range(begin + 1, min(begin + LONGEST_PHRASE, len(tokens)) + 1):
            last = tokens[end - 1]
            if not (_is_content(last) or last.casefold() in JOINTS):
                break
            if _is_content(last):
                phrase = tokens[begin:end]
                found.setdefault(" ".join(_base(word) for word in phrase), " ".join(phrase))
    return found


def _is_content(token: str) -> bool:
    return len(token) > 1 and bool(_LETTERS.match(token)) and token.casefold() not in STOP_WORDS


def _base(word: str) -> str:
    """One form for singular and plural and for the possessive."""
    word = word.casefold().removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _class_weights(words: Words, labels: np.ndarray) -> list[list[tuple[str, float, int]]]:
    """For every theme its phrases as (phrase, weight, messages), heaviest first."""
    everywhere: Counter[str] = Counter()
    for row in np.flatnonzero(labels >= 0):
        everywhere.update(words.phrases[row].keys())
    themes = int(labels.max(initial=-1)) + 1
    per_theme = sum(used for phrase, used in everywhere.items() if " " not in phrase) / max(1, themes)
    weights = []
    for label in range(themes):
        members = np.flatnonzero(labels == label)
        here = Counter(phrase for row in members for phrase in words.phrases[row])
        ranked = [(phrase, (used / len(members)) ** 0.5 * float(np.log1p(per_theme / everywhere[phrase])), used)
                  for phrase, used in here.items()]
        weights.append(sorted(ranked, key=lambda item: (-item[1], item[0])))
    return weights


def _forms(words: Words, members: np.ndarray) -> dict[str, tuple[str, int]]:
    """For every phrase its most usual spelling in the theme and how many people wrote it."""
    spellings: dict[str, Counter[str]] = {}
    people: dict[str, set] = {}
    for row in members:
        for phrase, written in words.phrases[row].items():
            spellings.setdefault(phrase, Counter())[written] += 1
            people.setdefault(phrase, set()).add(words.writers[row])
    return {phrase: (min(found, key=lambda form: (-found[form], form != form.lower(), form)), len(people[phrase]))
            for phrase, found in spellings.items()}


def _keywords(ranked: list, forms: dict, ordinary: frozenset[str]) -> list[str]:
    single = [phrase for phrase, _, _ in ranked if " " not in phrase]
    single = [phrase for phrase in single if forms[phrase][1] >= REPEATED_BY] or single
    return [_lowered(forms[phrase][0], ordinary) for phrase in single[:KEYWORDS]]


def _name(ranked: list, forms: dict, taken: set[str], *, size: int, ordinary: frozenset[str]) -> str:
    """The best phrase; the two best if the first says little alone; never one that is taken."""
    chosen: list[str] = []
    for phrase, used in _candidates(ranked, forms, size=size, ordinary=ordinary):
        if any(_overlap(phrase, other) for other in chosen):
            continue
        chosen.append(phrase)
        name = _title(", ".join(_lowered(forms[part][0], ordinary) for part in chosen))
        enough = " " in phrase and used >= COVERED_SHARE * size
        if name.casefold() not in taken and (enough or len(chosen) > 1):
            return name
        if len(chosen) == MOST_PHRASES:
            break
    return _free(_title(", ".join(_lowered(forms[part][0], ordinary) for part in chosen)) or UNNAMED, taken)


def _candidates(ranked: list, forms: dict, *, size: int, ordinary: frozenset[str]) -> list[tuple[str, int]]:
    """Phrases that enough people wrote, best first, with how many messages use them."""
    weight = {phrase: value for phrase, value, _ in ranked}
    repeated = [(phrase, used) for phrase, _, used in ranked if used >= REPEATED_BY or size < SMALL]
    repeated = [item for item in repeated if item[0] not in WEAK] or repeated
    choices = ([item for item in repeated if forms[item[0]][1] >= writers] for writers in (WRITTEN_BY, REPEATED_BY))
    # In a theme of one person only ordinary words are left: a name that one person repeats may be a neighbour's.
    alone = [(phrase, used) for phrase, used in repeated if set(phrase.split()) - JOINTS <= ordinary]
    allowed = next((found for found in choices if found), alone)
    return sorted(allowed, key=lambda item: (-round(_phrase_score(item[0], weight), 9), item[0]))


def _phrase_score(phrase: str, weight: dict[str, float]) -> float:
    # The weight of a phrase's words says how typical it is; its own weight, that it is a phrase and no accident.
    parts = [part for part in phrase.split() if part not in JOINTS]
    typical = sum(weight.get(part, 0.0) for part in parts) / len(parts) ** 0.5
    return weight[phrase] * 2 + typical if len(parts) > 1 else weight[phrase]


def _overlap(one: str, other: str) -> bool:
    return not (set(one.split()) - JOINTS).isdisjoint(set(other.split()) - JOINTS)


def _lowered(form: str, ordinary: frozenset[str]) -> str:
    """Lower case at the start where the word is an ordinary one; names and NHS, GOV.UK, iPhone stay as they are written."""
    first = form.split()[0]
    return form[0].lower() + form[1:] if first.lower() in ordinary and first == first.capitalize() else form


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    return free
