"""Preview, update or refresh the whole fleet, stack by stack, through Pulumi's Automation API.

Exit codes: 0 all stacks are done; 1 some are not, the others are; 2 refused, nothing was run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from rounds import Listener, Operation, Outcome, Progress, play, stderr_of

from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable, read_export
from pulumi_wechat_miniprogram.fleet.manifest import PREFIX, BadManifest, Fleet, read_fleet
from pulumi_wechat_miniprogram.fleet.placement import Held, held, refusals

FOLDER = Path(__file__).parent
FAILED = 1
REFUSED = 2
NO_BACKEND = "Or say where the states are: PULUMI_BACKEND_URL=file:///path or `pulumi login`."


class Refused(Exception):
    """Nothing may be run; the text says why and what to do."""


def main() -> int:
    """Run one command."""
    options = _options()
    try:
        fleet = read_fleet(FOLDER / "fleet.yaml")
        chosen = _chosen(fleet, options)
        if options.command == "stacks":
            print(json.dumps(chosen))
            return 0
        stacks = _opened(fleet, chosen, options)
    except (BadManifest, Refused) as refusal:
        _tell(f"{refusal}\nRefused, nothing was run.")
        return REFUSED
    outcomes = Crew(fleet, stacks, options.at_a_time).run(options.command, agreed=options.yes)
    if options.result:
        _write(options.result, options.command, outcomes)
    return _report(options.command, outcomes)


@dataclasses.dataclass(frozen=True)
class Crew:
    """The opened stacks of a fleet, and how many are worked on at a time."""

    fleet: Fleet
    stacks: Sequence[auto.Stack]
    at_a_time: int

    def run(self, command: str, *, agreed: bool) -> list[Outcome]:
        """Preview all; after that, and if somebody agrees, update the stacks that have changes."""
        if command == "refresh":
            return self._play("refresh", self.stacks, _refresh)
        previewed = self._play("preview", self.stacks, _preview)
        due = {outcome.stack for outcome in previewed if outcome.status == "done" and outcome.changed}
        if command == "preview" or not due:
            return previewed
        if not agreed and not _agrees():
            return [
                dataclasses.replace(one, status="not run") if one.stack in due else one for one in previewed
            ]
        updated = self._play("up", [stack for stack in self.stacks if stack.name in due], _up)
        latest = {one.stack: one for one in (*previewed, *updated)}
        return [latest[name] for name in sorted(latest)]

    def _play(self, doing: str, stacks: Sequence[auto.Stack], operate: Operation) -> list[Outcome]:
        sized = [(stack, len(self.fleet.stacks[stack.name])) for stack in stacks]
        progress = Progress(doing, len(sized), sum(apps for _, apps in sized), _tell)
        return play(sized, operate, progress, self.at_a_time)


def _preview(stack: auto.Stack, listen: Listener) -> dict[str, int]:
    return _counts(stack.preview(on_event=listen, color="never").change_summary)


def _up(stack: auto.Stack, listen: Listener) -> dict[str, int]:
    done = stack.up(on_event=listen, color="never", suppress_progress=True, continue_on_error=True)
    return _counts(done.summary.resource_changes)


def _refresh(stack: auto.Stack, listen: Listener) -> dict[str, int]:
    done = stack.refresh(on_event=listen, color="never", suppress_progress=True)
    return _counts(done.summary.resource_changes)


def _counts(changes: Mapping[Any, int] | None) -> dict[str, int]:
    return {auto.OpType(kind).value: count for kind, count in (changes or {}).items()}


def _options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    commands = ["preview", "up", "refresh", "stacks"]
    parser.add_argument("command", choices=commands, help="stacks: print their names as JSON")
    parser.add_argument("stacks", nargs="*", metavar="STACK", help="only these, such as fleet-07 (all)")
    parser.add_argument("--at-a-time", type=_positive, default=2, metavar="N", help="stacks at a time (2)")
    parser.add_argument("--yes", action="store_true", help="update after the preview without asking")
    parser.add_argument("--allow-removals", action="store_true", help="delete what left the manifest")
    parser.add_argument("--result", type=Path, metavar="FILE", help="write what became of each stack, JSON")
    return parser.parse_intermixed_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return int(text)


def _chosen(fleet: Fleet, options: argparse.Namespace) -> list[str]:
    if unknown := sorted(set(options.stacks) - set(fleet.stacks)):
        first, *_, last = [*fleet.stacks] * 2
        raise Refused(f"no such stack: {', '.join(unknown)}; the manifest has {first} to {last}")
    if options.result and not options.result.parent.is_dir():
        raise Refused(f"--result: {options.result.parent} is no folder")
    return sorted(set(options.stacks)) or list(fleet.stacks)


def _opened(fleet: Fleet, chosen: Sequence[str], options: argparse.Namespace) -> list[auto.Stack]:
    """Open the chosen stacks, unless an update of the fleet would harm live domains."""
    try:
        workspace = auto.LocalWorkspace(work_dir=str(FOLDER))
        there = [one.name for one in workspace.list_stacks() if one.name.startswith(PREFIX)]
        if options.command != "refresh":
            lives = _lives(workspace, there)
            if refused := refusals(fleet, lives, allow_removals=options.allow_removals):
                raise Refused("\n".join(refused))
        return [_open(workspace, name, there) for name in chosen]
    except ExportUnreadable as error:
        raise Refused(str(error)) from None
    except FileNotFoundError:
        raise Refused("No `pulumi` on PATH: install the CLI, 3.255 or newer.") from None
    except (auto.CommandError, auto.InvalidVersionError) as error:
        told = stderr_of(error)
        raise Refused(f"{told}\n{NO_BACKEND}" if "PULUMI_ACCESS_TOKEN" in told else told) from None


def _lives(workspace: auto.LocalWorkspace, stacks: Sequence[str]) -> list[Held]:
    """Read the states of all stacks, also of those that this run leaves alone."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        exports = map(vars, pool.map(workspace.export_stack, stacks))
        return [
            one
            for stack, export in zip(stacks, exports, strict=True)
            for one in held(stack, read_export(json.dumps(export).encode(), stack))
        ]


def _open(workspace: auto.LocalWorkspace, name: str, there: Sequence[str]) -> auto.Stack:
    """Open a stack, one after the other: the CLI keeps the selected one in a file."""
    return auto.Stack.select(name, workspace) if name in there else auto.Stack.create(name, workspace)


def _agrees() -> bool:
    if not sys.stdin.isatty():
        _tell("Nobody can be asked here: pass --yes.")
        return False
    return input("Update these stacks? Only `yes` does it: ") == "yes"


def _write(path: Path, command: str, outcomes: Sequence[Outcome]) -> None:
    stacks = [dataclasses.asdict(outcome) for outcome in outcomes]
    result = {"version": 1, "command": command, "stacks": stacks}
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def _report(command: str, outcomes: Sequence[Outcome]) -> int:
    bad = [outcome for outcome in outcomes if outcome.status != "done"]
    for outcome in bad:
        if outcome.message:
            _tell(f"{outcome.stack} {outcome.status}: {outcome.message}")
    good = [outcome for outcome in outcomes if outcome.status == "done"]
    changed = sum(outcome.changed for outcome in good)
    apps = sum(outcome.apps for outcome in good)
    print(f"{command}: {len(good)} of {len(outcomes)} stacks done, {changed} with changes, {apps} apps")
    return FAILED if bad else 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
