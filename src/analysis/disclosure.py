"""What rules can only suspect of telling who somebody is: contributions for a person to read before anything is published."""

from __future__ import annotations

import re

import pandas as pd

COLUMNS = ["contribution_id", "reason", "found", "text"]

_NAME = r"(?-i:[A-Z][\w'’-]+)"
_ROLES = (r"(?:GP|doctor|nurse|consultant|surgeon|midwife|dentist|pharmacist|head\s?teacher|headmaster|headmistress|head|teacher|caretaker|vicar|priest|imam|rabbi|"
          r"postmaster|postmistress|postman|librarian|registrar|clerk|mayor|councillor|MP|minister|director|manager|officer|owner|founder|chief executive|"
          r"CEO|CTO|chair|chairman|chairwoman|treasurer|secretary|trustee|landlord|farmer|publican|harbour\s?master|lead|editor|adviser|advisor|social worker|carer)")
_OWN = r"\b(?:I|I'm|I’m|I've|I’ve|my|me|we|our|he|she|his|her|mum|dad|mother|father|husband|wife|partner|son|daughter|brother|sister|nan|gran|grandad|neighbour)\b"
_HEALTH = (r"\b(?:diagnos\w+|cancer|tumour|chemo\w*|dementia|alzheimer\w*|autis\w+|adhd|depress\w+|anxiety|bipolar|schizo\w+|psychosis|epilep\w+|parkinson\w*|"
           r"diabet\w+|stroke|HIV|pregnan\w+|miscarr\w+|disab\w+|wheelchair|blind|deaf|dyslexi\w+|surgery|medication|self-harm|suicid\w+|addict\w+|rehab|"
           r"mental health|hospital)\b")
_SENSITIVE = (r"\b(?:convict\w+|prison|probation|arrested|asylum|refugee|visa|deport\w+|bankrupt\w*|evict\w+|homeless|food ?bank|universal credit|PIP|ESA|"
              r"divorc\w+|abuse\w*|violence|gay|lesbian|bisexual|trans|transgender|muslim|jewish|christian|catholic|hindu|sikh|union rep)\b")
RULES: tuple[tuple[str, re.Pattern], ...] = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in (
    ("says that somebody is the only one", r"\b(?:the|an?|my|our|their)\s+(?:only|sole|last remaining)\s+(?:[\w'’-]+\s+){1,4}?(?:in|at|on|of|for|from|who|left)\b[^.!?\n]{0,30}"),
    ("a role and a place or body", rf"\b{_ROLES}\s+(?:in|at|of|for|on)\s+(?:the\s+)?{_NAME}(?:\s+{_NAME})*"),
    ("a role and a place or body", rf"\b(?:I|we)\s+(?:work|worked|teach|taught|volunteer|live|lived)\s+(?:in|at|for|on|near)\s+(?:the\s+)?{_NAME}(?:\s+{_NAME})*"),
    ("names a person", rf"\b(?-i:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Cllr|Councillor|Rev|Fr)\.?\s+{_NAME}(?:\s+{_NAME})?"),
    ("names a person", rf"\b(?:my name is|my name's|I'm called|called|named|signed,?|regards,?|yours,?)\s+{_NAME}(?:\s+{_NAME})?"),
    ("names a person", rf"\bmy\s+(?:husband|wife|partner|son|daughter|brother|sister|boss|manager|colleague|neighbour|friend)\s+{_NAME}"),
    ("health of somebody", rf"{_OWN}[^.!?\n]{{0,80}}?{_HEALTH}"),
    ("health of somebody", rf"{_HEALTH}[^.!?\n]{{0,60}}?{_OWN}"),
    ("a sensitive matter of somebody", rf"{_OWN}[^.!?\n]{{0,80}}?{_SENSITIVE}"),
    ("an address", rf"\b\d{{1,4}}[a-z]?\s+{_NAME}(?:\s+{_NAME})?\s+(?:Street|St|Road|Rd|Lane|Avenue|Close|Drive|Terrace|Crescent|Gardens|Court|Place|Way|Row)\b"),
    ("age or birth", r"\b(?:born (?:in|on)\s+\S+(?:\s+\S+)?|aged?\s+\d{1,3}\b|(?:is|am|was|turned)\s+\d{2}(?:\s+years? old)?(?=[\s,.;]|$)(?!\s*(?:%|per|days|weeks|months|minutes|hours|pages|of)))"),
    ("a number of six or more digits", r"(?<![\d.,£$])\d(?:[ -]?\d){5,}(?![\d.,]*\d)"),
))


def check_by_eye(contributions: pd.DataFrame) -> pd.DataFrame:
    """Contributions that may tell who somebody is: ``contribution_id, reason, found, text``, a row for each reason.

    ``contributions`` has ``contribution_id`` and ``text``. The rules look for "the only ... in ...", roles with places, names of
    persons, health and other sensitive matters of somebody, addresses, ages, and long numbers. They err on the side of showing too
    much, and a text that is not listed is not thereby safe.
    """
    rows = []
    for one in contributions[["contribution_id", "text"]].itertuples(index=False):
        found: dict[str, list[str]] = {}
        for reason, pattern in RULES:
            match = pattern.search(one.text)
            if match:
                found.setdefault(reason, []).append(" ".join(match[0].split()))
        rows += [(one.contribution_id, reason, "; ".join(words), one.text) for reason, words in found.items()]
    return pd.DataFrame(rows, columns=COLUMNS).astype("str")
