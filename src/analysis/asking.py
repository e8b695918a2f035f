"""Which sentences ask for something: that a thing be done, made, stopped or left alone.

A rule on words and parts of speech, because it can be read, and because it needs no labels: an imperative ("Fund
teams, not projects"), or one of a few forms by which people say what ought to be ("should", "must", "need to", "I'd like",
"what would help is"). Nothing here knows whether the sentence speaks of the subject, nor whether its writer means it.
"""

from __future__ import annotations

import re
from functools import cache

from analysis import phrases

_END = re.compile(r"(?<=[.!?…])[\"'”’)*]*\s+|\n+")
# Marks of a list or of emphasis, and what introduces a sentence without belonging to it.
_BEFORE = re.compile(r"^(?:[^\w“\"'‘(]|\d+[.)])+")
_AFTER = re.compile(r"[\s*_;,]+$")
_TOKEN = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*|[^\w\s]")
_LEADS_IN = frozenset("and but so then instead also first second third lastly finally or now just next please only always never do don't".split())
FORMS = {
    "should": r"(?<!than i )(?<!as i )\bshould(?:n't)?\b(?! (?:have|i|like|say|make it clear|make that clear|imagine|think))",
    "ought": r"\bought to\b(?! have| count)",
    "must": r"\bmust(?:n't)?\b(?! (?:have|be (?:a|an|the)\b|say|admit|confess))",
    "need": r"\b(?:we|they|government|councils?|centre|departments?|teams?|there) (?:also |really |urgently |still |just )?needs? (?:to|an?|more|better)\b|\bneeds? to be\b",
    "wish": r"\b(?:i|we)(?:'d| would| should) (?:really |much |also )?(?:like|love|rather|prefer|urge|argue for)\b(?! to (?:say|know|begin|start|add|think|ask|thank))",
    "please": r"\bplease\b(?! (?:see|find|read|don't read|note|email|ring|call|get in touch))",
    "why not": r"\bwhy not\b(?! *[.,;?]| *$)",
    "would help": r"\bwhat would (?:help|work) (?:is|are)\b|\bwould (?:help|let|spare|save|suit)\b",
}
_FORMS = {name: re.compile(pattern) for name, pattern in FORMS.items()}
# Inside quotation marks it is somebody else's "should"; a sentence that begins with such marks names what it speaks of.
_QUOTED = re.compile(r"(?<!\w)[\"“‘'][^\"“”]{2,}?[\"”’'](?!\w)")
# "What a centre should be" is a question that somebody may have, no wish.
_INDIRECT = re.compile(r"\b(?:what|who|whom|whose|how|which|whether|where|why)\b[^,.;:]*?\b(?:should|must|ought)\b", re.IGNORECASE)
_TAKEN_OUT = re.compile(r"\[[^\[\]]* removed\]")
# "Choose the small firm and it's your name on the form": a condition, no request.
_CONDITION = re.compile(r"\band (?:you|you'll|you've|it|it's|they|he|she|both|nobody)\b")
_TELLS = re.compile(r"^(?:let me (?:tell|say|be|explain|know|start|add)|have a look|talk about|put together|bear with|mind you|take (?:me|us)|imagine|suppose|guess|speaking|thank|see (?:also|you|above)|look,)", re.IGNORECASE)
_VERB, _FINITE = ("VVB", "VVI", "VBB", "VBI", "VDB", "VDI", "VHB", "VHI"), ("VBZ", "VBD", "VVZ", "VVD", "VM0", "VHZ", "VHD", "VDZ", "VDD")
_SUBORDINATE = ("DTQ", "PNQ", "AVQ", "CJ", "PNP")
_OBJECT = ("NN2", "AT", "DT", "DP", "PN", "AJ", "CR")
# A noun first of all, such as "fund", may be a verb where that is not this much rarer (natural logarithm).
_RARER = 3.5
FEWEST_WORDS, HEAD = 3, 4
# Between what is to be done and what it is done to; verbs that say nothing without the rest of the sentence.
_BETWEEN, _FURTHEST = ("AT", "DPS", "DT", "CRD"), 2
_EMPTY = frozenset("be become come do get give go have know let look make mean say see seem start take tell think try use want".split())


