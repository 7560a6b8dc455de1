"""What is asked of a database while a block runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event


@contextmanager
def questions(engine: Engine, *, while_writing: bool = False) -> Iterator[list[str]]:
    """The statements that read, while this lasts; or only those for which others who write have to wait."""
    asked: list[str] = []

    def note(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        if statement.lstrip().upper().startswith("SELECT") and not (while_writing and reads_only):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
