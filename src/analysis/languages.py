"""Which language a passage is in, and whether the encoder reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

# What all-MiniLM-L6-v2 was trained on.
ENGLISH = ("en",)
# On the bundled example, cut into pieces of five words, nine in ten of those at or above this are placed, 99.9 % of them
# rightly; of pieces of eight words and more, all are right. Below it, what was declared is believed.
LEAST_CONFIDENCE = 0.5
# The first sentences tell; more only costs time.
ENOUGH_CHARACTERS = 400
# Nigerian Pidgin is taken for English cut short, and the other way round; "zxx" is the model's word for no language at all.
_NOT_TOLD = {"pcm", "zxx"}
_NO_LANGUAGE = re.compile(r"\[[^\]\n]{1,40} removed\]|https?://\S+|www\.\S+|[@#]\w\S*")
# Models that were trained on many languages say so in their names.
_MULTILINGUAL = re.compile(r"multilingual|labse|xlm|bge-m3|\be5-.*-m\b", re.IGNORECASE)
NAMES = {
    "en": "English", "cy": "Welsh", "gd": "Scottish Gaelic", "ga": "Irish", "pl": "Polish", "ro": "Romanian", "pa": "Punjabi", "ur": "Urdu",
    "pt": "Portuguese", "es": "Spanish", "ar": "Arabic", "bn": "Bengali", "gu": "Gujarati", "it": "Italian", "fr": "French", "de": "German", "tr": "Turkish",
    "zh": "Chinese", "fa": "Persian", "so": "Somali", "ta": "Tamil", "uk": "Ukrainian", "ru": "Russian", "hi": "Hindi", "nl": "Dutch", "el": "Greek",
    "lt": "Lithuanian", "ja": "Japanese", "ku": "Kurdish", "bg": "Bulgarian", "hu": "Hungarian", "sk": "Slovak", "cs": "Czech", "lv": "Latvian", "sq": "Albanian",
}
UNKNOWN = "unknown"


def detect(texts: Iterable[str], declared: Iterable[object]) -> list[str | None]:
    """The language of each text as two or three letters: as detected where that is sure, else as declared, else None.

    Naive Bayes over byte sequences (langid; Lui and Baldwin 2012), 130 languages, Welsh
    among them, in a model of 4 MB.
    """
    return [_one(text) or (said if isinstance(said, str) and said else None) for text, said in zip(texts, declared, strict=True)]


def read_by(model: str | None) -> tuple[str, ...] | None:
    """The languages that a model reads, judged by its name; None for all."""
    return None if model and _MULTILINGUAL.search(model) else ENGLISH


def name_of(lang: str) -> str:
    """A language in words."""
    return NAMES.get(lang, "a language that could not be told" if lang == UNKNOWN else f"another language (code {lang})")


def _one(text: str) -> str | None:
    words = _NO_LANGUAGE.sub(" ", text[:2 * ENOUGH_CHARACTERS]).strip()[:ENOUGH_CHARACTERS]
    if not any(character.isalpha() for character in words):
        return None
    language, confidence = _identifier().classify(words)
    return str(language) if confidence >= LEAST_CONFIDENCE else None


@cache
def _identifier():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([name for name in identifier.labels if name not in _NOT_TOLD])
    return identifier