def sentences(text: str) -> list[str]:
    """The sentences of a text and the items of its lists, without the marks before and after them."""
    parts = (_AFTER.sub("", _BEFORE.sub("", part.strip())) for part in _END.split(text))
    return [part for part in parts if part]


def requests(text: str) -> list[str]:
    """The sentences of a text that ask for something, as they are written."""
    return [sentence for sentence in sentences(text) if kind(sentence)]


def kind(sentence: str) -> str | None:
    """By which form a sentence asks (a key of ``FORMS``, or "imperative"), or None."""
    plain = sentence.replace("’", "'")
    if _TAKEN_OUT.search(plain) or len(plain.split()) < FEWEST_WORDS:
        return None
    asked = plain.rstrip("\"'”) ").endswith("?")
    own = _QUOTED.sub('""', plain)
    own = plain if len(own.split()) < FEWEST_WORDS else own  # all of it is in quotation marks
    found = next((name for name, form in _FORMS.items() if form.search(_INDIRECT.sub("", own).casefold())), None)
    if found and (not asked or found == "why not"):
        return found
    return "imperative" if not asked and not own.startswith('""') and _is_imperative(plain) else None


def wanted(sentence: str) -> dict[str, str]:
    """What a sentence speaks of, and what is to be done to it: "team", "fund team" for "Fund the team"; base form to how it is written."""
    found: dict[str, str] = {}
    for words in phrases.tokens_of(sentence):
        tags = phrases.tags_of(words)
        for place, word in enumerate(words):
            found.update({key: form for key, form in phrases.noun_phrases(words, tags, place).items() if key not in found})
            if word.casefold() not in _EMPTY and (tags[place] in ("VVB", "VVI") or (place == 0 and _may_be_verb(word.casefold()))):
                found.update(_done_to(words, tags, place))
    return found


def _done_to(words: list[str], tags: list[str], verb: int) -> dict[str, str]:
    """A verb with the noun phrases that follow it at once, or after an article."""
    place = verb + 1
    while place < len(words) and place - verb <= _FURTHEST and tags[place].startswith(_BETWEEN):
        place += 1
    found = phrases.noun_phrases(words, tags, place) if place < len(words) else {}
    return {f"{words[verb].casefold()} {key}": f"{words[verb].lower()} {' '.join([*words[verb + 1:place], form])}" for key, form in found.items()}


def _is_imperative(sentence: str) -> bool:
    if _TELLS.match(sentence) or _CONDITION.search(sentence.casefold()):
        return False
    words = _TOKEN.findall(sentence)
    while words and (words[0].casefold() in _LEADS_IN or not words[0][0].isalpha()):
        words = words[1:]
    if len(words) < 2 or not _may_be_verb(words[0].casefold()):
        return False
    tags = phrases.tags_of(words)
    if tags[0].startswith(_VERB):
        return words[0].casefold() != "come" and not tags[1].startswith(("PUN", *_FINITE)) and not _is_said(tags[1:HEAD])
    return tags[0] == "NN1" and tags[1].startswith(_OBJECT) and not _is_said(tags[1:])


def _is_said(tags: list[str]) -> bool:
    """Whether a finite verb follows before another clause begins: then the first word was its subject."""
    for tag in tags:
        if tag.startswith(_FINITE):
            return True
        if tag.startswith(_SUBORDINATE) or tag == "PUN":
            return False
    return False


@cache
def _may_be_verb(word: str) -> bool:
    known = phrases.readings_of(word)
    best = known[0][1] if known else 0.0
    return word.isalpha() and any(tag.startswith(_VERB) and best - weight < _RARER for tag, weight in known)
