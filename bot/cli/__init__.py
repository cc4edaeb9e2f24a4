"""The command line. Results go to stdout, logs and questions to stderr.

Exit codes: 0 done, 1 failed (one line says what and what to do), 2 wrong usage or settings, 130 interrupted. Every
command imports what it needs when it runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from bot import __version__
from bot.cli import channels, manifest, migrating, operate, papers, words
from bot.cli.common import Options
from bot.cli.logs import start_logging
from bot.errors import BroadsheetError, QueryError, SettingsError
from bot.output import forgive, say

app = typer.Typer(
    name="broadsheet",
    help="Trending research papers, matched to what your channel follows, in one daily digest.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (papers, channels, operate, manifest, words, migrating):
    part.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"broadsheet {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    config: Annotated[Path | None, typer.Option(help="Settings file; ./broadsheet.toml if there is one.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder; the platform's user data folder.")] = None,
    log_format: Annotated[str, typer.Option(help="text or json, on stderr.")] = "text",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more, and show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Set what holds for every command."""
    del version
    if log_format not in {"text", "json"}:
        raise typer.BadParameter("use text or json", param_hint="--log-format")
    ctx.obj = Options(config=config, data=data, verbose=verbose)
    start_logging(log_format, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and turn its end into an exit code and, if it failed, one line."""
    forgive()
    try:
        code = app(arguments, prog_name="broadsheet", standalone_mode=False)
        if sys.stdout:  # there is none where it was closed
            sys.stdout.flush()
    except BrokenPipeError:
        from bot.output import mute

        mute()
        code = 0
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except TyperException as error:
        code = error.exit_code
        typer.echo(_wrong(error), err=True)
    except BroadsheetError as error:
        code = 2 if isinstance(error, (SettingsError, QueryError)) else 1
        _tell(str(error), error)
    except OSError as error:
        code = 1
        _tell(f"The system refused: {error.strerror or error}. Run it again with -v to see where.", error)
    except Exception as error:  # noqa: BLE001  (the outermost loop of a command: a person gets a sentence)
        code = 1
        _tell(
            f"Something went wrong on my side ({type(error).__name__}). Run it again with -v to see where.",
            error,
        )
    raise SystemExit(code if isinstance(code, int) else 0)


def _wrong(error: TyperException) -> str:
    """What is wrong with the words of a command, and where to read how it goes; without any word all that there is."""
    ctx = getattr(error, "ctx", None)
    said = error.format_message()
    if ctx and said == ctx.get_help():
        return said
    where = ctx.command_path if ctx else "broadsheet"
    return f"{said}{'' if said.endswith('.') else '.'} See {where} --help."


def _tell(sentence: str, error: Exception) -> None:
    """One line for a person; the traceback too with ``-v``."""
    typer.echo(sentence, err=True)
    logging.getLogger("bot").debug("Where it came from:", exc_info=error)
