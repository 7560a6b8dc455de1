"""The `partnerflow` command. Each command is a file of its own beside this one."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module

import typer

from cli.sentences import CannotGoOn, end_with

app = typer.Typer(
    name="partnerflow",
    help="Keeps the promises of a partner program that have a date on them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS = ("up", "demo", "worker", "portal", "setup", "doctor", "health", "queues", "erase", "rehearse", "whatif")
# Groups of commands, and the modules that have them.
GROUPS = {"keys": "keys", "partners": "partners", "import": "importing", "report": "report"}

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


@app.callback()
def _commands() -> None:
    """With one command alone, Typer would leave its name out."""


def add(names: Iterable[str]) -> None:
    """Give the command line these commands."""
    for name in names:
        module = import_module(f"cli.{GROUPS.get(name, name)}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))


def main() -> None:
    """Run the command line and end the process with its exit code.

    It ends at once: threads of the SDK's core that still run while the interpreter tidies up abort it now and then.
    """
    code = 0
    try:
        run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    logging.shutdown()
    os._exit(code)


def run() -> None:
    """Run the command line; what people can mend themselves ends with a sentence and exit code 2."""
    known = (*COMMANDS, *GROUPS)
    # The libraries of all commands together take seconds to import: only those of the one that is called.
    called = [name for name in known if name in sys.argv[1:2]]
    try:
        add(called or known)
        app()
    except (CannotGoOn, ConnectionError) as problem:
        end_with(str(problem))
    except BrokenPipeError:
        # The reader of our output, such as head, has seen enough.
        os.kill(os.getpid(), signal.SIGPIPE)
    except Exception as problem:
        # Loaded here and not above: Ctrl-C while libraries are loaded is to find `main` at work.
        sentence = import_module("cli.trouble").sentence_for(problem)
        if not sentence:
            raise
        end_with(sentence)


if __name__ == "__main__":
    main()
