"""What every reader must be told about the data: a file NOTICE, NOTICE.txt or NOTICE.md beside them."""

from __future__ import annotations

from pathlib import Path

from analysis.sources.cleaning import clean
from analysis.sources.source_file import UnreadableFile
from analysis.sources.text_files import read_text

LONGEST = 600  # characters: it stands above everything else on the page


def read(path: Path) -> str:
    """The notice as one paragraph; raises ``UnreadableFile`` where it is too long to be read by everybody, or says nothing."""
    said = " ".join(clean(read_text(path)[0])[0].split())
    if not said:
        raise UnreadableFile("The notice is empty. Write what every reader must know about these data, or take the file away.")
    if len(said) > LONGEST:
        raise UnreadableFile(f"The notice has {len(said):,} characters; at most {LONGEST} are shown above every page. Say the rest in a README.")
    return said
