// POST /v1/completions: bare prompts, echo and logprobs as evaluation programs use them.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { chunks, errorOf, homeWithModel, makeModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t)));
const ask = (more) => shared.server.post('/v1/completions', { model: 'tiny', prompt: 'Once', max_tokens: 6, temperature: 0, ignore_eos: true, ...more });
const refusal = async (more) => errorOf(await ask(more), 400);

async function answer(more) {
  const response = await ask(more);
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

async function tokensOf(text) {
  return (await (await shared.server.post('/tokenize', { model: 'tiny', content: text })).json()).tokens;
}

test('COMP-1 no template is applied, and special tokens are text', async () => {
  const { usage } = await answer({ prompt: 'H' });
  assert.ok(usage.prompt_tokens <= 2, `${usage.prompt_tokens} tokens`);
  const special = await answer({ prompt: '<|im_end|>' });
  assert.ok(special.usage.prompt_tokens > 3, `${special.usage.prompt_tokens} tokens`);
});

test('COMP-1 token ids are taken as they are', async () => {
  const ids = await tokensOf('Once upon');
  const { usage } = await answer({ prompt: ids });
  assert.equal(usage.prompt_tokens, ids.length);
  assert.equal((await answer({ prompt: [ids, ids] })).choices.length, 2);
});

test('COMP-1 without max_tokens there are 16', async () => {
  assert.equal((await answer({ max_tokens: null })).usage.completion_tokens, 16);
});

test('COMP-2 choices stand in the order of the prompts, then of the samples', async () => {
  const { choices } = await answer({ prompt: ['A one', 'B two'], n: 2, temperature: 1, seed: 1, echo: true });
  assert.deepEqual(choices.map((choice) => choice.index), [0, 1, 2, 3]);
  assert.deepEqual(choices.map((choice) => choice.text.slice(0, 5)), ['A one', 'A one', 'B two', 'B two']);
  assert.ok(choices.every((choice) => choice.logprobs === null && choice.finish_reason === 'length'));
});

test('COMP-3 echo repeats the prompt and counts its logprobs', async () => {
  const { choices } = await answer({ prompt: 'Once upon', echo: true, logprobs: 2 });
  const { text, logprobs } = choices[0];
  assert.ok(text.startsWith('Once upon'));
  assert.equal(logprobs.tokens.join(''), text);
  assert.equal(logprobs.token_logprobs[0], null);
  assert.equal(logprobs.top_logprobs[0], null);
  assert.ok(logprobs.token_logprobs.slice(1).every((logprob) => logprob <= 0));
  assert.ok(logprobs.top_logprobs.slice(1).every((rivals) => Object.keys(rivals).length <= 3));
  let offset = 0;
  logprobs.tokens.forEach((token, i) => {
    assert.equal(logprobs.text_offset[i], offset);
    offset += [...token].length;
  });
});

test('COMP-3 a text is scored without a token generated', async () => {
  const ids = await tokensOf('Once upon a time');
  const { choices, usage } = await answer({ prompt: ids, echo: true, max_tokens: 0, logprobs: 1 });
  assert.equal(usage.completion_tokens, 0);
  assert.equal(choices[0].logprobs.token_logprobs.length, ids.length);
  assert.equal(choices[0].text, 'Once upon a time');
});

test('COMP-3 the score of a prompt is that of the same text generated', async () => {
  const prompt = await tokensOf('Once');
  // One token, since a longer text might be cut into others.
  const written = (await answer({ prompt, max_tokens: 1, logprobs: 0 })).choices[0];
  const read = (await answer({ prompt: [...prompt, ...(await tokensOf(written.text))], echo: true, max_tokens: 0, logprobs: 0 })).choices[0];
  const scores = read.logprobs.token_logprobs.slice(-written.logprobs.tokens.length);
  scores.forEach((score, i) => assert.ok(Math.abs(score - written.logprobs.token_logprobs[i]) < 0.05, `${score} is not ${written.logprobs.token_logprobs[i]}`));
});

test('COMP-4 best_of answers the best, whole only', async () => {
  const { choices, usage } = await answer({ n: 1, best_of: 3, temperature: 1, seed: 1 });
  assert.equal(choices.length, 1);
  assert.equal(usage.completion_tokens, 18);
  assert.equal((await refusal({ best_of: 3, stream: true })).param, 'best_of');
  assert.equal((await refusal({ n: 3, best_of: 2 })).param, 'best_of');
});

test('COMP-5 a suffix is refused by a model without infill tokens', async () => {
  const error = await refusal({ suffix: 'the end' });
  assert.deepEqual([error.code, error.param], ['unsupported_parameter', 'suffix']);
});

test('COMP-5 a model with infill tokens fills in between prompt and suffix', async (t) => {
  const home = homeWithModel(t);
  makeModel(path.join(home, 'data', 'shimmy', 'models'), 'coder', 1, 'infill');
  const server = await Server.start(t, home);
  const tokens = async (more) => {
    const response = await server.post('/v1/completions', { model: 'coder', prompt: 'ab', max_tokens: 3, ignore_eos: true, ...more });
    return (await response.json()).usage.prompt_tokens;
  };
  assert.equal(await tokens({ suffix: 'cd' }), await tokens({}) + 2 + 3, 'the suffix has two tokens, and three mark what is what');
  assert.equal(await tokens({ suffix: '' }), await tokens({}));
});

test('COMP-6 a stream says what a whole answer says', async () => {
  const all = await chunks(await ask({ prompt: ['A', 'B'], stream: true, logprobs: 1, stream_options: { include_usage: true } }));
  const whole = await answer({ prompt: ['A', 'B'], logprobs: 1 });
  assert.ok(all.every((chunk) => chunk.object === 'text_completion'));
  assert.equal(all.at(-1).usage.completion_tokens, 12);
  for (const index of [0, 1]) {
    const own = all.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
    assert.equal(own.map((choice) => choice.text).join(''), whole.choices[index].text);
    assert.deepEqual(own.map((choice) => choice.finish_reason).filter(Boolean), ['length']);
    assert.deepEqual(own.flatMap((choice) => choice.logprobs?.tokens ?? []), whole.choices[index].logprobs.tokens);
    assert.deepEqual(own.flatMap((choice) => choice.logprobs?.text_offset ?? []), whole.choices[index].logprobs.text_offset);
  }
});

test('COMP-1 without a prompt a text begins', async () => {
  for (const prompt of [null, undefined, '']) assert.equal((await answer({ prompt })).usage.prompt_tokens, 1);
});

test('a wrong prompt is named', async () => {
  assert.equal((await refusal({ prompt: 7 })).param, 'prompt');
  assert.equal((await refusal({ prompt: [] })).code, 'empty_array');
  assert.equal((await refusal({ prompt: ['a', 1] })).param, 'prompt[1]');
  assert.equal((await refusal({ prompt: [1, 999_999_999] })).code !== undefined, true);
  assert.equal((await refusal({ logprobs: 6 })).param, 'logprobs');
  assert.equal((await refusal({ prompt: 'word '.repeat(4000) })).code, 'context_length_exceeded');
});
