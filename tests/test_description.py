"""Names and keywords are contributors' own words, say what is typical, and repeat nothing."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.description import UNNAMED, Description, Meaning, describe, joint_name, still_said
from analysis.phrases import read_words

PARKING = ["Residents' parking costs too much.", "Residents parking should be free", "I want residents' parking on our road",
           "The road is full of cars and there is no residents' parking."]
LIBRARY = ["The library opening hours are a joke.", "Longer opening hours at the library, please",
           "Libraries need longer opening hours.", "Our library has lost its opening hours on Saturday"]
TEXTS = PARKING + LIBRARY
LABELS = np.repeat([0, 1], 4)


def described(texts=TEXTS, labels=LABELS, writers=None, **more):
    return describe(read_words(texts, writers or [f"p{i}" for i in range(len(texts))]), labels, **more)


def test_names_are_phrases_people_use():
    parking, library = described()
    assert parking.name == "Residents' parking"
    assert library.name == "Opening hours"


def test_keywords_have_no_stop_words_and_name_singular_and_plural_once():
    parking, library = described()
    assert {"parking", "road"} <= set(parking.keywords)
    assert "library" in library.keywords and "libraries" not in library.keywords
    assert not {"the", "our", "is", "please", "need"} & {word.lower() for word in parking.keywords + library.keywords}


def test_no_two_themes_share_a_name():
    names = [d.name for d in described(TEXTS + PARKING, np.repeat([0, 1, 2], 4))]
    assert len({name.casefold() for name in names}) == 3


def test_a_name_that_is_taken_is_not_given_again():
    assert described(taken=["opening hours"])[1].name != "Opening hours"


def test_a_given_name_stays():
    assert described(given={1: "Library matters"})[1].name == "Library matters"


def test_proper_names_keep_their_capitals_and_first_words_lose_theirs():
    texts = ["Traffic on Mill Road is bad", "Traffic flow on Mill Road", "The traffic on Mill Road", "I hate the traffic here on Mill Road"] + LIBRARY
    mill, _ = described(texts)
    assert "Mill" in mill.name and "traffic" in mill.keywords and "Traffic" not in mill.keywords


@pytest.mark.parametrize("private", ["jo.bloggs@mail.example", "https://example.org/jo-bloggs", "@jobloggs.bsky.social", "<b>markup</b>", "[phone removed]"])
def test_addresses_and_markup_never_become_names(private):
    themes = described([f"{text} {private}" for text in TEXTS])
    for theme in themes:
        said = (theme.name + " " + " ".join(theme.keywords)).lower()
        assert not {"bloggs", "jobloggs", "bsky", "removed", "example", "<b>"} & set(said.replace(",", " ").replace("-", " ").split())


def test_what_only_one_person_writes_is_no_name():
    texts = ["Ask Wilberforce Quill about it", "Wilberforce Quill knows", "Wilberforce Quill again", "Wilberforce Quill and the buses"]
    buses = ["The buses are late", "The buses are dirty", "late buses", "no buses on Sunday"]
    found = describe(read_words(texts + buses * 2, ["one"] * 4 + [f"p{i}" for i in range(8)]), np.zeros(12, dtype=int))
    assert "Quill" not in found[0].name


def test_a_theme_without_words_has_a_name_all_the_same():
    assert [d.name for d in described(["👍", "👎"], np.array([0, 1]))] == [UNNAMED, f"{UNNAMED} (2)"]


def test_a_name_that_nobody_says_any_more_is_known():
    words = read_words(TEXTS, ["p"] * 8)
    assert still_said("Opening hours, library", words, np.arange(4, 8))
    assert not still_said("Opening hours", words, np.arange(0, 4))


def test_words_that_say_nothing_alone_do_not_make_a_name():
    texts = [f"People, {extra}, month: fibre" for extra in ("still", "here", "mostly", "often")] + [f"Bus {x}" for x in ("one", "two", "three")]
    found = describe(read_words(texts, [f"p{i}" for i in range(7)]), np.array([0, 0, 0, 0, 1, 1, 1]))
    assert found[0].name == "Fibre" and found[0].keywords == ("fibre",)


def test_where_there_is_nothing_but_such_words_the_name_says_so():
    found = describe(read_words(["Times", "Turn, laughed.", "People!"], ["a", "b", "c"]), np.array([0, 0, 0]))
    assert found[0].name == UNNAMED


SPOKEN = ["The bus was late and I laughed", "We laughed at the late bus", "She laughed; the bus turns here", "He laughed when the bus turns"]


def test_verbs_do_not_name_a_theme():
    found = describe(read_words(SPOKEN + LIBRARY, [f"p{i}" for i in range(8)]), np.repeat([0, 1], 4))
    assert "laughed" not in found[0].name.casefold() and "bus" in found[0].name.casefold()


def test_a_piece_of_a_phrase_does_not_stand_for_it():
    texts = [f"{verb} high speed internet {end}" for verb, end in [("We need", "here"), ("Bring", "to us"), ("There is no", "at home"), ("I want", "too")]]
    found = describe(read_words(texts + LIBRARY, [f"p{i}" for i in range(8)]), np.repeat([0, 1], 4))
    assert found[0].name == "High speed internet"


def test_of_phrases_that_are_equally_usual_the_one_nearest_to_the_theme_is_taken():
    texts = ["Bus fares are high and so is the cost of road repairs."] * 4 + ["Libraries"] * 4
    words = read_words([text for text in texts], [f"p{i}" for i in range(8)])
    vectors = np.repeat([[1.0, 0.0], [0.0, 1.0]], 4, axis=0).astype(np.float32)

    def near(which: str) -> str:
        meaning = Meaning(lambda forms: np.array([[1.0, 0.0] if which in form.casefold() else [0.0, 1.0] for form in forms]), vectors)
        return describe(words, np.repeat([0, 1], 4), meaning=meaning)[0].name
    assert near("bus") == "Bus fares" and near("road") == "Cost of road repairs"


def test_a_second_phrase_is_said_by_other_people():
    texts = ["rent"] * 3 + ["heating"] * 3 + ["mould"] * 2 + ["parks"] * 8
    found = describe(read_words([f"{text.capitalize()} again. The {text} here." for text in texts], [f"p{i}" for i in range(16)]), np.repeat([0, 1], 8))
    assert found[0].name in ("Rent and heating", "Heating and rent")


def test_a_theme_made_up_of_others_is_called_after_the_largest_of_them():
    parts = [Description("Rent and damp", (), ("rent", "damp")), Description("Bus fares", (), ("bus fares",)), Description("Mixed remarks", (), ())]
    assert joint_name(parts, []) == "Rent and bus fares"
    assert joint_name(parts, ["rent and bus fares"]) is None
    assert joint_name([Description("Rent, damp and mould", (), ("rent", "damp", "mould"))], []) == "Rent and damp"
    assert joint_name(parts[:1], []) is None and joint_name(parts[2:], []) is None


def test_the_order_of_messages_changes_no_name():
    order = np.array([5, 0, 7, 2, 1, 6, 3, 4])
    writers = [f"p{i}" for i in range(8)]
    again = describe(read_words([TEXTS[i] for i in order], [writers[i] for i in order]), LABELS[order])
    assert again == described()
