"""Runs scripts/fetch-llama against a pretended npm: no network, and nothing in the user's own cache."""

import base64
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
SCRIPT = (ROOT / "scripts" / "fetch-llama").read_text()


def pinned(name):
    return re.search(rf"^{name}='?([^'\n]+)'?$", SCRIPT, re.MULTILINE)[1]


ARCHIVE = f"{pinned('package')}-{pinned('version')}.tgz"


class FetchLlama(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.cache = self.folder / "cache"
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.calls = self.folder / "calls"
        self.script = self.folder / "fetch-llama"
        shutil.copy(ROOT / "scripts" / "pinned_source", self.folder)
        self.source_archive, self.commit = self.make_archive()
        self.pin()
        self.npm_gives(self.source_archive)
        self.stub("sleep", "exit 0")

    def stub(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{body}\n")
        path.chmod(0o755)

    def npm_gives(self, archive):
        self.stub("npm", f'echo npm >>{self.calls}; cp "{archive}" {ARCHIVE}')

    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def make_archive(self):
        """A package like the real one: a git bundle of one commit, in a tar file."""
        source = self.folder / "source"
        self.git("init", "-q", str(source))
        (source / "llama.h").write_text("// a header\n")
        self.git("-C", str(source), "add", ".")
        self.git("-C", str(source), "commit", "-qm", "one")
        bundle = self.folder / "package/llama/gitRelease.bundle"
        bundle.parent.mkdir(parents=True)
        self.git("-C", str(source), "bundle", "create", "-q", str(bundle), "HEAD", "main")
        archive = self.folder / "package.tgz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(bundle, "package/llama/gitRelease.bundle")
        return archive, self.git("-C", str(source), "rev-parse", "HEAD")

    def pin(self, sha512=None, commit=None):
        """Writes the script under test with other pins: the rest is the script as it is."""
        if sha512 is None:
            sha512 = base64.b64encode(hashlib.sha512(self.source_archive.read_bytes()).digest()).decode()
        text = SCRIPT.replace(pinned("sha512"), sha512).replace(pinned("commit"), commit or self.commit)
        self.script.write_text(text)
        self.script.chmod(0o755)

    def fetch(self):
        environment = dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}", SHIMMY_CACHE_DIR=str(self.cache))
        return subprocess.run([self.script], env=environment, capture_output=True, text=True, check=False, timeout=120)

    def npm_calls(self):
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0

    def tree(self):
        return self.cache / f"llama.cpp-{self.commit}"

    def assert_refused(self, result, text):
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn(text, result.stderr)
        self.assertFalse(self.tree().exists())
        self.assertEqual([path.name for path in self.cache.iterdir() if path.name.startswith("stage.")], [])

    def test_prints_the_directory_of_the_source(self):
        result = self.fetch()
        self.assertEqual((result.returncode, result.stdout), (0, f"{self.tree()}\n"), result.stderr)
        self.assertEqual((self.tree() / "llama.h").read_text(), "// a header\n")
        self.assertFalse((self.tree() / ".git").exists())

    def test_is_silent_and_asks_nobody_the_second_time(self):
        self.fetch()
        result = self.fetch()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, f"{self.tree()}\n", ""))
        self.assertEqual(self.npm_calls(), 1)

    def test_unpacks_a_sound_cached_archive_without_npm(self):
        self.fetch()
        (self.tree() / ".complete").unlink()
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.npm_calls(), 1)

    def test_gets_a_corrupted_cached_archive_again(self):
        self.cache.mkdir()
        broken = bytearray(self.source_archive.read_bytes())
        broken[len(broken) // 2] ^= 1
        (self.cache / ARCHIVE).write_bytes(broken)
        self.assertEqual(self.fetch().stdout, f"{self.tree()}\n")
        self.assertEqual(self.npm_calls(), 1)
        self.assertEqual((self.cache / ARCHIVE).read_bytes(), self.source_archive.read_bytes())

    def test_gets_a_truncated_cached_archive_again(self):
        self.cache.mkdir()
        (self.cache / ARCHIVE).write_bytes(self.source_archive.read_bytes()[:-1])
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.npm_calls(), 1)

    def test_refuses_an_archive_with_another_hash(self):
        self.pin(sha512=pinned("sha512"))
        self.assert_refused(self.fetch(), "is not the pinned one: refused")
        self.assertFalse((self.cache / ARCHIVE).exists())

    def test_refuses_a_bundle_of_another_commit(self):
        self.pin(commit="0" * 40)
        result = self.fetch()
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("another commit", result.stderr)
        self.assertFalse((self.cache / f"llama.cpp-{'0' * 40}").exists())

    def test_tries_three_times_and_then_says_what_to_do(self):
        self.stub("npm", f"echo npm >>{self.calls}; exit 1")
        self.assert_refused(self.fetch(), "Check the network, or build with -DSHIMMY_LLAMA_SOURCE_DIR=")
        self.assertEqual(self.npm_calls(), 3)

    def test_survives_one_failure_of_the_network(self):
        self.stub("npm", f'echo npm >>{self.calls}; [ "$(wc -l <{self.calls})" -gt 1 ] && cp "{self.source_archive}" {ARCHIVE}')
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.npm_calls(), 2)

    def test_replaces_a_tree_that_was_left_half_done(self):
        self.tree().mkdir(parents=True)
        (self.tree() / "rest").write_text("of an older attempt")
        self.assertEqual(self.fetch().returncode, 0)
        self.assertFalse((self.tree() / "rest").exists())

    def test_lets_two_clones_fetch_at_once(self):
        environment = dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}", SHIMMY_CACHE_DIR=str(self.cache))
        running = [subprocess.Popen([self.script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                   for _ in range(3)]
        for process in running:
            self.assertEqual(process.communicate(timeout=120)[0], f"{self.tree()}\n")
            self.assertEqual(process.returncode, 0)
        self.assertEqual(self.npm_calls(), 1)


if __name__ == "__main__":
    unittest.main()
