"""Python's openai and litellm against the real binary with the tiny model, which says nonsense in the right form."""

import asyncio
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Literal

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the network for prices

import litellm
import openai
import pydantic

litellm.suppress_debug_info = True

MESSAGES = [{"role": "user", "content": "Hi"}]
SHORT = {"model": "tiny", "messages": MESSAGES, "max_tokens": 8, "temperature": 0}
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"enum": ["Paris", "Rome"]}, "days": {"enum": [1, 2, 3]}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
FORCED = {
    "model": "tiny",
    "messages": MESSAGES,
    "temperature": 0,
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}],
    "tool_choice": {"type": "function", "function": {"name": "weather"}},
}


class Weather(pydantic.BaseModel):
    city: Literal["Paris", "Rome"]
    days: Literal[1, 2, 3]


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        models = Path(folder.name, "shimmy", "models")
        models.mkdir(parents=True)
        subprocess.run([os.environ["SHIMMY_TINY_MODEL_MAKER"], models], check=True, stdout=subprocess.DEVNULL)
        own = {name: value for name, value in os.environ.items() if not name.startswith("SHIMMY_")}
        server = subprocess.Popen(
            [os.environ["SHIMMY_BINARY"], "serve", "--port", "0", "--ctx", "65536"], stderr=subprocess.PIPE, text=True,
            env={**own, "HOME": folder.name, "XDG_DATA_HOME": folder.name, "SHIMMY_THREADS": "1"})
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.stderr.close)
        cls.addClassCleanup(server.kill)
        said = server.stderr.readline()
        port = re.fullmatch(r"shimmy \S+ on 127\.0\.0\.1:(\d+)\n", said)
        assert port, said
        cls.url = f"http://127.0.0.1:{port[1]}/v1"

    def setUp(self):
        self.client = openai.OpenAI(base_url=self.url, api_key="none", max_retries=0, timeout=60)
        self.addCleanup(self.client.close)

    def assert_weather(self, text):
        Weather.model_validate(json.loads(text))

    def test_openai_lists_and_retrieves_models(self):
        self.assertEqual([model.id for model in self.client.models.list()], ["tiny"])
        self.assertEqual(self.client.models.retrieve("tiny").owned_by, "shimmy")

    def test_openai_streams_what_it_answers_whole(self):
        whole = self.client.chat.completions.create(**SHORT)
        self.assertEqual(whole.usage.completion_tokens, 8)
        chunks = list(self.client.chat.completions.create(**SHORT, stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, whole.choices[0].message.content)
        self.assertEqual(chunks[-1].usage.completion_tokens, 8)

    def test_openai_stream_helper_reads_a_forced_call(self):
        with self.client.chat.completions.stream(**FORCED) as stream:
            done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
            message = stream.get_final_completion().choices[0].message
        self.assertEqual(len(done), 1)
        self.assertEqual(message.tool_calls[0].function.arguments, done[0].arguments)
        self.assert_weather(done[0].arguments)

    def test_openai_parses_a_pydantic_model(self):
        answer = self.client.chat.completions.parse(model="tiny", messages=MESSAGES, temperature=0, response_format=Weather)
        self.assertIsInstance(answer.choices[0].message.parsed, Weather)

    def test_openai_continues_a_text(self):
        answer = self.client.completions.create(model="tiny", prompt="Once", max_tokens=4, echo=True)
        self.assertTrue(answer.choices[0].text.startswith("Once"))

    # The package asks for base64 by itself.
    def test_openai_embeds(self):
        answer = self.client.embeddings.create(model="tiny", input=["one", "two"])
        self.assertEqual([item.index for item in answer.data], [0, 1])
        self.assertAlmostEqual(sum(x * x for x in answer.data[0].embedding), 1, places=3)

    def test_openai_embeds_tokens_and_cuts_dimensions(self):
        answer = self.client.embeddings.create(model="tiny", input=[[1, 2], [3]], dimensions=8, encoding_format="float")
        self.assertEqual([len(item.embedding) for item in answer.data], [8, 8])

    def test_openai_leaves_a_stream(self):
        for _ in range(3):
            with self.client.chat.completions.create(**{**SHORT, "max_tokens": 60_000}, stream=True, extra_body={"ignore_eos": True}) as stream:
                next(iter(stream))
        self.assertEqual(self.client.chat.completions.create(**SHORT).usage.completion_tokens, 8)

    def test_openai_raw_response_has_the_request_id(self):
        raw = self.client.chat.completions.with_raw_response.create(**SHORT)
        self.assertRegex(raw.headers["x-request-id"], "^req_[0-9a-f]{32}$")
        self.assertEqual(raw.parse()._request_id, raw.headers["x-request-id"])

    def test_openai_raises_by_status(self):
        with self.assertRaises(openai.NotFoundError) as unknown:
            self.client.chat.completions.create(**{**SHORT, "model": "tinny"})
        self.assertEqual(unknown.exception.code, "model_not_found")
        with self.assertRaises(openai.BadRequestError) as wrong:
            self.client.chat.completions.create(**{**SHORT, "temperature": 9})
        self.assertEqual(wrong.exception.param, "temperature")

    def test_openai_async_streams_side_by_side(self):
        async def text(client, seed):
            stream = await client.chat.completions.create(**{**SHORT, "temperature": 1}, seed=seed, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        async def all_texts():
            async with openai.AsyncOpenAI(base_url=self.url, api_key="none", max_retries=0) as client:
                return await asyncio.gather(*(text(client, seed) for seed in range(4)))

        self.assertEqual(len(set(asyncio.run(all_texts()))), 4)

    def litellm(self, **request):
        return litellm.completion(**{**request, "model": "openai/tiny"}, api_base=self.url, api_key="none", max_retries=0)

    def test_litellm_streams_what_it_answers_whole(self):
        whole = self.litellm(**SHORT)
        self.assertEqual(whole.usage.completion_tokens, 8)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in self.litellm(**SHORT, stream=True))
        self.assertEqual(text, whole.choices[0].message.content)

    def test_litellm_calls_a_forced_tool(self):
        self.assert_weather(self.litellm(**FORCED).choices[0].message.tool_calls[0].function.arguments)

    def test_litellm_fills_a_schema(self):
        answer = self.litellm(model="tiny", messages=MESSAGES, temperature=0, response_format=Weather)
        self.assert_weather(answer.choices[0].message.content)

    def test_litellm_streams_a_forced_call(self):
        chunks = list(self.litellm(**FORCED, stream=True))
        answer = litellm.stream_chunk_builder(chunks, messages=MESSAGES)
        self.assert_weather(answer.choices[0].message.tool_calls[0].function.arguments)

    def test_litellm_continues_a_text(self):
        answer = litellm.text_completion(model="text-completion-openai/tiny", prompt="Once", max_tokens=4, api_base=self.url, api_key="none")
        self.assertGreater(len(answer.choices[0].text), 0)

    def test_litellm_embeds(self):
        answer = litellm.embedding(model="openai/tiny", input=["one", "two"], api_base=self.url, api_key="none", encoding_format="float")
        self.assertEqual([len(item["embedding"]) for item in answer.data], [64, 64])

    def test_litellm_raises_by_status(self):
        with self.assertRaises(litellm.BadRequestError):
            self.litellm(**{**SHORT, "temperature": 9})


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # of the clients, about their own doings
