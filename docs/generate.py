"""Write the pages and documents that are made from the code, or tell which are stale.

    python -m docs.generate [--check] [PATH …]

Without a path, all of them; with paths, the files below them. `--check` writes nothing: it names the
stale files and ends with 1.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent

# Each file and the function, as module:name, that returns its whole text. Named and not imported, so that one
# page can be written while the code behind another does not import.
GENERATORS: dict[str, str] = {
    "docs/editions.md": "program.editions_page:render",
    "docs/settings.md": "docs.settings_page:render",
    "docs/lifecycles/account.md": "docs.lifecycles:account",
    "docs/lifecycles/adjustment.md": "docs.lifecycles:adjustment",
    "docs/lifecycles/application.md": "docs.lifecycles:application",
    "docs/lifecycles/benefit.md": "docs.lifecycles:benefit",
    "docs/lifecycles/lead.md": "docs.lifecycles:lead",
    "docs/lifecycles/partner.md": "docs.lifecycles:partner",
    "docs/lifecycles/nomination.md": "docs.lifecycles:nomination",
    "docs/lifecycles/season.md": "docs.lifecycles:season",
    "docs/metrics.md": "docs.metrics_page:render",
    "docs/openapi.json": "portal.openapi:render",
}


def text_of(path: str) -> str:
    """The text that the file at `path` must have, ending in one newline."""
    module, _, name = GENERATORS[path].partition(":")
    text: str = getattr(import_module(module), name)()
    return text.rstrip("\n") + "\n"


def is_stale(path: str) -> bool:
    file = TOP / path
    return not file.exists() or file.read_text(encoding="utf-8") != text_of(path)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; returns the exit code."""
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=summary)
    parser.add_argument("--check", action="store_true", help="write nothing; name what is stale")
    parser.add_argument("paths", nargs="*", help="only the files below these paths")
    options = parser.parse_args(arguments)

    chosen = [
        path
        for path in GENERATORS
        if not options.paths or any(Path(path).is_relative_to(Path(below)) for below in options.paths)
    ]
    if not chosen:
        parser.error(f"nothing is generated below {', '.join(options.paths)}")
    stale = [path for path in chosen if is_stale(path)]
    for path in stale:
        if options.check:
            print(f"{path} is stale: run `make docs` and commit it.", file=sys.stderr)
        else:
            (TOP / path).parent.mkdir(parents=True, exist_ok=True)
            (TOP / path).write_text(text_of(path), encoding="utf-8")
            print(f"{path} written.")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
