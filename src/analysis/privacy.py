"""What protects the people who spoke: pseudonyms, and personal details taken out of their texts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from analysis.errors import ReckonsError

KEY_FILE_VARIABLE = "RECKONS_KEY_FILE"
KEY_BYTES = 32
# 10 characters of base 32 are 50 bits: among 100,000 people, two share a pseudonym once in 200,000 cases.
PSEUDONYM_LENGTH = 10


def pseudonyms(authors: pd.Series, key: bytes) -> pd.Series:
    """A pseudonym for each author, equal for equal names under one key; missing stays missing.

    "P-" and ten base-32 characters of HMAC-SHA256 (RFC 2104). Without the key nobody can
    test a guess about who somebody is.
    """
    known = {author: _pseudonym(str(author), key) for author in authors.dropna().unique() if str(author).strip()}
    return authors.map(known).astype("str")


def _pseudonym(author: str, key: bytes) -> str:
    digest = hmac.new(key, author.strip().encode("utf-8", "replace"), hashlib.sha256).digest()
    return "P-" + base64.b32encode(digest).decode("ascii")[:PSEUDONYM_LENGTH]


def pseudonym_key() -> bytes:
    """The key of this machine's pseudonyms, made on first use and readable by its owner alone.

    It lies in the file that the environment variable RECKONS_KEY_FILE names, else in the
    user's data folder: never among the outputs. Raises ``ReckonsError``.
    """
    path = _key_file()
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise ReckonsError(f"The key for pseudonyms cannot be kept in {path}: {error.strerror or error}. "
                           f"Name another file with the environment variable {KEY_FILE_VARIABLE}. Nothing was written.") from None
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise ReckonsError(f"{path} holds no key for pseudonyms: {2 * KEY_BYTES} hexadecimal digits are expected. Put the right file "
                           "back, or remove it to start with new pseudonyms. Nothing was written.")
    return key


def _key_file() -> Path:
    named = os.environ.get(KEY_FILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("reckons", appauthor=False) / "key"


def _make_key(path: Path) -> None:
    """Write the key aside and put it in place whole; of two that do so at once, the first stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mkstemp gives mode 600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            os.replace(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)


# ---------------------------------------------------------------------------------------------
# Redaction. Every rule is narrow on purpose: what it takes out is lost to the reader. presidio-analyzer 2 was tried on the
# planted cases of the tests: its rules find 30 of 68 telephone numbers and 16 of 28 National Insurance numbers, take 31 of
# 176 look-alikes (these take 4), and it brings 390 MB of language models' machinery and asks the network for a list of suffixes.

_GAP = r"[^\S\n]"  # a blank of any kind, but not the end of a line
_SEP = rf"(?:{_GAP}{{0,2}}|[.\-\u2010-\u2013]|{_GAP}[\-\u2010-\u2013]{_GAP})"
_SEP_OR_SLASH = rf"(?:{_SEP}|/)"

_EMAIL = re.compile(
    r"(?<![\w.!#$%&'*+=?^`{|}~@-])(?:mailto:)?[^\W_](?:[\w.!#$%&'*+=?^`{|}~-]{0,63})(?<!\.)"
    rf"(?:[@\uff20]|{_GAP}?[\[({{<]{_GAP}?at{_GAP}?[\])}}>]{_GAP}?)"
    rf"(?:[\w-]{{1,63}}(?:\.|{_GAP}?[\[({{<]{_GAP}?dot{_GAP}?[\])}}>]{_GAP}?)){{1,6}}[^\W\d_]{{2,24}}(?![\w@])", re.IGNORECASE)
_SPELT_EMAIL = re.compile(
    rf"(?<![\w.@])(?P<name>[\w.+-]{{2,64}}){_GAP}at{_GAP}(?P<host>[\w-]{{2,63}})(?:{_GAP}dot{_GAP}(?:com|org|net|uk|co|gov|ac|cymru|wales|scot|info|example)){{1,3}}\b",
    re.IGNORECASE)
# What stands before "at" or after it where somebody looks at a website instead of writing an address.
_NO_NAMES = frozenset("look looks looked looking am is are was were be been being met meet see seen go went stay works worked work he she it we they you me him her "
                      "us them available sign register book read find found aim aimed laugh shop shopped buy bought good bad here there".split())
