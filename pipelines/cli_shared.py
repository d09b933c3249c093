"""What the commands share: options, exit codes, and how a home is looked after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.config import Settings, SettingsError, load_settings
from pipelines.machine import remedy
from pipelines.reporting import Console, print_failures

if TYPE_CHECKING:
    from pipelines.load import Progress

DONE, REFUSED, WRONG_USAGE, SOURCE_FAILED = 0, 1, 2, 3

Home = Annotated[
    Path | None, typer.Option(help="Where a run keeps all it owns [BURSAR_HOME, data/].")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]


@contextmanager
def exit_codes(console: Console) -> Iterator[None]:
    """Turn what went wrong into one sentence and an exit code."""
    from pipelines.build import BuildRefused

    try:
        yield
    except SettingsError as error:
        console.error(str(error))
        raise typer.Exit(WRONG_USAGE) from None
    except BuildRefused as refused:
        print_failures(console, refused.failures)
        raise typer.Exit(REFUSED) from None
    except Exception as failure:
        what = remedy(str(failure))
        if what is None:
            raise
        console.error(f"{' '.join(str(failure).split())}: {what}")
        raise typer.Exit(WRONG_USAGE) from None


def look_after(
    home: Path | None, as_json: bool, action: Callable[[Settings, Progress], dict[str, Any]]
) -> None:
    """Do something with a home while no run is at work in it, and show what was done."""
    from pipelines.run import only_run

    console = Console(as_json=as_json)
    with exit_codes(console):
        settings = load_settings(home)
        with console.progress() as progress, only_run(settings):
            done = action(settings, progress)
        console.show(done)
