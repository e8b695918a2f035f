"""Notebooks, found and executed on the files of a run; the stored notebooks stay as they are."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import InputError, ReckonsError

NOT_EXPORTED = ("06",)   # for researchers: choosing what to read next has no place in the pack
EXPLORING = "explore"    # tag of cells that are for JupyterLab alone
CELL_SECONDS = 300       # a cell that takes longer hangs; the longest takes a few seconds on 20,000 contributions


def notebooks_folder() -> Path:
    """The folder of the notebooks: in the repository, or beside the installed package.

    Raises ``InputError`` when there is none.
    """
    package = Path(__file__).resolve().parents[1]
    places = [package.parents[1] / "notebooks", package / "notebooks"]
    for place in places:
        if any(place.glob("[0-9][0-9]-*.ipynb")):
            return place
    raise InputError("notebooks", [f"No notebooks in {' or '.join(map(str, places))}."], not_done="No page was made.")


def exported() -> list[Path]:
    """The notebooks that go into the pack, in order."""
    return [path for path in sorted(notebooks_folder().glob("[0-9][0-9]-*.ipynb")) if not path.name.startswith(NOT_EXPORTED)]


class Kernel:
    """One kernel that executes notebooks one after the other, each with nothing left of the one before.

    What takes time in a short notebook is starting a kernel and loading the libraries. It starts with the first
    notebook, in an empty temporary folder; use :func:`kernel`, which ends it.
    """

    def __init__(self, work: Path):
        self.work, self.client = work, None

    def execute(self, path: Path, *, run_folder: Path):
        """The notebook with its outputs; ``run_folder`` replaces ``RUN`` in the cell tagged ``parameters``.

        Raises ``ReckonsError`` that names the cell when one fails.
        """
        import nbformat
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        notebook = without_exploring(with_parameter(nbformat.read(path, as_version=4), run_folder=run_folder))
        notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
        try:
            self._on(notebook).execute(env=_environment(self.work), cwd=str(self.work))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            reason = getattr(error, "evalue", "") or str(error).strip().splitlines()[-1]
            raise ReckonsError(f"The notebook {path.name} failed: {getattr(error, 'ename', type(error).__name__)}: {reason} "
                               "Run it in JupyterLab to see where. No page was written; an earlier one is as it was.") from error
        except RuntimeError as error:
            raise ReckonsError(f"No notebook could be executed: the kernel does not start ({error}). Expected this Python with ipykernel; "
                               "try: python -m ipykernel --version. No page was written; an earlier one is as it was.") from error
        del notebook.cells[0]
        return notebook

    def _on(self, notebook):
        from nbclient import NotebookClient

        if self.client is None:
            self.client = NotebookClient(notebook, km=_kernel(self.work), timeout=CELL_SECONDS, extra_arguments=["--IPKernelApp.log_level=ERROR"],
                                         resources={"metadata": {"path": str(self.work)}})
        self.client.nb = notebook
        return self.client

    def close(self) -> None:
        """End the kernel at once: nothing in it is to be kept."""
        from jupyter_core.utils import run_sync

        if self.client is not None and self.client.km is not None:
            if self.client.kc is not None:
                self.client.kc.stop_channels()
            run_sync(self.client.km.shutdown_kernel)(now=True)


@contextmanager
def kernel():
    """A :class:`Kernel` for one thread, ended with the block."""
    with tempfile.TemporaryDirectory(prefix="reckons-", ignore_cleanup_errors=True) as work:
        one = Kernel(Path(work))
        try:
            yield one
        finally:
            one.close()


def execute(path: Path, *, run_folder: Path):
    """One notebook with its outputs, from a kernel of its own; see :meth:`Kernel.execute`."""
    with kernel() as one:
        return one.execute(path, run_folder=run_folder)


def with_parameter(notebook, *, run_folder: Path):
    """The notebook with the run's folder in its tagged cell; raises ``ReckonsError`` without such a cell."""
    tagged = [cell for cell in notebook.cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1 or not re.search(r"^RUN = .*$", tagged[0].source, re.MULTILINE):
        raise ReckonsError("A notebook needs one cell tagged \"parameters\" with a line RUN = \"data/processed\". No page was written.")
    line = f"RUN = {str(Path(run_folder).resolve())!r}"
    tagged[0].source = re.sub(r"^RUN = .*$", lambda _: line, tagged[0].source, flags=re.MULTILINE)
    return notebook


def without_exploring(notebook):
    """The notebook without the cells tagged ``explore``: widgets need a kernel, and a page has none."""
    notebook.cells = [cell for cell in notebook.cells if EXPLORING not in cell.get("metadata", {}).get("tags", [])]
    return notebook


def _kernel(work: Path):
    """This Python's own kernel, whatever other kernels a person has registered under the same name.

    Where the system has them, it is spoken to through sockets in ``work`` rather than through ports.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
                              connection_file=str(work / "kernel.json"), transport="tcp" if os.name == "nt" else "ipc")


def _environment(work: Path) -> dict[str, str]:
    """The environment of the kernel: its caches and profiles go to the temporary folder and nowhere else."""
    own = {"IPYTHONDIR": "ipython", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_CONFIG_DIR": "config", "MPLCONFIGDIR": "mpl"}
    return {**os.environ, **{name: str(work / folder) for name, folder in own.items()}, "PYTHONDONTWRITEBYTECODE": "1"}
