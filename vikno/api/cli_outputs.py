"""Where the results of an experiment go: files of several kinds, or the screen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vikno.api.files import OutputError, Places, check_places, json_text, put, write_whole

if TYPE_CHECKING:
    from vikno.simulation.experiment import Experiment

DEFAULT_LANGUAGE = "en"


class Outputs:
    """What was asked for; every place is looked at before any day is simulated."""

    def __init__(
        self,
        json: str | None,
        report: Path | None,
        language: str | None,
        tables: tuple[Path | None, Path | None],
        inputs: Places,
    ) -> None:
        from vikno.simulation.tables import ending_of  # noqa: PLC0415  (quick --help)

        self._json, self._report = json, report
        self._language = _language(language, report)
        self._tables = dict(zip(("--table", "--window-table"), tables, strict=True))
        for option, path in self._tables.items():
            if path is not None:
                ending_of(option, path)
        check_places({"--json": json, "--report": report, **self._tables}, inputs)

    def write(self, experiment: Experiment, warning: str | None, command: str) -> None:
        """Everything that was asked for; tables on the screen if no figures were.

        `command` repeats the experiment, `warning` is a sentence that goes with its figures.
        """
        if self._json is not None:
            self._write_json(experiment)
        if self._report is not None:
            self._write_report(experiment, command)
        self._write_tables(experiment)
        if self._json is None and self._report is None:
            from vikno.api.cli_screen import show_results  # noqa: PLC0415

            show_results(experiment, warning)

    def _write_json(self, experiment: Experiment) -> None:
        from vikno.simulation.results import results  # noqa: PLC0415

        put("--json", str(self._json), json_text(results(experiment)))

    def _write_report(self, experiment: Experiment, command: str) -> None:
        from vikno.api.report import render_report  # noqa: PLC0415

        plan = experiment.scenarios[0].plan
        page = render_report(plan, experiment.summaries, experiment.seed, command, self._language)
        assert self._report is not None
        write_whole("--report", self._report, lambda path: path.write_text(page, encoding="utf-8"))

    def _write_tables(self, experiment: Experiment) -> None:
        from vikno.simulation.tables import ending_of, service_days, window_days, write_table  # noqa: PLC0415

        for (option, path), make in zip(self._tables.items(), (service_days, window_days), strict=True):
            if path is not None:
                write = partial(write_table, make(experiment.summaries), ending_of(option, path))
                write_whole(option, path, write)


def _language(language: str | None, report: Path | None) -> str:
    if language is None:
        return DEFAULT_LANGUAGE
    from vikno.display.catalog import languages  # noqa: PLC0415

    if report is None:
        raise OutputError("--language: is that of the report; leave it out, or ask for one with --report")
    if language not in languages():
        raise OutputError(
            f"--language: there is no language {language!r}; choose one of {', '.join(languages())}"
        )
    return language
