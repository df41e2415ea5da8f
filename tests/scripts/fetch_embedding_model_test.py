"""What scripts/fetch-embedding-model writes, read back; no network."""

import importlib.machinery
import importlib.util
import json
import struct
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
PATH = str(Path(__file__).resolve().parents[2] / "scripts" / "fetch-embedding-model")
LOADER = importlib.machinery.SourceFileLoader("fetch_embedding_model", PATH)
script = importlib.util.module_from_spec(importlib.util.spec_from_loader("fetch_embedding_model", LOADER))
LOADER.exec_module(script)

CONFIG = {"max_position_embeddings": 4, "hidden_size": 2, "num_hidden_layers": 1, "intermediate_size": 8,
          "num_attention_heads": 1, "layer_norm_eps": 1e-12, "type_vocab_size": 2}
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", "the", "##s"]


def safetensors(tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


class Reader:
    """The fields of a GGUF file, one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def text(self):
        length = self.take("Q")
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def value(self, kind):
        if kind == script.STRING:
            return self.text()
        if kind == script.ARRAY:
            element, count = self.take("IQ")
            return [self.value(element) for _ in range(count)]
        return self.take({script.UINT32: "I", script.INT32: "i", script.FLOAT32: "f", script.BOOL: "?"}[kind])

    def file(self):
        magic, version, tensor_count, key_count = self.take("4sIQQ")
        keys = {self.text(): self.value(self.take("I")) for _ in range(key_count)}
        tensors = {}
        for _ in range(tensor_count):
            name = self.text()
            shape = [self.take("Q") for _ in range(self.take("I"))]
            tensors[name] = (shape, *self.take("IQ"))
        return magic, version, keys, tensors, self.at + -self.at % script.ALIGNMENT


class FetchEmbeddingModel(unittest.TestCase):
    def test_writes_the_tensors_that_embedding_needs(self):
        words = struct.pack("<16f", *range(16))
        bias = struct.pack("<2f", 5, 6)
        weights = safetensors({
            "embeddings.position_ids": ("I64", [1, 4], bytes(32)),
            "embeddings.word_embeddings.weight": ("F32", [8, 2], words),
            "encoder.layer.0.attention.self.query.bias": ("F32", [2], bias),
            "pooler.dense.bias": ("F32", [2], bias),
        })
        data = script.gguf(CONFIG, VOCABULARY, weights)
        magic, version, _, tensors, begin = Reader(data).file()
        self.assertEqual((magic, version), (b"GGUF", 3))
        self.assertEqual(tensors, {"token_embd.weight": ([2, 8], 0, 0), "blk.0.attn_q.bias": ([2], 0, 64)})
        self.assertEqual(data[begin : begin + 64], words)
        self.assertEqual(data[begin + 64 : begin + 72], bias)
        self.assertEqual(len(data) % script.ALIGNMENT, 0)

    def test_describes_the_model_as_an_encoder_that_takes_the_mean(self):
        _, _, keys, _, _ = Reader(script.gguf(CONFIG, VOCABULARY, safetensors({}))).file()
        self.assertEqual(keys["general.architecture"], "bert")
        self.assertEqual(keys["bert.context_length"], 4)
        self.assertEqual(keys["bert.pooling_type"], 1)
        self.assertIs(keys["bert.attention.causal"], False)
        self.assertEqual(keys["tokenizer.ggml.bos_token_id"], 2)
        self.assertEqual(keys["tokenizer.ggml.seperator_token_id"], 3)

    def test_marks_the_beginnings_of_words(self):
        _, _, keys, _, _ = Reader(script.gguf(CONFIG, VOCABULARY, safetensors({}))).file()
        tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2581[unused0]", "\u2581the", "s"]
        self.assertEqual(keys["tokenizer.ggml.tokens"], tokens)
        self.assertEqual(keys["tokenizer.ggml.token_type"], [3] * 5 + [1] * 3)

    def test_every_tensor_of_a_layer_has_a_name(self):
        for theirs, ours in script.NAMES.items():
            prefix = "" if theirs.startswith("embeddings.") else "encoder.layer.11."
            expected = f"{'blk.11.' if prefix else ''}{ours}.weight"
            self.assertEqual(script.gguf_name(f"{prefix}{theirs}.weight"), expected)
        self.assertIsNone(script.gguf_name("pooler.dense.weight"))


if __name__ == "__main__":
    unittest.main()
