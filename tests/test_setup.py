"""What a newcomer's first commands depend on."""

from __future__ import annotations

import re
import tomllib

import yaml


def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_dependencies_are_stated_in_one_place(root):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert f"python{project(root)['requires-python']}" in conda
    assert {re.split(r"[<>=]", entry)[0] for entry in conda} == {"python", "pip"}
    assert pip == ["--editable .[test]"]
    assert not list(root.glob("requirements*.txt"))


def test_torch_is_pinned_so_that_no_other_build_is_fetched(root):
    assert "torch==2.13.0" in project(root)["dependencies"]


def test_names_of_distribution_package_and_command(root):
    assert project(root)["name"] == "reckons"
    assert project(root)["scripts"] == {"reckons": "analysis.cli:main"}
    import analysis

    assert analysis.__version__ == project(root)["version"]


def test_the_readme_opens_with_the_two_commands(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    first = readme.index("make report")
    assert first < readme.index("make test") < readme.index("conda env create -f environment.yml") < readme.index("py -m venv")
    assert first < 1500


def test_continuous_integration_runs_the_readmes_test_command(root):
    assert "make test" in (root / ".ci" / "run").read_text(encoding="utf-8")


def test_the_changelog_names_this_version(root):
    assert f"## {project(root)['version']}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
