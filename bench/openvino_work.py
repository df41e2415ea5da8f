"""Does the work of shimmy_bench_engine --read-work with OpenVINO GenAI: same lines in, same JSON lines out.

Run by bench/openvino in its own Python environment.
"""
import json
import random
import sys
import time

import numpy
import openvino
import openvino_genai as genai

STEP_TOKENS = 512  # of one step, as shimmy and llama.cpp have it; more is no faster, nor is LLMPipeline


def config(tokens):
    generation = genai.GenerationConfig()
    generation.max_new_tokens = tokens
    generation.ignore_eos = True
    generation.do_sample = False
    return generation


def prompt(tokens, vocabulary):
    ids = [[random.randrange(vocabulary) for _ in range(tokens)]]
    return openvino.Tensor(numpy.array(ids, dtype=numpy.int64))


def run(pipeline, vocabulary, prompt_tokens, generated_tokens, streams):
    """As ours: prompts up to the last first token, then what all generate up to the last token."""
    begin = time.perf_counter()
    handles = [pipeline.add_request(number, prompt(prompt_tokens, vocabulary), config(generated_tokens))
               for number in range(streams)]
    waiting, first = set(range(streams)), None
    generated = 0
    while pipeline.has_non_finished_requests():
        pipeline.step()
        for number, handle in enumerate(handles):
            while handle.can_read():
                generated += sum(len(output.generated_ids) for output in handle.read().values())
                waiting.discard(number)
        if not waiting and first is None:
            first, generated = time.perf_counter(), 0
    end = time.perf_counter()
    return {"streams": streams, "prompt_tok_s": round(streams * prompt_tokens / (first - begin), 1),
            "decode_tok_s": round(generated / (end - first), 1), "total_s": round(end - begin, 3)}


def main():
    model, threads = sys.argv[1:3]
    scheduler = genai.SchedulerConfig()
    scheduler.cache_size = 2
    scheduler.max_num_seqs = 32
    scheduler.max_num_batched_tokens = STEP_TOKENS
    begin = time.perf_counter()
    pipeline = genai.ContinuousBatchingPipeline(model, scheduler, "CPU", {"INFERENCE_NUM_THREADS": int(threads)})
    print(json.dumps({"load_ms": round((time.perf_counter() - begin) * 1000, 1)}), flush=True)
    vocabulary = len(pipeline.get_tokenizer().get_vocab())
    run(pipeline, vocabulary, 16, 16, 16)  # warm up
    for line in sys.stdin:
        print(json.dumps(run(pipeline, vocabulary, *map(int, line.split(":")))), flush=True)


if __name__ == "__main__":
    main()
