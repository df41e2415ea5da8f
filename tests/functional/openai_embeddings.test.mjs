// POST /v1/embeddings.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { errorOf, homeWithModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t)));
const ask = (more) => shared.server.post('/v1/embeddings', { model: 'tiny', input: 'Once', ...more });
const refusal = async (more) => errorOf(await ask(more), 400);
const kTodo = { todo: 'the server has no embeddings yet' };

async function vectors(more) {
  const response = await ask(more);
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  assert.deepEqual(body.data.map((item) => [item.object, item.index]), body.data.map((_, i) => ['embedding', i]));
  return body.data.map((item) => item.embedding);
}

const near = (a, b) => a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) < 1e-3);
const length = (vector) => Math.hypot(...vector);

test('EMB-1 base64 holds the same numbers', kTodo, async () => {
  const [floats] = await vectors();
  const [text] = await vectors({ encoding_format: 'base64' });
  const bytes = Buffer.from(text, 'base64');
  assert.equal(bytes.toString('base64'), text);
  assert.ok(near(Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i)), floats));
});

test('EMB-2 vectors come in the order of the inputs, and have the length 1', kTodo, async () => {
  const both = await vectors({ input: ['one', 'two words'] });
  assert.ok(both.every((vector) => Math.abs(length(vector) - 1) < 1e-3));
  assert.ok(near(both[1], (await vectors({ input: 'two words' }))[0]));
  assert.ok(!near(both[0], both[1]));
});

test('EMB-2 what is empty or too long is refused', kTodo, async () => {
  for (const input of ['', [], [''], [[]]]) assert.match((await refusal({ input })).param, /^input/);
  assert.equal((await refusal({ input: 'word '.repeat(4000) })).code, 'context_length_exceeded');
  assert.equal((await refusal({ input: Array(2049).fill('a') })).code, 'array_above_max_length');
  assert.equal((await refusal({ input: null })).code, 'missing_required_parameter');
});

test('EMB-3 dimensions cut and keep the length 1', kTodo, async () => {
  const [whole] = await vectors();
  const [cut] = await vectors({ dimensions: 4 });
  assert.equal(cut.length, 4);
  assert.ok(near(cut, whole.slice(0, 4).map((value) => value / length(whole.slice(0, 4)))));
  for (const dimensions of [0, whole.length + 1]) assert.equal((await refusal({ dimensions })).param, 'dimensions');
});

test('EMB-3 token ids are one input, lists of them several', kTodo, async () => {
  const { tokens } = await (await shared.server.post('/tokenize', { model: 'tiny', content: 'Once' })).json();
  assert.equal((await vectors({ input: tokens })).length, 1);
  assert.equal((await vectors({ input: [tokens, tokens] })).length, 2);
  assert.match((await refusal({ input: [tokens, 'a'] })).param, /^input/);
});
