"""What messages speak of: the nouns and noun phrases in them, as people wrote them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

LONGEST_PHRASE = 4
# A longer "word" is a key, an address or a cat on the keyboard.
LONGEST_WORD = 30
# A word is a name ("Bowling Green") when it is capitalised more than twice as often as not; first words of sentences alone do not reach that.
LOWER_SHARE = 0.5
# In a language whose parts of speech are not known, words of so many letters are hardly ever articles, pronouns and the like.
LONG_WORD = 6

# Words that the tagger takes for nouns or adjectives and that say nothing of any subject.
EMPTY = frozenset("""
able actually ago answer anybody anyone anything bit bits case cases chance couple day days different difference end everybody everyone everything example fact few first
folk folks good great guy half hand hour hours idea important issue issues kind last least less likely little lot lots many matter matters mine minute moment month months morning
name new nobody none nothing number o'clock ok okay old one ones other others own part people person persons place places plenty point possible problem problems
question questions quite reason reasons rest right same second several side similar so-called some somebody someone something sort start stuff such sure task tell thank
thanks thing things third thread time times today tomorrow top true two type type types use useful user's various way ways week weekend weekends weeks whole word
words yes yesterday year years hundred thousand million dozen percent per cent everywhere somewhere nowhere please hello hi dear sorry amp rt http https www com
mr mrs ms dr i'm don't it's that's else full main real certain particular general big small long short high low better best worse worst bad late early much more most next need needs want wants say set
past able unable available enough entire total extra only very just even back away out up down off over around through man men woman women mother mum dad husband wife
daughter son guys lady bloke someone's anyone's people's nan aunt uncle brother sister monday tuesday wednesday thursday friday saturday sunday january february march april june july
august september october november december tonight afternoon evening night nights round sense mind heart head face eye eyes hands feet foot life lives
""".split())
# What may join two parts of a phrase ("proof of address").
JOINTS = frozenset({"of", "'s", "'"})
# Such words may stand beside another ("waiting times", "young people", "opening hours", "case workers"), but not alone.
BESIDE = frozenset("case cases full hand high hour hours issue issues life low man men number people place places problem problems question questions right rights small task "
                   "time times type types use woman women word words".split())
# People are "young people" and "disabled people", not "phone people".
_AFTER_QUALITY = frozenset({"people", "man", "men", "woman", "women"})

# Addresses, handles, hashtags' signs, markup and what was blacked out are no words.
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|@\w[\w.\-]*|<[^<>]*>|\[[^\[\]]*\]|\{\{.*?\}\}|[$%]\{[^{}]*\}|&\w+;|[\w.\-]+\.(?:com|org|net|uk|gov|io)\b\S*")
_TOKEN = re.compile(r"n't\b|'(?:s|m|re|ve|ll|d)\b|[^\W_]+?(?=n't\b)|[^\W_]+(?:[-'&][^\W_]+(?<!'s)(?<!'m)(?<!'d)(?<!'re)(?<!'ve)(?<!'ll))*|[^\w\s]", re.IGNORECASE)
_SENTENCE_END = frozenset(".!?;:…\n")
_NOUN, _QUALITY, _OWN = ("NN", "NP"), ("AJ", "VVN", "VVG"), ("POS",)


@dataclass(frozen=True)
class Words:
    """What every message speaks of: ``phrases[i]`` maps a phrase's base form to how message i writes it.

    ``ordinary`` are the words that people write in lower case at least as often as not: at the beginning of a sentence, their
    capital means nothing. ``writers`` are the contributors.
    """

    phrases: list[dict[str, str]]
    writers: np.ndarray
    ordinary: frozenset[str]


def read_words(texts: Sequence[str], writers: Sequence[str], *, english: Sequence[bool] | None = None) -> Words:
    """Take the messages apart once; ``writers`` are the contributors (or any ids where unknown).

    Candidates are noun phrases, not any neighbouring words: adjectives and nouns before a noun, and two such joined by "of" (Hulth
    2003). Parts of speech come from HanTa (Wartena 2019), whose model is part of its package. Of texts that are not ``english``
    single long words are taken.
    """
    read = [_read(text) if said else _long_words(text) for text, said in zip(texts, english or [True] * len(texts), strict=True)]
    written = Counter(form for _, forms in read for form in forms)
    ordinary = {form for form, times in written.items() if form == form.lower() and LOWER_SHARE * written[form.capitalize()] <= times}
    return Words([phrases for phrases, _ in read], np.asarray(writers, dtype=object), frozenset(ordinary))


def _long_words(text: str) -> tuple[dict[str, str], set[str]]:
    words = [word for sentence in _sentences(text) for word in sentence if len(word) >= LONG_WORD and word[0].isalpha()]
    return {word.casefold(): word for word in reversed(words)}, set(words)


def _read(text: str) -> tuple[dict[str, str], set[str]]:
    """Phrases, and the words as they are written where no sentence begins."""
    phrases: dict[str, str] = {}
    forms: set[str] = set()
    for sentence in _sentences(text):
        tags = tags_of(sentence)
        forms.update(sentence[1:] if len(sentence) > 1 else sentence)
        forms.update(word for word in sentence[:1] if word == word.lower())
        for begin in range(len(tags)):
            for words in _phrases_from(sentence, tags, begin):
                phrases.setdefault(" ".join(base(word) for word in words if not word.startswith("'")), " ".join(words).replace(" '", "'"))
    return phrases, forms


def _sentences(text: str) -> list[list[str]]:
    """Tokens of every sentence; what is no word ends one, so that no phrase reaches across it."""
    sentences: list[list[str]] = [[]]
    for line in _NOT_WORDS.sub("\n", text.replace("’", "'")).split("\n"):
        sentences.append([])
        for token in _TOKEN.findall(line):
            if token in _SENTENCE_END or len(token) > LONGEST_WORD:
                sentences.append([])
            else:
                sentences[-1].append(token)
    return [sentence for sentence in sentences if sentence]


def _phrases_from(sentence: list[str], tags: list[str], begin: int):
    """Every noun phrase that begins at a word: as lists of up to four words, five where two parts are joined."""
    if not _fits(sentence[begin], tags[begin]):
        return
    end, joined = begin, 0
    limit = LONGEST_PHRASE
    while end < len(sentence) and end - begin < limit:
        word, tag = sentence[end], tags[end]
        if tag.startswith(_NOUN) and _fits(word, tag):
            if (end > begin or _says_something(word)) and (word.casefold() not in _AFTER_QUALITY or tags[end - 1].startswith("AJ")):
                yield sentence[begin:end + 1]
        elif word.casefold() in JOINTS and end > begin and not joined and tags[end - 1].startswith(_NOUN):
            joined, limit = 1, limit + 1
        elif not (tag.startswith(_QUALITY) and _fits(word, tag)):
            return
        end += 1


def _fits(word: str, tag: str) -> bool:
    """Whether a word may be part of a phrase."""
    plain = word.casefold()
    return tag.startswith(_NOUN + _QUALITY) and word[0].isalpha() and len(word) > 1 and "'" not in word and (plain not in EMPTY or plain in BESIDE)


def _says_something(word: str) -> bool:
    return len(word) > 1 and word[0].isalpha() and "'" not in word and word.casefold() not in EMPTY


def base(word: str) -> str:
    """One form for singular and plural and for the possessive."""
    word = word.casefold().removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def noun_phrases(words: list[str], tags: list[str], begin: int) -> dict[str, str]:
    """The noun phrases of a tagged sentence that begin at a word, the shortest first: base form to how it is written."""
    found = {}
    for phrase in _phrases_from(words, tags, begin):
        found.setdefault(" ".join(base(word) for word in phrase if not word.startswith("'")), " ".join(phrase).replace(" '", "'"))
    return found


def tokens_of(text: str) -> list[list[str]]:
    """The words of every sentence; what is no word ends one, so that no phrase reaches across it."""
    return _sentences(text)


def tags_of(words: list[str]) -> list[str]:
    """The part of speech of every word of a sentence, as the tags of the British National Corpus."""
    return _tagger().tag_sent(words, taglevel=0)


def readings_of(word: str) -> list[tuple[str, float]]:
    """What a word alone may be, the likeliest first: tags with their log-likelihood."""
    return _tagger().tag_word(word)


@cache
def _tagger():
    from HanTa.HanoverTagger import HanoverTagger

    tagger = HanoverTagger("morphmodel_en.pgz")
    tagger.analyze_forward = cache(tagger.analyze_forward)  # takes a word that is not among the most frequent apart, in a millisecond and each time anew
    return tagger