_NO_HOSTS = frozenset("the that this a an".split())
_BARE_HANDLE = re.compile(r"(?<![\w.@/-])[a-z0-9][a-z0-9-]{1,62}\.bsky\.social\b", re.IGNORECASE)
# The name at the end of a link to somebody's own page.
_PROFILE = re.compile(r"(?:(?<=bsky\.app/profile/)|(?<=twitter\.com/)|(?<=//x\.com/)|(?<=linkedin\.com/in/)|(?<=instagram\.com/)|(?<=facebook\.com/)"
                      r"|(?<=threads\.net/))@?[A-Za-z0-9](?:[\w.:%-]{0,250}\w)?", re.IGNORECASE)
_NOT_PROFILES = frozenset("home search explore hashtag intent share i login signup settings tos privacy groups events pages watch p reel sharer".split())
_HANDLE = re.compile(r"(?<![\w.@+=-])@\w(?:[\w.-]{0,250}\w)?(?:@[\w-]+(?:\.[\w-]+)+)?")
_NOT_PEOPLE = {"work", "home", "school", "all", "here", "everyone", "channel", "media", "import", "property", "override"}

_UK_PHONE = re.compile(
    rf"(?<![\w£$€#.,/@=+-])(?P<lead>(?:\((?:\+|00){_GAP}?44\)|(?:\+|00){_GAP}?44){_SEP}(?:\(0\){_SEP})?\(?|\(?0(?:{_GAP}(?=7))?)(?P<national>[1-9](?:\)?{_SEP_OR_SLASH}\d){{8,9}})"
    rf"(?![\w£$€%]|[.,:]\d|[-\u2010-\u2013]\w|/\d{{1,2}}/)")
_ABROAD = re.compile(rf"(?<![\w£$€#.,/@:=+-])\+[1-9]\d{{0,2}}{_SEP}(?:\(\d{{1,4}}\){_SEP})?\d{{1,4}}(?:{_SEP}\d{{2,8}}){{1,4}}(?![\w%]|[.,]\d)")
_NUMBER_WORDS = re.compile(
    r"(?:isbn|issn|order|invoice|parcel|consignment|utr|vat|ref|reference|account|a/c|acct|sort code|case|claim|docket|ticket|serial|barcode|policy|item|sku|part|build|version|id|po|job|batch|asset|tracking|"
    r"company|charity|registered|registration|contract|tender|grant|project|row|record|article|doi|timestamp)"
    rf"{_GAP}*(?:no|number|num|nr|code)?\.?{_GAP}*(?:is|was|of)?{_GAP}*[:#-]?{_GAP}*$", re.IGNORECASE)

_AREAS = ("AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY "
          "HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR "
          "RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE")
# Only in London does a letter follow the district's number.
_LONDON = "E1W|N1[CP]|NW1W|SE1P|SW1[A-HJ-NP-Y]|W1[A-HJKS-UW]|EC[1-4][AMNPRVY]|WC[12][ABEHNRVX]"
_POSTCODE = re.compile(
    rf"(?<![\w@/#.-])(?P<out>(?:{'|'.join(sorted(_AREAS.split(), key=len, reverse=True))})\d{{1,2}}|{_LONDON}|GIR)(?P<gap>{_GAP}{{0,2}})"
    r"(?P<in>\d[ABD-HJLNP-UW-Z]{2})(?![\w@/#-]|\.\d)", re.IGNORECASE)
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$")
_DEVICE = re.compile(r"\d(?:GB|TB)$", re.IGNORECASE)
_CODE_WORDS = re.compile(rf"(?:version|release|firmware|build|model|part|serial|sku|ref|reference|section|clause|annex|form|rev|revision|"
                         rf"galaxy|kernel|flight|bus|route|platform|bay|item|product|code)s?{_GAP}*(?:no|number)?\.?{_GAP}*[:#-]?{_GAP}*$", re.IGNORECASE)

