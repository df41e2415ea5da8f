"""Runs scripts/setup on pretended machines: its PATH holds stubs of what it calls."""

import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.calls = self.folder / "calls"
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        for tool in ("bash", "env", "grep", "mktemp", "rm", "tail", "cat"):
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.everything_is_installed()
        self.stub("apt-get", f'echo "apt-get $*" >>{self.calls}')
        self.user(0)

    def stub(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{body}\n")
        path.chmod(0o755)

    def everything_is_installed(self):
        for tool in ("node", "npm", "python3"):
            self.stub(tool, "exit 0")
        self.stub("dpkg-query", 'printf "install ok installed"')

    def lacking(self, *packages):
        names = "|".join(packages)
        self.stub("dpkg-query", f'case ${{!#}} in {names}) exit 1 ;; esac; printf "install ok installed"')

    def user(self, number):
        self.stub("id", f"echo {number}")

    def run_setup(self, *arguments):
        environment = {"PATH": str(self.bin), "HOME": str(self.folder), "TMPDIR": str(self.temporary)}
        return subprocess.run([ROOT / "scripts" / "setup", *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=60)

    def called(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def test_is_silent_and_quick_when_nothing_is_missing(self):
        start = time.monotonic()
        result = self.run_setup()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertEqual(self.called(), [])
        self.assertLess(time.monotonic() - start, 5)

    def test_needs_no_root_when_nothing_is_missing(self):
        self.user(1000)
        self.assertEqual(self.run_setup("--lint").returncode, 0)

    def test_installs_only_what_is_missing(self):
        self.lacking("ccache", "libgtest-dev")
        result = self.run_setup()
        self.assertEqual(result.returncode, 0)
        self.assertIn("setup: installing ccache libgtest-dev\n", result.stdout)
        self.assertEqual(self.called()[0], "apt-get update")
        self.assertTrue(self.called()[1].endswith("install -y --no-install-recommends ccache libgtest-dev"))
        self.assertEqual(len(self.called()), 2)

    def test_takes_node_and_pip_of_any_origin(self):
        self.lacking("nodejs", "npm", "python3", "python3-pip")
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertEqual(self.called(), [])

    def test_installs_what_python_lacks(self):
        self.stub("python3", "exit 1")
        self.run_setup()
        self.assertTrue(self.called()[1].endswith(" python3-pip python3-venv"))

    def test_adds_the_lint_tools_only_when_asked(self):
        self.lacking("clang-tidy-19")
        self.run_setup()
        self.assertEqual(self.called(), [])
        self.run_setup("--lint")
        self.assertTrue(self.called()[1].endswith(" clang-tidy-19"))

    def test_adds_the_compiler_for_arm_only_when_asked(self):
        self.lacking("g++-aarch64-linux-gnu", "qemu-user-static")
        self.run_setup()
        self.assertEqual(self.called(), [])
        self.run_setup("--neon")
        self.assertTrue(self.called()[1].endswith(" g++-aarch64-linux-gnu qemu-user-static"))

    def test_goes_through_sudo_as_another_user(self):
        self.user(1000)
        self.lacking("ccache")
        self.stub("sudo", f'echo "sudo $*" >>{self.calls}')
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertEqual(self.called()[0], "sudo apt-get update")
        self.assertTrue(self.called()[1].startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get "))

    def test_names_what_is_missing_when_it_cannot_become_root(self):
        self.user(1000)
        self.lacking("ccache", "unzip")
        result = self.run_setup()
        self.assertEqual(result.returncode, 1)
        self.assertIn("run scripts/setup as root, or install sudo. Missing: ", result.stderr)
        self.assertEqual(sorted(result.stderr.partition("Missing: ")[2].split()), ["ccache", "unzip"])
        self.assertEqual(self.called(), [])

    def test_shows_the_end_of_what_apt_said_when_it_fails(self):
        self.lacking("ccache")
        self.stub("apt-get", 'echo "E: no such host" >&2; exit 100')
        result = self.run_setup()
        self.assertEqual(result.returncode, 1)
        self.assertIn("E: no such host", result.stderr)
        self.assertIn("Check the network", result.stderr)

    def test_leaves_no_file_behind(self):
        self.lacking("ccache")
        self.run_setup()
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_goes_on_where_there_is_no_apt(self):
        self.lacking("ccache")
        (self.bin / "apt-get").unlink()
        result = self.run_setup()
        self.assertEqual(result.returncode, 0)
        self.assertIn("no apt-get here", result.stderr)
        self.assertIn("ccache", result.stderr)

    def test_refuses_options_it_does_not_know(self):
        result = self.run_setup("--linter")
        self.assertEqual(result.returncode, 1)
        self.assertIn("--linter", result.stderr)


if __name__ == "__main__":
    unittest.main()
