"""Runs scripts/fetch-xgrammar against a pretended pip: no network, and nothing in the user's own cache."""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = (ROOT / "scripts" / "fetch-xgrammar").read_text()
KEPT = ["LICENSE", "NOTICE", "cpp/grammar.cc", "include/xgrammar/xgrammar.h", "3rdparty/picojson/picojson.h",
        "3rdparty/dlpack/include/dlpack/dlpack.h", "3rdparty/dlpack/LICENSE"]
DROPPED = ["python/xgrammar/__init__.py", "tests/cpp/test.cc", "3rdparty/googletest/CMakeLists.txt"]


def pinned(name):
    return re.search(rf"^{name}=(\S+)$", SCRIPT, re.MULTILINE)[1]


TREE = f"xgrammar-{pinned('version')}"
ARCHIVE = f"{TREE}.tar.gz"


class FetchXgrammar(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.cache = self.folder / "cache"
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.calls = self.folder / "calls"
        self.script = self.folder / "fetch-xgrammar"
        shutil.copy(ROOT / "scripts" / "pinned_source", self.folder)
        self.archive = self.make_archive()
        self.pin(hashlib.sha256(self.archive.read_bytes()).hexdigest())
        self.pip_does(f'cp "{self.archive}" "$folder/{ARCHIVE}"')
        self.stub("sleep", "exit 0")

    def stub(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{body}\n")
        path.chmod(0o755)

    def pip_does(self, body):
        """python3 -m pip … -d FOLDER"""
        self.stub("python3", f'[ "$3" = --version ] && exit 0\necho "$@" >>{self.calls}\nfolder="${{@: -1}}"\n{body}')

    def make_archive(self):
        tree = self.folder / TREE
        for name in KEPT + DROPPED:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(name)
        archive = self.folder / "package.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(tree, TREE)
        return archive

    def pin(self, sha256):
        """Writes the script under test with another pin: the rest is the script as it is."""
        self.script.write_text(SCRIPT.replace(pinned("sha256"), sha256))
        self.script.chmod(0o755)

    def fetch(self):
        environment = dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}", SHIMMY_CACHE_DIR=str(self.cache))
        return subprocess.run([self.script], env=environment, capture_output=True, text=True, check=False, timeout=60)

    def pip_calls(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def assert_refused(self, result, text):
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(text, result.stderr)
        self.assertFalse((self.cache / TREE).exists())
        self.assertFalse((self.cache / ARCHIVE).exists())
        self.assertEqual([path.name for path in self.cache.iterdir() if path.name.startswith("stage.")], [])

    def test_prints_the_directory_of_the_cpp_part(self):
        result = self.fetch()
        self.assertEqual((result.returncode, result.stdout), (0, f"{self.cache / TREE}\n"), result.stderr)
        for name in KEPT:
            self.assertEqual((self.cache / TREE / name).read_text(), name)
        for name in DROPPED:
            self.assertFalse((self.cache / TREE / name).exists(), name)

    def test_is_silent_and_asks_nobody_the_second_time(self):
        self.fetch()
        result = self.fetch()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(len(self.pip_calls()), 1)

    def test_has_pip_check_the_hash_before_anything_of_the_package_is_run(self):
        self.fetch()
        call = self.pip_calls()[0]
        for option in ("--require-hashes", "--no-deps", "--no-build-isolation", "--no-binary xgrammar"):
            self.assertIn(option, call)

    def test_unpacks_a_sound_cached_archive_without_pip(self):
        self.fetch()
        (self.cache / TREE / ".complete").unlink()
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(len(self.pip_calls()), 1)

    def test_gets_a_corrupted_cached_archive_again(self):
        self.cache.mkdir()
        (self.cache / ARCHIVE).write_bytes(self.archive.read_bytes()[:-1])
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual((self.cache / ARCHIVE).read_bytes(), self.archive.read_bytes())

    def test_refuses_an_archive_with_another_hash(self):
        self.pin(pinned("sha256"))
        self.assert_refused(self.fetch(), "is not the pinned one: refused")

    def test_refuses_at_once_what_pip_found_to_have_another_hash(self):
        self.pip_does("echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.'; exit 1")
        self.assert_refused(self.fetch(), "is not the pinned one: refused")
        self.assertEqual(len(self.pip_calls()), 1)

    def test_tries_three_times_and_then_says_what_to_do(self):
        self.pip_does("echo 'ERROR: no route'; exit 1")
        result = self.fetch()
        self.assert_refused(result, "-DSHIMMY_XGRAMMAR_SOURCE_DIR=")
        self.assertIn("no route", result.stderr)
        self.assertEqual(len(self.pip_calls()), 3)

    def test_survives_one_failure_of_the_network(self):
        self.pip_does(f'[ "$(wc -l <{self.calls})" -gt 1 ] && cp "{self.archive}" "$folder/{ARCHIVE}"')
        self.assertEqual(self.fetch().returncode, 0)

    def test_says_how_to_install_pip(self):
        self.stub("python3", "exit 1")
        self.assert_refused(self.fetch(), "scripts/setup")

    def test_replaces_a_tree_that_was_left_half_done(self):
        (self.cache / TREE).mkdir(parents=True)
        (self.cache / TREE / "rest").write_text("of an older attempt")
        self.assertEqual(self.fetch().returncode, 0)
        self.assertFalse((self.cache / TREE / "rest").exists())


if __name__ == "__main__":
    unittest.main()
