"""Pseudonyms, and personal details that must go while everything else stays."""

from __future__ import annotations

import os
import stat

import pandas as pd
import pytest
from private_details import NOTHING, PLANTED

from analysis import privacy
from analysis.errors import ReckonsError

KEY = b"0" * 32


def test_one_person_has_one_pseudonym_and_it_takes_the_key_to_know_it():
    authors = pd.Series(["Ada", "Ada ", "Bea", None], dtype="str")
    names = privacy.pseudonyms(authors, KEY)
    assert names[0] == names[1] != names[2]
    assert names.isna().tolist() == [False, False, False, True]
    assert names[0].startswith("P-") and len(names[0]) == 12
    # HMAC-SHA256 of "Ada" under 32 zeros (the digit), worked out with openssl.
    assert names[0] == EXPECTED_ADA
    assert privacy.pseudonyms(authors, b"1" * 32)[0] != names[0]


# printf Ada | openssl dgst -sha256 -hmac 00000000000000000000000000000000 -binary | base32 | cut -c1-10
EXPECTED_ADA = "P-MO4JYDPCSP"


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "key"
    monkeypatch.setenv(privacy.KEY_FILE_VARIABLE, str(path))
    key = privacy.pseudonym_key()
    assert len(key) == 32 and privacy.pseudonym_key() == key
    assert [file.name for file in path.parent.iterdir()] == ["key"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "not hexadecimal", "abcd"])
def test_a_damaged_key_is_named_and_not_replaced(tmp_path, monkeypatch, content):
    path = tmp_path / "key"
    path.write_text(content)
    monkeypatch.setenv(privacy.KEY_FILE_VARIABLE, str(path))
    with pytest.raises(ReckonsError, match="holds no key for pseudonyms"):
        privacy.pseudonym_key()
    assert path.read_text() == content


def test_a_key_file_that_cannot_be_made_names_the_variable(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv(privacy.KEY_FILE_VARIABLE, str(tmp_path / "file" / "key"))
    with pytest.raises(ReckonsError, match="RECKONS_KEY_FILE"):
        privacy.pseudonym_key()


def test_recall_and_precision_on_planted_details():
    found, wrongly = 0, 0
    missed, false = [], []
    for kind, text, detail in PLANTED:
        (redacted,), counts = privacy.redact([text])
        if redacted == text.replace(detail, privacy.PLACEHOLDERS[kind]) and counts[kind] == text.count(detail):
            found += 1
        else:
            missed.append((kind, text, redacted))
        wrongly += max(0, sum(counts.values()) - text.count(detail))
    for text in NOTHING:
        (redacted,), counts = privacy.redact([text])
        wrongly += sum(counts.values())
        if redacted != text:
            false.append((text, redacted))
    assert len(PLANTED) + len(NOTHING) >= 200
    print(f"recall {found}/{len(PLANTED)}, precision {found}/{found + wrongly}", missed, false)
    assert found / len(PLANTED) >= 0.95, missed
    assert found / (found + wrongly) >= 0.95, false


def test_every_kind_alone_is_found_nearly_always():
    for kind in privacy.PLACEHOLDERS:
        cases = [(text, detail) for name, text, detail in PLANTED if name == kind]
        found = [detail not in privacy.redact([text])[0][0] for text, detail in cases]
        assert len(cases) >= 10 and sum(found) / len(cases) >= 0.9, (kind, [case for case, ok in zip(cases, found, strict=True) if not ok])


def test_redacting_twice_changes_nothing_more():
    once, _ = privacy.redact([text for _, text, _ in PLANTED])
    twice, counts = privacy.redact(once)
    assert twice == once
    assert sum(counts.values()) == 0


def test_details_side_by_side_are_each_taken_out():
    text = "Write to a.b@x.example, 01632 960118, EX99 2ZW or @ada. 0113 496 0139 24 hours"
    (redacted,), counts = privacy.redact([text])
    assert redacted == ("Write to [email removed], [phone number removed], [postcode removed] or [handle removed]. "
                        "[phone number removed] 24 hours")
    assert counts == {"email": 1, "national_insurance": 0, "nhs_number": 0, "phone": 2, "postcode": 1, "handle": 1}


def test_hostile_lengths_take_no_time():
    for text in ("a" * 100_000 + "@", "0" * 100_000, "a." * 50_000, "1 " * 50_000, "@" * 100_000, "a@" * 50_000, "(at)" * 25_000, "+44 " * 25_000):
        privacy.redact([text])


def test_a_number_whose_check_digit_is_wrong_is_no_nhs_number():
    texts = ["943 476 5918 is out by one", "NHS number 4010232138", "NHS number 4010232137"]
    assert privacy.redact(texts)[0] == [*texts[:2], "NHS number [NHS number removed]"]


@pytest.mark.parametrize("link", ["https://bsky.app/profile/{}", "bsky.app/profile/{} said", "https://twitter.com/{}", "https://x.com/{}/status/17",
                                  "https://www.linkedin.com/in/{}/", "https://www.instagram.com/{}", "https://mastodon.example/@{}"])
def test_a_link_to_somebodys_own_page_keeps_the_site_and_loses_the_name(link):
    (redacted,), counts = privacy.redact([f"see {link.format('jane.doe')} for more"])
    assert "jane" not in redacted and "[handle removed]" in redacted and counts["handle"] == 1
    assert redacted.startswith("see " + link.format("|").split("|")[0].removesuffix("@"))
