"""RSS and Atom files: one contribution per entry, with what the entry says of itself."""

from __future__ import annotations

import pytest

from analysis.contributions import read
from analysis.errors import InputError
from analysis.sources import feeds

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://backend.userland.com/creativeCommonsRssModule">
<channel><title>Notes</title><language>en-gb</language><cc:license>https://creativecommons.org/licenses/by/4.0/</cc:license>
<item><guid isPermaLink="false">n-1</guid><title>On drains &amp; pipes</title><link>https://ada.example/drains</link><dc:creator>Ada Quill</dc:creator>
<pubDate>Tue, 08 Oct 2024 09:00:00 +0100</pubDate><description>The short of it</description>
<content:encoded><![CDATA[<p>Nobody thanks   a drain.</p><script>alert(1)</script><p>Fund it <b>anyway</b>.</p>]]></content:encoded></item>
<item><title>Second</title><link>javascript:alert(1)</link><description>Only a &lt;em&gt;summary&lt;/em&gt; of it</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="cy"><title>Nodiadau</title><author><name>Bea</name></author>
<link rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/"/>
<entry><id>tag:bea.example,2024:1</id><title type="html">Y &lt;i&gt;drws&lt;/i&gt;</title><link href="https://bea.example/drws"/><updated>2024-10-09T10:00:00Z</updated>
<content type="html">&lt;p&gt;Mae'r drws ar gau.&lt;/p&gt;</content></entry></feed>"""


def test_rss(tmp_path):
    (tmp_path / "a.rss").write_text(RSS)
    kept = read(tmp_path).kept.set_index("title")
    first = kept.loc["On drains & pipes"]
    assert first["text"] == "Nobody thanks a drain.\n\nFund it anyway." and first["contribution_id"] == "n-1"
    assert (first["url"], first["lang"], first["licence"]) == ("https://ada.example/drains", "en", "https://creativecommons.org/licenses/by/4.0/")
    assert f"{first['created_at']:%Y-%m-%d %H:%M}" == "2024-10-08 08:00" and first["contributor"].startswith("P-")
    assert kept.loc["Second", "text"] == "Only a summary of it" and kept["url"].isna()["Second"] and set(kept["source"]) == {"feed"}


def test_atom(tmp_path):
    (tmp_path / "a.xml").write_text(ATOM)
    row = read(tmp_path).kept.iloc[0]
    assert (row["title"], row["text"], row["lang"], row["licence"]) == (
        "Y drws", "Mae'r drws ar gau.", "cy", "https://creativecommons.org/publicdomain/zero/1.0/")
    assert f"{row['created_at']:%Y-%m-%d}" == "2024-10-09" and row["contributor"].startswith("P-")


@pytest.mark.parametrize(("content", "said"), [
    ('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + ATOM, "defines entities of its own"),
    ('<!DOCTYPE x [<!entity f SYSTEM "file:///etc/passwd">]>' + ATOM, "defines entities of its own"),
    (RSS[:-40], "breaks off before the feed's end"), ("<html><body>x</body></html>", "no RSS or Atom feed"), ("just words", "no RSS or Atom feed"),
    ("https://example.com/feed", "no RSS or Atom feed"), ("/etc/passwd", "no RSS or Atom feed"), ('<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "a feed without entries"),
])
def test_what_is_no_feed_or_would_do_harm_is_refused(tmp_path, content, said):
    (tmp_path / "a.xml").write_text(content)
    with pytest.raises(InputError, match=said):
        read(tmp_path)


def test_a_feed_with_a_small_fault_is_read_all_the_same(tmp_path):
    (tmp_path / "a.rss").write_text(RSS.replace("&amp;", "&"))
    assert len(read(tmp_path).kept) == 2


def test_markup_becomes_paragraphs():
    assert feeds.in_words("<h2>One</h2>two<br>three <a href='x'>four</a><ul><li>five<li>six</ul><style>p{}</style>&amp; &lt;b&gt;") == (
        "One\n\ntwo\n\nthree four\n\nfive\n\nsix\n\n& <b>")
