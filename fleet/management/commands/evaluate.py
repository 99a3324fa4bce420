"""`manage.py evaluate planner`: how well a planner understands people, on any file of instruction cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Measure a planner on instruction cases; with --json the last line is one JSON object."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", choices=["planner"], help="what to evaluate")
        parser.add_argument("--cases", type=Path, action="append", help="case file or folder (JSON lines); repeatable")
        parser.add_argument(
            "--split", choices=["development", "calibration", "report"], help="one of the project's own sets instead"
        )
        parser.add_argument("--planner", default="compact", help="rules, compact, qwen, endpoint or majority")
        parser.add_argument("--bundle", type=Path, help="another bundle folder of the compact planner")
        parser.add_argument("--cases-out", type=Path, help="write one line per case: text, expected, got, verdict")
        parser.add_argument("--threads", type=int, default=1, help="cores for the network (latency is quoted on one)")
        parser.add_argument(
            "--gpsr", type=Path, metavar="FOLDER", help="sentences of the RoboCup@Home generator (*.txt) instead"
        )
        parser.add_argument(
            "--write-bundle", action="store_true", help="measure on the report split; keep figures and card"
        )
        parser.add_argument("--json", action="store_true", help="print only the JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.training.evaluation import line, report, run

        if options["write_bundle"]:
            self._write_bundle(options)
            return
        cases = self._cases(options)
        planner = self._planner(options["planner"], options["bundle"], options["threads"])
        judged = list(run(planner, cases))
        if options["cases_out"]:
            rows = [json.dumps(line(*row), ensure_ascii=False) for row in judged]
            options["cases_out"].write_text("\n".join(rows) + "\n", encoding="utf-8")
        found = report(planner, judged)
        if not options["json"]:
            self._print(found)
        self.stdout.write(json.dumps(found, ensure_ascii=False))

    def _cases(self, options: dict[str, Any]) -> list[Any]:
        from inference.training.evaluation import CASES, read_file, read_folder
        from inference.training.public_sets import read_gpsr

        if sum(bool(options[name]) for name in ("cases", "split", "gpsr")) != 1:
            raise CommandError("say one of --cases FILE, --split development|calibration|report and --gpsr FOLDER")
        folders = options["cases"] or [options["gpsr"] or CASES / options["split"]]
        try:
            if options["gpsr"]:
                cases, left_out = read_gpsr(options["gpsr"])
                if left_out and not options["json"]:
                    self.stdout.write(f"{left_out} lines are none of the generator's sentences and are left out")
            else:
                cases = [case for path in folders for case in (read_folder if path.is_dir() else read_file)(path)]
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        if not cases:
            raise CommandError(f"there are no cases in {', '.join(str(path) for path in folders)}")
        return cases

    def _write_bundle(self, options: dict[str, Any]) -> None:
        from inference.planner.compact.bundle import BUNDLE
        from inference.planner.errors import PlannerUnavailable
        from inference.training.card import make_card

        if options["planner"] != "compact" or options["split"] != "report":
            raise CommandError("--write-bundle measures the compact planner: it needs --split report")
        folder = options["bundle"] or BUNDLE
        try:
            found = make_card(folder, self._cases(options))["planners"]["compact"]
        except PlannerUnavailable as error:
            raise CommandError(error.reason) from None
        if not options["json"]:
            self._print(found)
            self.stdout.write(f"written: {folder / 'evaluation.json'}, {folder / 'card.md'}")
        self.stdout.write(json.dumps(found, ensure_ascii=False))

    def _planner(self, name: str, bundle: Path | None, threads: int) -> Any:
        from inference.planner import get_planner
        from inference.planner.errors import PlannerUnavailable
        from inference.training.evaluation import MajorityPlanner

        if name == "majority":
            return MajorityPlanner()
        try:
            if name == "compact" and bundle is not None:
                from inference.planner.compact.planner import CompactPlanner

                planner = CompactPlanner(bundle)
            else:
                planner = get_planner(name)
        except (LookupError, PlannerUnavailable) as error:
            raise CommandError(str(error)) from None
        if name != "rules":
            import torch

            torch.set_num_threads(max(1, threads))
        return planner

    def _print(self, found: dict[str, Any]) -> None:
        self.stdout.write(f"{found['planner']} {found['bundle']} on {found['n']} cases")
        for name, group in found["groups"].items():
            shares = ", ".join(f"{k} {v:.0%}" if isinstance(v, float) else f"{k} {v}" for k, v in group.items())
            self.stdout.write(f"  {name}: {shares}")
        band = found["run_band"]
        if band["precision"] is not None:
            self.stdout.write(f"  run band: {band['right']} of {band['n']} right, {band['coverage']:.0%} of plan cases")
        for kind, count in found["errors"].items():
            self.stdout.write(f"  {count} x {kind}")
