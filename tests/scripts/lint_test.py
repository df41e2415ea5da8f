"""Runs scripts/lint in a small repository, with stubs that note which files the tools were given."""

import os
import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Lint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "checkout"
        self.bin = Path(folder.name) / "bin"
        self.bin.mkdir()
        self.calls = Path(folder.name) / "calls"
        for tool in ("clang-format-19", "clang-tidy-19"):
            self.stub(tool, f'echo "{tool} $*" >>{self.calls}')
        (self.root / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "lint", self.root / "scripts" / "lint")
        for name in ("src/a.cpp", "src/a.h", "src/b.h", "src/b_test.cpp", "src/unbuilt.cpp", "README.md", ".gitignore"):
            self.write(name, "build/\n" if name == ".gitignore" else "// one\n")
        units = [{"directory": str(self.root), "file": name} for name in ("src/a.cpp", "src/b_test.cpp", "src/new.cpp")]
        self.write("build/dev/compile_commands.json", json.dumps(units))
        self.git("init", "-q", "-b", "main")
        self.commit()

    def stub(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{body}\n")
        path.chmod(0o755)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.root, "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
                       check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-qm", "change")

    def lint(self, *arguments):
        environment = dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}")
        return subprocess.run([self.root / "scripts" / "lint", *arguments], env=environment, capture_output=True,
                              text=True, check=False, timeout=60)

    def given_to(self, tool):
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return sorted(word for line in lines if line.startswith(tool) for word in line.split() if word.startswith("src/"))

    def test_checks_what_the_working_tree_changed(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.write("src/a.cpp", "// two\n")
        self.write("src/new.cpp", "// new\n")
        self.write("README.md", "two\n")
        self.assertEqual(self.lint().returncode, 0)
        self.assertEqual(self.given_to("clang-format-19"), ["src/a.cpp", "src/new.cpp"])
        self.assertEqual(self.given_to("clang-tidy-19"), ["src/a.cpp", "src/new.cpp"])

    def test_checks_commits_that_origin_does_not_have(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        for name in ("src/a.cpp", "src/new.cpp"):
            self.write(name, "// two\n")
            self.commit()
        self.lint()
        self.assertEqual(self.given_to("clang-format-19"), ["src/a.cpp", "src/new.cpp"])

    def test_does_nothing_when_nothing_changed(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual((self.lint().returncode, self.given_to("clang")), (0, []))

    def test_checks_everything_in_a_repository_of_one_commit(self):
        self.lint()
        self.assertEqual(len(self.given_to("clang-format-19")), 5)

    def test_checks_a_header_through_its_unit_or_its_test(self):
        self.lint("src/a.h", "src/b.h")
        self.assertEqual(self.given_to("clang-format-19"), ["src/a.h", "src/b.h"])
        self.assertEqual(self.given_to("clang-tidy-19"), ["src/a.cpp", "src/b_test.cpp"])

    def test_passes_over_deleted_files(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        (self.root / "src/a.cpp").unlink()
        self.assertEqual((self.lint().returncode, self.given_to("clang-format-19")), (0, []))

    def test_names_units_that_the_preset_does_not_build(self):
        result = self.lint("src/unbuilt.cpp")
        self.assertEqual(result.returncode, 0)
        self.assertIn("src/unbuilt.cpp is not built", result.stderr)
        self.assertEqual(self.given_to("clang-tidy-19"), [])

    def test_takes_all_files_on_demand(self):
        self.lint("--all")
        self.assertEqual(len(self.given_to("clang-format-19")), 5)
        self.assertEqual(self.given_to("clang-tidy-19"), ["src/a.cpp", "src/b_test.cpp"])

    def test_fails_on_bad_format_before_it_runs_the_slow_tool(self):
        self.stub("clang-format-19", "exit 1")
        self.assertNotEqual(self.lint("src/a.cpp").returncode, 0)
        self.assertEqual(self.given_to("clang-tidy-19"), [])

    def test_fails_on_a_finding_in_any_file_and_still_checks_the_others(self):
        self.stub("clang-tidy-19", f'echo "clang-tidy-19 $*" >>{self.calls}; case $* in *a.cpp*) echo found; exit 1 ;; esac')
        result = self.lint("--all")
        self.assertEqual(result.returncode, 1)
        self.assertIn("found", result.stdout)
        self.assertEqual(self.given_to("clang-tidy-19"), ["src/a.cpp", "src/b_test.cpp"])

    def test_refuses_options_it_does_not_know(self):
        self.assertEqual(self.lint("--fast").returncode, 1)


if __name__ == "__main__":
    unittest.main()
