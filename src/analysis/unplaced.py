"""Which passages take no part in themes, and why: they say nothing that can be placed, or nothing the encoder can read."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

SAYS_NOTHING = "says nothing that can be placed"
NOT_READ = "in a language that the encoder does not read"
RESEMBLES_NONE = "resembles no theme closely enough"
TOO_FEW = "too few different messages for themes"

# A longer text made of such words alone is somebody's sentence all the same.
FEW_WORDS = 8
# Words of answers that point elsewhere, agree, decline or test the form. One other word, and the passage takes part.
_SAYING_NOTHING = frozenset("""
a above add added additional agree agreed all already am an and any anything applicable as asdf asdfasdf asdfghjkl at available be before below blank can't cannot comment
comments content did didn't ditto do does don't dont earlier else enough exactly far feedback for fully further good great had has have haven't haha hahaha hello help here hi idea idk if i
i'd i'll i'm i've in indeed is isn't it it's just know later lol lorem ipsum ly many me mentioned more moment much my n na n/a nil no nobody nope not none nothing now of ok okay on
one or other others particular please previous previously q qwerty qwertyuiop quite really repeat said same say see seen so something sorry specific specifically still stuff sure
testing test tested thanks thank that that's the there these thing things think this those time to too totally unsure up very view was well what whatever wouldn't x xx xxx y
yeah yep yes yet you your again absolutely answer answered answers question questions response responses reply replies survey form section page box oh right definitely spot completely
""".split())
# "No more forms." and "No survey, please" do say something: these count only beside a word that declines or points elsewhere.
_POINTING = frozenset("above answer answered answers before below ditto earlier mentioned previous previously q same see test testing tested".split())
_ONLY_POINTED_AT = frozenset("answer answers question questions response responses reply replies survey form section page box help time".split())
_WORD = re.compile(r"[^\W_]+(?:['’/][^\W_]+)*")
_LINK = re.compile(r"https?://\S+|www\.\S+|@\w[\w.\-]*|\[[^\]\n]{1,40} removed\]")
# A slip over the keyboard: a run of consonants, or one or two letters again and again.
_KEYS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}|([a-z]{1,4})\1{2,}", re.IGNORECASE)


def says_nothing(text: str) -> bool:
    """Whether a text has no word of its own: signs, emoji, a link, "n/a", "see above", "nothing to add", "asdf".

    A closed list of words decides; one word that is not in it, and the text says something. English only: what is in other languages is
    not taken for silence.
    """
    plain = unicodedata.normalize("NFKC", _LINK.sub(" ", text)).replace("’", "'").casefold()
    words = [word for word in _WORD.findall(plain) if any(character.isalpha() for character in word) or word.isdigit()]
    spoken = [word for word in words if not word.isdigit() and not re.fullmatch(r"q\d+[a-z]?", word)]
    if len(spoken) > FEW_WORDS:
        return False
    if not all(word in _SAYING_NOTHING or _KEYS.fullmatch(word) for word in spoken):
        return False
    return _ONLY_POINTED_AT.isdisjoint(spoken) or not _POINTING.isdisjoint(spoken)


def reasons(passages: pd.DataFrame) -> pd.Series:
    """For every passage why it takes no part in themes, or NA; aligned with ``passages``.

    ``less_reliable`` marks the languages that the encoder does not read; without that column every passage is taken as read.
    """
    why = pd.Series(pd.NA, index=passages.index, dtype="str")
    if "less_reliable" in passages:
        why[passages["less_reliable"].fillna(False).to_numpy(dtype=bool)] = NOT_READ
    why[[says_nothing(text) for text in passages["text"]]] = SAYS_NOTHING
    return why
