"""Runs the commands of an example's README as a reader does, each in bash."""

from __future__ import annotations

import re
import shlex
import subprocess

FIXED_PORT = re.compile(r"\b8[0-9]{3}\b")


class Shell:
    """One reader's terminal: `export` is kept, a command that ends in `&` goes on in the background.

    A fixed port becomes one that the system gives, named in the first line that the command prints.
    """

    def __init__(self, folder, environment):
        """Open it in a folder."""
        self.folder = folder
        self.environment = environment
        self.ports: dict[str, str] = {}
        self.background: list[subprocess.Popen[str]] = []

    def type(self, command):
        """Run one command and return what it printed."""
        for fixed, real in self.ports.items():
            command = command.replace(fixed, real)
        if command.startswith("export "):
            for assignment in shlex.split(command.replace("$PWD", shlex.quote(str(self.folder))))[1:]:
                name, _, value = assignment.partition("=")
                self.environment[name] = value
            return ""
        if command.endswith(" &"):
            return self._start(command.removesuffix(" &"))
        done = self.run(command)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def run(self, command):
        """Run one command, which may fail."""
        return subprocess.run(["bash", "-c", command], **self._options, timeout=300, check=False)

    def type_all(self, lines):
        """Run commands one after the other and return what each printed."""
        return [self.type(line) for line in lines]

    def close(self):
        """End what runs in the background and return what it printed."""
        printed = []
        for process in self.background:
            process.terminate()
            printed.append(process.communicate(timeout=10)[0])
        return printed

    def _start(self, command):
        (fixed,) = FIXED_PORT.findall(command)
        process = subprocess.Popen(["bash", "-c", f"exec {command.replace(fixed, '0')}"], **self._options)
        self.background.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        port = re.search(r"127\.0\.0\.1:([0-9]+)", line)
        assert port, line + process.stdout.read()
        self.ports[fixed] = port[1]
        return line

    @property
    def _options(self):
        return {
            "cwd": self.folder,
            "env": self.environment,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "text": True,
        }


def commands(readme, section):
    """Return the commands of one section, in order."""
    text = readme.read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\$ (.*)$", text, re.MULTILINE)
