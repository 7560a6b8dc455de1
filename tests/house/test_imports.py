"""Imports point one way, and only to what pyproject.toml declares."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
# Packages that come with a declared library, which pins them and documents their use.
COMES_WITH = {
    "click": "typer",
    "google": "temporalio",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
}
SHIPPED: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]


def test_imports_point_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_settings_and_worker_are_contracted_as_external_modules() -> None:
    # A root package of that name would silently turn the contracts about it into contracts about nothing.
    assert not {"settings", "worker"} & set(PROJECT["tool"]["importlinter"]["root_packages"])


def files_of(shipped: str) -> list[Path]:
    path = TOP / shipped
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def imported_by(file: Path) -> set[str]:
    """The top-level names that a file imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return {module.partition(".")[0] for module in modules}


def normal(name: str) -> str:
    """A distribution's name in the one spelling of its many (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    return normal(re.split(r"[\[<>=!~; ]", requirement)[0])


@pytest.mark.parametrize("shipped", SHIPPED)
def test_what_ships_imports_only_declared_libraries(shipped: str) -> None:
    """What only the developers' extra brings is missing in production, and no other test would notice."""
    declared = {distribution(requirement) for requirement in PROJECT["project"]["dependencies"]}
    providers = packages_distributions()
    own = {name.removesuffix(".py") for name in SHIPPED}
    undeclared = set()
    for file in files_of(shipped):
        for name in imported_by(file):
            distributions = {normal(provider) for provider in providers.get(name, [])} | {COMES_WITH.get(name)}
            if not (name in own or name in sys.stdlib_module_names or declared & distributions):
                undeclared.add(f"{file.relative_to(TOP)} imports {name}")
    assert not undeclared, f"not among the dependencies in pyproject.toml: {sorted(undeclared)}"
