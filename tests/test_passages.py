import pandas as pd
import pytest

from analysis.passages import MAX_CHARACTERS, split


def contributions(*texts):
    return pd.DataFrame({"contribution_id": [f"c{n}" for n in range(len(texts))], "text": list(texts)})


def test_a_short_contribution_is_one_passage_without_the_blanks_around_it():
    passages = split(contributions("  Fund teams.\n\nNot projects. \n"))
    assert passages["passage_id"].tolist() == ["c0#1"]
    assert passages["text"].tolist() == ["Fund teams.\n\nNot projects."]
    assert passages[["start", "end"]].values.tolist() == [[2, 28]]


def test_a_long_one_is_cut_between_paragraphs():
    first, second = "One two three. " * 25, "Four five six. " * 25  # 75 words each
    passages = split(contributions(f"{first.strip()}\n\n{second.strip()}"))
    assert passages["text"].tolist() == [first.strip(), second.strip()]


def test_a_long_paragraph_is_cut_at_the_end_of_a_sentence():
    passages = split(contributions(" ".join(f"Sentence {n} has five words." for n in range(60))))
    assert all(text.endswith("words.") for text in passages["text"])
    assert all(len(text.split()) <= 120 for text in passages["text"])


@pytest.mark.parametrize("text", [
    "😀 hello there. " * 150, "x" * 9_000, "مرحبا بكم في الخدمة. " * 120, "a\n\nb\n\n" * 200, "word " * 500,
])
def test_offsets_lead_back_to_the_very_characters_and_no_word_is_lost(text):
    passages = split(contributions(text))
    assert all(text[row.start:row.end] == row.text for row in passages.itertuples())
    assert "".join("".join(passages["text"]).split()) == "".join(text.split())
    assert passages["text"].str.len().max() <= MAX_CHARACTERS


def test_the_encoders_limit_of_tokens_is_kept():
    text = "antidisestablishmentarianism " * 100  # 100 words, but 700 tokens by this count
    passages = split(contributions(text), count_tokens=lambda t: 7 * len(t.split()))
    assert all(7 * len(t.split()) <= 254 for t in passages["text"])
    assert len(passages) == 3


def test_each_passage_has_its_own_language_and_says_whether_the_encoder_reads_it():
    english, welsh = "The office on the high street closed and nobody told us. " * 7, "Mae'r swyddfa ar y stryd fawr wedi cau a neb wedi dweud wrthym. " * 7
    table = pd.DataFrame({"contribution_id": ["a", "b"], "text": [f"{english}\n\n{welsh}", "ok"], "lang": ["en", "cy"]})
    passages = split(table, max_words=100)
    assert passages[["lang", "less_reliable"]].values.tolist() == [["en", False], ["cy", True], ["cy", True]]
    assert not split(table, max_words=100, reads=None)["less_reliable"].any()


def test_blank_and_no_contributions_give_no_passages():
    assert split(contributions("  \n ")).empty
    assert list(split(contributions()).columns) == ["passage_id", "contribution_id", "start", "end", "text", "contributor", "lang", "less_reliable"]
