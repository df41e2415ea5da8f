// How tokens are chosen, and what is counted: wire.md E12 to E15, E35 and E38.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chunks, contentOf, errorOf, homeWithModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768', '--log-level', 'warning']));
const kPlain = { max_tokens: 24, temperature: 0, ignore_eos: true };
const chat = (more) => shared.server.chat({ ...kPlain, ...more });

async function answer(response) {
  const body = await (await response).json();
  assert.ok(body.choices, JSON.stringify(body));
  return body;
}

const text = async (more) => (await answer(chat(more))).choices[0].message.content;
const distinct = (texts) => new Set(texts).size;

async function tokensOf(content) {
  return (await (await shared.server.post('/tokenize', { model: 'tiny', content })).json()).tokens;
}

test('E12 the most likely text is the same, whole, streamed, alone, in company, with a warm cache', async () => {
  const messages = [{ role: 'user', content: 'A prompt that nobody else has sent.' }];
  const first = await text({ messages });
  assert.equal(await text({ messages }), first);
  assert.equal(contentOf(await chunks(await chat({ messages, stream: true }))), first);
  const company = Array.from({ length: 6 }, (_, seed) => text({ temperature: 1, seed, max_tokens: 60 }));
  assert.equal(await text({ messages }), first);
  await Promise.all(company);
  assert.equal(await text({ messages, cache_prompt: false }), first);
});

test('E13 a seed gives one text, another seed another', async () => {
  const hot = { temperature: 1, max_tokens: 40 };
  assert.equal(await text({ ...hot, seed: 7 }), await text({ ...hot, seed: 7 }));
  assert.ok(distinct(await Promise.all([1, 2, 3, 4].map((seed) => text({ ...hot, seed })))) > 1);
  assert.ok(distinct(await Promise.all([1, 2, 3, 4].map(() => text(hot)))) > 1, 'without a seed each text is its own');
});

test('E13 several choices of a seed differ, and come again', async () => {
  const asked = { temperature: 1, seed: 5, n: 3, max_tokens: 40 };
  const choices = async () => (await answer(chat(asked))).choices.map((choice) => choice.message.content);
  const tries = [];
  // Beside one another near ties may fall the other way, so the same may take more than two tries.
  for (let i = 0; i < 4; ++i) tries.push(await choices());
  for (const one of tries) assert.equal(distinct(one), 3);
  assert.ok(distinct(tries.map((one) => one.join('\n'))) < 4);
});

test('E14 a bias bans and forces', async () => {
  const likely = async (more) => (await answer(chat({ max_tokens: 1, logprobs: true, return_token_ids: true, ...more }))).choices[0];
  const first = await likely();
  assert.equal(first.token_ids.length, 1);
  const second = await likely({ logit_bias: { [first.token_ids[0]]: -100 } });
  assert.notDeepEqual(second.token_ids, first.token_ids);
  const [forced] = await tokensOf('z');
  assert.equal(await text({ max_tokens: 5, logit_bias: { [forced]: 100 } }), 'zzzzz');
});

test('E14 a bias for no token is refused', async () => {
  for (const logit_bias of [{ 999999999: 1 }, { '-1': 1 }, { word: 1 }, { 1: 'a' }, { 1: 101 }, { 1: -101 }]) {
    const error = await errorOf(await chat({ logit_bias }), 400);
    assert.match(error.param, /^logit_bias/, JSON.stringify(logit_bias));
  }
});

test('E15 the narrowest choice is the most likely', async () => {
  const greedy = await text();
  for (const narrow of [{ top_k: 1 }, { top_p: 0 }, { min_p: 1 }, { temperature: 1e-9 }]) assert.equal(await text({ temperature: 1, seed: 3, ...narrow }), greedy, JSON.stringify(narrow));
});

test('E15 extremes are finite', async () => {
  const extremes = [
    { presence_penalty: 2, frequency_penalty: 2 }, { presence_penalty: -2, frequency_penalty: -2 }, { repeat_penalty: 100 }, { repeat_penalty: 0.01 },
    { temperature: 2, top_p: 1, top_k: 0, min_p: 0 }, { typical_p: 0.01, temperature: 1 },
  ];
  for (const more of extremes) {
    const { choices } = await answer(chat({ ...more, logprobs: true, top_logprobs: 20 }));
    assert.equal(choices[0].finish_reason, 'length');
    for (const token of choices[0].logprobs.content) {
      assert.ok(Number.isFinite(token.logprob) && token.logprob <= 0, JSON.stringify(more));
      assert.equal(token.top_logprobs.length, 20);
    }
  }
});

test('E35 the prompt counts the same wherever it is counted', async () => {
  const whole = (await answer(chat())).usage;
  const streamed = (await chunks(await chat({ stream: true, stream_options: { include_usage: true } }))).at(-1).usage;
  const messages = [{ role: 'user', content: 'Hi' }];
  const counted = await (await shared.server.post('/tokenize', { model: 'tiny', messages })).json();
  assert.equal(streamed.prompt_tokens, whole.prompt_tokens);
  assert.equal(counted.count, whole.prompt_tokens);
  assert.equal(whole.total_tokens, whole.prompt_tokens + whole.completion_tokens);
});

test('E35 the token by which the model ends counts; where a grammar ends the text there is none', async () => {
  const [end] = (await (await shared.server.post('/tokenize', { model: 'tiny', content: '<|im_end|>', parse_special: true })).json()).tokens;
  const ended = async (more) => {
    const { usage, choices } = await answer(shared.server.chat({ temperature: 0, max_tokens: 50, ...more }));
    assert.equal(choices[0].finish_reason, 'stop');
    return [choices[0].message.content, usage.completion_tokens];
  };
  assert.deepEqual(await ended({ logit_bias: { [end]: 100 } }), ['', 1]);
  assert.deepEqual(await ended({ grammar: 'root ::= "a"' }), ['a', 1]);
});

test('E35 a prompt that is known already is reported as cached, and costs no more than itself', async () => {
  const messages = [{ role: 'user', content: 'The same long words again. '.repeat(40) }];
  const first = (await answer(chat({ messages, max_tokens: 2 }))).usage;
  const second = (await answer(chat({ messages, max_tokens: 2 }))).usage;
  assert.equal(second.prompt_tokens, first.prompt_tokens);
  for (const { prompt_tokens, prompt_tokens_details } of [first, second]) assert.ok(prompt_tokens_details.cached_tokens <= prompt_tokens);
});

test('E36 created is in seconds', async () => {
  const { created } = await answer(chat({ max_tokens: 1 }));
  assert.ok(Math.abs(created - Date.now() / 1000) < 60);
});

test('E37 the ids of answers are unique', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, async () => (await answer(chat({ max_tokens: 1 }))).id));
  assert.equal(distinct(ids), 10);
});

test('E38 the same question gets the same words from each of our APIs', async () => {
  const words = await text();
  const native = await answer(shared.server.post('/api/generate', { model: 'tiny', prompt: 'Hi', ...kPlain }));
  const { prompt } = await (await shared.server.post('/apply-template', { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] })).json();
  const { tokens } = await (await shared.server.post('/tokenize', { model: 'tiny', content: prompt, parse_special: true })).json();
  const completion = await answer(shared.server.post('/v1/completions', { model: 'tiny', prompt: tokens, ...kPlain }));
  assert.equal(native.choices[0].text, words);
  assert.equal(completion.choices[0].text, words);
});
