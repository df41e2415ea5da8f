// shimmy's own API. Its WebSocket is tried in tests/clients.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { errorOf, events, homeWithModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t)));
const ask = (more) => shared.server.post('/api/generate', { model: 'tiny', prompt: 'Hi', temperature: 0, max_tokens: 8, ignore_eos: true, ...more });
const answer = async (more) => (await ask(more)).json();

test('NAT-1 a text is generated', async () => {
  const { choices, usage } = await answer();
  assert.equal(choices.length, 1);
  assert.deepEqual([choices[0].index, choices[0].finish_reason], [0, 'length']);
  assert.ok(choices[0].text.length > 0);
  assert.equal(usage.completion_tokens, 8);
  assert.equal(usage.total_tokens, usage.prompt_tokens + 8);
});

test('NAT-1 a stream says the same, and ends with [DONE]', async () => {
  const response = await ask({ stream: true });
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const all = [];
  for await (const event of events(response)) all.push(event);
  assert.equal(all.pop(), '[DONE]');
  const choices = all.map((event) => JSON.parse(event).choices[0]);
  assert.deepEqual(Object.keys(choices[0]), ['text', 'index']);
  assert.equal(choices.at(-1).finish_reason, 'length');
  assert.equal(choices.map((choice) => choice.text).join(''), (await answer()).choices[0].text);
});

test('NAT-1 without max_tokens there are 100', async () => {
  assert.equal((await answer({ max_tokens: undefined })).usage.completion_tokens, 100);
});

test('NAT-1 messages, system and the options of sampling are taken', async () => {
  await answer({ prompt: undefined, messages: [{ role: 'user', content: 'Hi' }], system: 'Be brief.', top_p: 0.9, top_k: 3, seed: 4, stop: ['zz'] });
  const plain = await answer();
  const { usage } = await answer({ system: 'Be brief.' });
  assert.ok(usage.prompt_tokens > plain.usage.prompt_tokens);
  assert.ok((await answer({ raw: true })).usage.prompt_tokens < plain.usage.prompt_tokens);
  const text = plain.choices[0].text;
  assert.equal((await answer({ stop: text.slice(2, 4) })).choices[0].text, text.slice(0, text.indexOf(text.slice(2, 4))));
});

test('NAT-2 the models have a name and a description', async () => {
  const { models } = await (await shared.server.get('/api/models')).json();
  assert.deepEqual(models.map((model) => model.id), ['tiny']);
  for (const key of ['name', 'description', 'model_type', 'quantization']) assert.equal(typeof models[0][key], 'string', key);
});

test('NAT-3 the health is told on every name that probes use', async () => {
  const health = await (await shared.server.get('/api/health')).json();
  assert.equal(health.status, 'healthy');
  assert.equal(typeof health.models_loaded, 'number');
  assert.equal(typeof health.memory_usage, 'string');
  for (const path of ['/health', '/healthz', '/v1/health', '/ready', '/live']) {
    const response = await shared.server.get(path);
    assert.equal(response.status, 200, path);
    assert.equal((await response.json()).status, 'ok', path);
  }
  assert.match((await (await shared.server.get('/api/version')).json()).version, /^\d+\.\d+\.\d+/);
});

const refusals = [
  ['malformed JSON', () => shared.server.post('/api/generate', '{"model":'), 400, 'invalid_request'],
  ['no prompt', () => ask({ prompt: undefined }), 400, 'invalid_request'],
  ['no model', () => ask({ model: undefined }), 400, 'invalid_request'],
  ['a wrong type', () => ask({ temperature: 'hot' }), 400, 'invalid_request'],
  ['prompt and messages', () => ask({ messages: [{ role: 'user', content: 'Hi' }] }), 400, 'invalid_request'],
  ['a long prompt', () => ask({ prompt: 'word '.repeat(4000) }), 400, 'invalid_request'],
  ['an unknown model', () => ask({ model: 'none' }), 404, 'model_not_found'],
  ['an unknown path', () => shared.server.get('/api/nothing'), 404, 'invalid_request'],
  ['a wrong method', () => shared.server.get('/api/generate'), 405, 'invalid_request'],
];
for (const [what, request, status, code] of refusals) {
  test(`NAT-5 ${what} is told in the native envelope`, async () => {
    const error = await errorOf(await request(), status);
    assert.equal(error.code, code);
    assert.equal(typeof error.details, 'string');
  });
}

test('NAT-6 unknown fields are ignored, the model is required', async () => {
  await answer({ colour: 'red', nested: { deep: [1] } });
  assert.equal((await shared.server.chat({ colour: 'red', max_tokens: 1 })).status, 200);
  const error = await errorOf(await shared.server.chat({ model: undefined }), 400);
  assert.match(error.message, /model/);
});