_NINO = re.compile(
    rf"(?<![\w@/-])(?!BG|GB|NK|KN|TN|NT|ZZ)(?:QQ|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]){_SEP}(?:\d{{2}}{_SEP}\d{{2}}{_SEP}\d{{2}}|\d{{3}}{_SEP}\d{{3}}|(?:\d{_GAP}){{5}}\d){_SEP}[A-D](?![\w@/-])", re.IGNORECASE)
_NINO_WORDS = re.compile(rf"(?:national insurance|\bNINO|\bNI)(?:{_GAP}(?:no|number|num))?\.?{_GAP}*(?:is|:|#|was)?{_GAP}*$", re.IGNORECASE)
_NINO_SHORT = re.compile(rf"(?<![\w@/-])(?:QQ|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]){_SEP}\d{{2}}{_SEP}\d{{2}}{_SEP}\d{{2}}(?![\w@/-])", re.IGNORECASE)
_NHS = re.compile(rf"(?<![\w£$€#.,/@:=+-])\d{{3}}(?P<gap>{_GAP}?[.\-\u2010-\u2013]?{_GAP}?)\d{{3}}(?P=gap)\d{{4}}(?![\w£$€%]|[.,:]\d|-\w)")
_NHS_CALLED_SO = re.compile(rf"(?<![\w£$€#.,/@:=+-])(?P<gap>)\d(?:{_GAP}?\d){{9}}(?![\w£$€%]|[.,:]\d|-\w)")
_GOODS_WORDS = re.compile(rf"\b(?:isbn|order|invoice|parcel|consignment|tracking|ticket|case|ref|reference|utr|vat)"
                          rf"{_GAP}*(?:no|number|num|nr)?\.?{_GAP}*(?:is|was)?{_GAP}*[:#-]?{_GAP}*$", re.IGNORECASE)
_NHS_WORDS = re.compile(r"\b(?:NHS|CHI|health and care|H&C)\b[^\n]{0,30}$", re.IGNORECASE)

PLACEHOLDERS = {
    "email": "[email removed]", "national_insurance": "[National Insurance number removed]", "nhs_number": "[NHS number removed]",
    "phone": "[phone number removed]", "postcode": "[postcode removed]", "handle": "[handle removed]",
}


def redact(texts: Iterable[str]) -> tuple[list[str], dict[str, int]]:
    """Texts with personal details replaced by what was removed, and how many there were of each kind.

    Takes out e-mail addresses, telephone numbers (British, and others that begin with +),
    British postcodes, National Insurance numbers, NHS numbers (by their check digit,
    modulus 11) and @handles. What only a reader would recognise ("the only GP in
    Stromness") stays.
    """
    counts = dict.fromkeys(PLACEHOLDERS, 0)
    return [_redact_one(text, counts) for text in texts], counts


def _redact_one(text: str, counts: dict[str, int]) -> str:
    low = text.lower()
    for may_hold, rules in _RULES:
        for kind, pattern, is_one in rules if may_hold(low) else ():
            def replaced(match: re.Match, kind=kind, is_one=is_one) -> str:
                if not is_one(match):
                    return match[0]
                counts[kind] += 1
                return _edges(match[0], PLACEHOLDERS[kind])
            text = pattern.sub(replaced, text)
    return text


def _edges(found: str, placeholder: str) -> str:
    """Keep the bracket that opened around a number and not within it."""
    return "(" + placeholder if found.startswith("(") and ")" not in found else placeholder


def _before(match: re.Match, length: int = 40) -> str:
    return match.string[max(0, match.start() - length):match.start()]


def _always(match: re.Match) -> bool:
    return True


def _is_spelt_email(match: re.Match) -> bool:
    return match["name"].lower() not in _NO_NAMES and match["host"].lower() not in _NO_HOSTS


def _is_profile(match: re.Match) -> bool:
    return match[0].lower().lstrip("@") not in _NOT_PROFILES


def _is_phone(match: re.Match) -> bool:
    """Told by length, first digits and grouping; a date with dots or hyphens begins with two digits."""
    national = re.sub(r"\D", "", match["national"])
    groups = [len(group) for group in re.findall(r"\d+", match["lead"][-1:] + match["national"])]
    if national[0] in "46" or (len(national) == 9 and not national.startswith(("1", "800"))):
        return False
    if match["lead"].endswith("0") and len(groups) > 1 and groups[0] < 3 and groups != [2, 3, 3, 3]:
        return False
    return min(groups[1:], default=2) >= 2 and not _NUMBER_WORDS.search(_before(match))


