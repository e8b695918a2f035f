"""JupyterLab on the notebooks, for one launch: it asks nobody outside for news and asks the researcher nothing before they can begin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis.publishing import notebooks_folder
from analysis.runs import STARTED_IN

# JupyterLab asks whether it may fetch news, and looks for newer versions of itself on the web. These are its own settings,
# as defaults: what a person has set in JupyterLab goes before them.
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def launch() -> int:
    """Run JupyterLab until it is closed; returns its exit code. Raises ``InputError`` where there are no notebooks."""
    folder = notebooks_folder()
    with tempfile.TemporaryDirectory(prefix="reckons-lab-") as settings:
        return subprocess.call([sys.executable, "-m", "jupyterlab", str(folder)], env=environment(Path(settings)))


def environment(settings: Path) -> dict[str, str]:
    """This process's environment with settings for JupyterLab in the folder ``settings``, read beside a person's own."""
    (settings / "labconfig").mkdir(parents=True, exist_ok=True)
    (settings / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(QUIET), encoding="utf-8")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {**os.environ, STARTED_IN: os.getcwd(), "JUPYTER_CONFIG_PATH": os.pathsep.join([str(settings), *([others] if others else [])])}
