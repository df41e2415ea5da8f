"""Plants violations in a small tree and expects scripts/check_layers to find them, and nothing else."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_layers"


class CheckLayers(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.TemporaryDirectory()
        self.addCleanup(self.root.cleanup)
        self.write("base/error.h")
        self.write("main.cpp", '#include "cli/run.h"')

    def write(self, name, *lines):
        path = Path(self.root.name) / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        head = ["// What it is for.", "#pragma once"] if name.endswith(".h") else []
        path.write_text("\n".join([*head, *lines, ""]))

    def check(self):
        return subprocess.run([sys.executable, SCRIPT, self.root.name], capture_output=True, text=True, check=False)

    def assert_clean(self):
        result = self.check()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def assert_found(self, *expected):
        """Each is a pair: where, and a part of the message. In order, and nothing else."""
        result = self.check()
        self.assertEqual(result.returncode, 1)
        lines = result.stdout.splitlines()
        self.assertEqual([line.split(": ")[0] for line in lines], [where for where, _ in expected])
        for line, (_, text) in zip(lines, expected):
            self.assertIn(text, line)

    def test_accepts_a_tree_that_keeps_the_table(self):
        self.write("scheduler/step.cpp", '#include "scheduler/step.h"', "#include <vector>",
                   '#include "generation/event.h"', '#include "llama/context.h"', '#include "base/error.h"')
        self.write("llama/model.cpp", "#include <llama.h>", '#include "common.h"', '#include "chat.h"',
                   "#include <ggml-backend.h>", '#include "gguf.h"', '#include "gguf/reader.h"')
        self.write("http/server.cpp", "#include <boost/asio.hpp>", "#include <boost/beast/http.hpp>")
        self.write("api/chat_handler.cpp", '#include "protocol/openai/chat.h"', '#include "http/exchange.h"')
        self.write("kernels/matmul.cpp", "#include <ggml-cpu.h>")
        self.write("protocol/openai/chat.cpp", "#include <boost/json.hpp>")
        self.assert_clean()

    def test_finds_an_arrow_against_the_table(self):
        self.write("scheduler/step.cpp", "", '#include "http/server.h"')
        self.assert_found(("src/scheduler/step.cpp:2", 'may not include "http/server.h"; allowed: scheduler, generation'))

    def test_lists_what_is_allowed(self):
        self.write("generation/event.h", '#include "llama/model.h"')
        self.assert_found(("src/generation/event.h:3", "allowed: generation, base"))

    def test_lets_base_include_nothing_else(self):
        self.write("base/queue.h", '#include "generation/event.h"')
        self.assert_found(("src/base/queue.h:3", "allowed: base"))

    def test_lets_main_include_only_the_command_line(self):
        self.write("main.cpp", '#include "app/server.h"')
        self.assert_found(("src/main.cpp:1", "src/main.cpp may not include"))

    def test_sees_includes_with_blanks_but_not_those_in_comments(self):
        self.write("base/a.cpp", '  #  include   "cli/run.h"', '// #include "http/server.h"')
        self.assert_found(("src/base/a.cpp:1", "cli/run.h"))

    def test_keeps_llama_cpp_in_its_folder(self):
        self.write("scheduler/a.cpp", "#include <llama.h>")
        self.write("models/b.cpp", '#include "common.h"')
        self.write("chat/c.cpp", '#include "chat.h"', "#include <nlohmann/json.hpp>")
        self.write("gguf/d.cpp", "#include <gguf.h>")
        self.write("kernels/e.cpp", "#include <llama-cpp.h>")
        self.assert_found(("src/chat/c.cpp:1", "a header of llama.cpp (chat.h); allowed: llama"),
                          ("src/chat/c.cpp:2", "nlohmann/json.hpp"),
                          ("src/gguf/d.cpp:1", "a header of ggml"),
                          ("src/kernels/e.cpp:1", "llama-cpp.h"),
                          ("src/models/b.cpp:1", "common.h"),
                          ("src/scheduler/a.cpp:1", "llama.h"))

    def test_keeps_the_network_library_in_http(self):
        self.write("api/a.cpp", "#include <boost/asio/post.hpp>", "#include <boost/beast.hpp>")
        self.assert_found(("src/api/a.cpp:1", "Boost.Asio"), ("src/api/a.cpp:2", "allowed: http"))

    def test_keeps_json_out_of_the_scheduler_and_its_tests(self):
        self.write("scheduler/a.cpp", "#include <boost/json.hpp>")
        self.write("scheduler/a_test.cpp", "#include <boost/json/parse.hpp>")
        self.write("generation/b.h", "#include <boost/json/fwd.hpp>")
        self.assert_found(("src/generation/b.h:3", "Boost.JSON"), ("src/scheduler/a.cpp:1", "Boost.JSON"),
                          ("src/scheduler/a_test.cpp:1", "Boost.JSON"))

    def test_lets_tests_of_base_parse_json(self):
        self.write("base/log_test.cpp", "#include <boost/json.hpp>")
        self.assert_clean()
        self.write("base/log.cpp", "#include <boost/json.hpp>")
        self.assert_found(("src/base/log.cpp:1", "Boost.JSON"))

    def test_lets_only_tests_include_support(self):
        self.write("http/a_test.cpp", '#include "support/fake_clock.h"', '#include "gguf/reader.h"')
        self.write("http/a_fixture.h", '#include "support/temp_dir.h"')
        self.assert_clean()
        self.write("http/a.cpp", '#include "support/fake_clock.h"', '#include "gguf/reader.h"')
        self.assert_found(("src/http/a.cpp:1", "support/fake_clock.h"), ("src/http/a.cpp:2", "gguf/reader.h"))

    def test_wants_own_headers_by_their_path(self):
        self.write("base/a.cpp", '#include "error.h"', '#include "../base/error.h"', "#include <base/error.h>")
        self.assert_found(("src/base/a.cpp:1", "no path from src/"), ("src/base/a.cpp:2", "no path from src/"),
                          ("src/base/a.cpp:3", 'include it as "base/error.h"'))

    def test_sees_what_api_reaches_through_its_neighbours(self):
        self.write("llama/model.h")
        self.write("chat/loader.h", '#include "chat/handle.h"')
        self.write("chat/handle.h", '#include "llama/model.h"')
        self.write("api/a.cpp", '#include "chat/loader.h"')
        self.assert_found(("src/api/a.cpp:1", "chat/loader.h -> chat/handle.h -> llama/model.h"))

    def test_refuses_a_folder_that_is_not_in_the_table(self):
        self.write("helpers/a.cpp")
        self.assert_found(("src/helpers/a.cpp:1", "not in the table"))

    def test_wants_pragma_once_in_headers(self):
        (Path(self.root.name) / "src/base/bare.h").write_text("// #pragma once\n")
        self.assert_found(("src/base/bare.h:1", "lacks #pragma once"))

    def test_bounds_the_length_of_a_file(self):
        self.write("base/long.cpp", *["int x;"] * 400)
        self.assert_clean()
        self.write("base/long.cpp", *["int x;"] * 401)
        self.assert_found(("src/base/long.cpp:401", "401 lines"))

    def test_says_so_when_there_is_nothing_to_check(self):
        with tempfile.TemporaryDirectory() as empty:
            result = subprocess.run([sys.executable, SCRIPT, empty], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no sources", result.stderr)


if __name__ == "__main__":
    unittest.main()