def _is_abroad(match: re.Match) -> bool:
    return 9 <= len(re.sub(r"\D", "", match[0])) <= 15 and not _NUMBER_WORDS.search(_before(match))


def _is_postcode(match: re.Match) -> bool:
    out, gap, inward = match["out"], match["gap"], match["in"]
    if _ORDINAL.fullmatch(inward) or (_ORDINAL.fullmatch(inward.lower()) and out.islower()):
        return False
    letters = [c for c in match[0] if c.isalpha()]
    if not gap and any(c.islower() for c in letters) and (any(c.isupper() for c in letters) or re.fullmatch(r"[0-9a-f]+", match[0])):
        return False
    if _DEVICE.fullmatch(inward) and re.match(rf"{_GAP}?(?:of|RAM|memory|storage|disk|SSD|phone|model|tablet|laptop|version|instances?|servers?|machines?)\b", match.string[match.end():], re.IGNORECASE):
        return False
    return not _CODE_WORDS.search(_before(match))


def _is_nhs_number(match: re.Match) -> bool:
    digits = [int(c) for c in match[0] if c.isdigit()]
    check = (11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11) % 11
    if check == 10 or check != digits[9] or len(set(digits)) == 1:
        return False
    if _GOODS_WORDS.search(_before(match)) and not _NHS_WORDS.search(_before(match)):
        return False
    # Without gaps, one number of ten digits in eleven passes by chance: only those issued count, or those called so.
    return bool(match["gap"]) or digits[0] in (4, 6, 7) or bool(_NHS_WORDS.search(_before(match)))


def _is_called_nhs_number(match: re.Match) -> bool:
    return bool(_NHS_WORDS.search(_before(match))) and _is_nhs_number(match)


def _is_handle(match: re.Match) -> bool:
    name, after = match[0][1:], match.string[match.end():match.end() + 12]
    if after.startswith("(") or re.match(r"/[A-Za-z]", after) or name.lower() in _NOT_PEOPLE:
        return False
    if re.match(r"\d", name) and len(re.findall(r"[A-Za-z_]", name)) < 3:
        return False
    return not ("." in name and re.match(r"\s+(?:e-?mail|address|account|domain|mailbox)", match.string[match.end():match.end() + 16]))


def _follows_words(words: re.Pattern) -> Callable[[re.Match], bool]:
    return lambda match: bool(words.search(_before(match)))


_SIX_DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d){5}")
_AT = re.compile(r"[\[({<][^\S\n]?at[^\S\n]?[\])}>]")
_UNIT = re.compile(r"\d[a-z]{2}(?![a-z0-9])")
_Rule = tuple[str, re.Pattern, Callable[[re.Match], bool]]
# Each group with a cheap sign without which it cannot apply, since most texts have none. In this order: an
# address holds a handle, and a number with a check digit is surer than one by its length.
_RULES: list[tuple[Callable[[str], bool], list[_Rule]]] = [
    (lambda low: "@" in low or "\uff20" in low or bool(_AT.search(low)), [("email", _EMAIL, _always)]),
    (lambda low: "dot" in low, [("email", _SPELT_EMAIL, _is_spelt_email)]),
    (lambda low: bool(_SIX_DIGITS.search(low)), [
        ("national_insurance", _NINO, _always), ("national_insurance", _NINO_SHORT, _follows_words(_NINO_WORDS)),
        ("nhs_number", _NHS, _is_nhs_number), ("nhs_number", _NHS_CALLED_SO, _is_called_nhs_number), ("phone", _UK_PHONE, _is_phone), ("phone", _ABROAD, _is_abroad)]),
    (lambda low: bool(_UNIT.search(low)), [("postcode", _POSTCODE, _is_postcode)]),
    (lambda low: ".com/" in low or ".net/" in low or ".app/" in low, [("handle", _PROFILE, _is_profile)]),
    (lambda low: ".bsky." in low, [("handle", _BARE_HANDLE, _always)]),
    (lambda low: "@" in low, [("handle", _HANDLE, _is_handle)]),
]
