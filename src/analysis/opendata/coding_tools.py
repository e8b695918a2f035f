"""A project for qualitative coding tools: REFI-QDA project exchange 1.5 (qdasoftware.org), in the order and with the attributes of its schema."""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

NAMESPACE = "urn:QDA-XML:project:1.0"
_OURS = uuid.uuid5(uuid.NAMESPACE_DNS, "reckons.project")
# One moment for all entries, so that equal data give equal bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def write_project(tables: dict[str, pd.DataFrame], path: Path, *, made: str, title: str) -> None:
    """Contributions as sources, codes as a code book, and every assigned code on the characters of its passage.

    ``tables`` are those of ``publishable``; ``made`` is a date and time. Positions count characters (code points), the end not included.
    """
    user = _guid("user", "reckons")
    project = ElementTree.Element("Project", {"xmlns": NAMESPACE, "name": title, "origin": "reckons", "creatingUserGUID": user, "creationDateTime": made})
    ElementTree.SubElement(ElementTree.SubElement(project, "Users"), "User", {"guid": user, "name": "reckons (automatic coding)"})
    _code_book(project, tables["codes"])
    texts: dict[str, str] = {}
    # Where there is nothing to publish the schema wants no element rather than an empty one.
    sources = ElementTree.SubElement(project, "Sources") if len(tables["contributions"]) else None
    codings = tables["coding"].merge(tables["passages"], on="passage_id")
    by_contribution = dict(list(codings.groupby("contribution_id")))
    for row in tables["contributions"].itertuples(index=False):
        guid = _guid("source", row.contribution_id)
        texts[f"sources/{guid}.txt"] = row.text
        source = ElementTree.SubElement(sources, "TextSource", {"guid": guid, "name": row.contribution_id, "plainTextPath": f"internal://{guid}.txt",
                                                               "creatingUser": user, "creationDateTime": made})
        _selections(source, by_contribution.get(row.contribution_id), user=user, made=made)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        content = b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(project, encoding="utf-8")
        for name, data in {"project.qde": content, **{name: text.encode("utf-8", "replace") for name, text in texts.items()}}.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED)


def _code_book(project: ElementTree.Element, codes: pd.DataFrame) -> None:
    book = ElementTree.SubElement(ElementTree.SubElement(project, "CodeBook"), "Codes")
    for dimension, rows in codes.groupby("dimension", sort=False):
        group = ElementTree.SubElement(book, "Code", {"guid": _guid("dimension", str(dimension)), "name": str(dimension), "isCodable": "false"})
        for row in rows.itertuples(index=False):
            code = ElementTree.SubElement(group, "Code", {"guid": _guid("code", row.code), "name": row.label, "isCodable": "true"})
            if isinstance(row.definition, str):
                ElementTree.SubElement(code, "Description").text = row.definition


def _selections(source: ElementTree.Element, codings: pd.DataFrame | None, *, user: str, made: str) -> None:
    if codings is None:
        return
    for passage, rows in codings.groupby("passage_id", sort=True):
        first = rows.iloc[0]
        selection = ElementTree.SubElement(source, "PlainTextSelection", {
            "guid": _guid("passage", str(passage)), "name": str(passage), "startPosition": str(first["start"]), "endPosition": str(first["end"]),
            "creatingUser": user, "creationDateTime": made})
        for code in rows["code"]:
            coding = ElementTree.SubElement(selection, "Coding", {"guid": _guid("coding", f"{passage} {code}"), "creatingUser": user, "creationDateTime": made})
            ElementTree.SubElement(coding, "CodeRef", {"targetGUID": _guid("code", code)})


def _guid(kind: str, name: str) -> str:
    return str(uuid.uuid5(_OURS, f"{kind} {name}"))
