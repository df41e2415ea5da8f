// The errors of OpenAI's surface, one by one: wire.md section 2.1.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { errorOf, homeWithModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer(async (t) => {
  const home = homeWithModel(t);
  const server = await Server.start(t, home);
  server.home = home;
  return server;
});
const user = { role: 'user', content: 'Hi' };
const chat = (more) => shared.server.chat({ max_tokens: 1, ...more });
const completion = (more) => shared.server.post('/v1/completions', { model: 'tiny', prompt: 'Hi', max_tokens: 1, ...more });
const kInvalid = 'invalid_request_error';

// what: [request, status, type, code, param, message]
const cases = {
  'a body that is no JSON': [() => shared.server.post('/v1/chat/completions', '{"model":'), 400, kInvalid, null, null, /^We could not parse the JSON body of your request\./],
  'an empty body': [() => shared.server.post('/v1/chat/completions', ''), 400, kInvalid, null, null, /^We could not parse the JSON body of your request\./],
  'no model': [() => chat({ model: undefined }), 400, kInvalid, null, null, /^you must provide a model parameter/],
  'no messages': [() => chat({ messages: undefined }), 400, kInvalid, 'missing_required_parameter', 'messages', /^Missing required parameter: 'messages'\./],
  'a wrong type': [() => chat({ temperature: '0.7' }), 400, kInvalid, 'invalid_type', 'temperature', /^Invalid type for 'temperature': expected .*, but got a string instead\./],
  'a wrong type deep inside': [() => chat({ messages: [user, { role: 'user', content: 7 }] }), 400, kInvalid, 'invalid_type', 'messages[1].content', /messages\[1\]\.content/],
  'an unknown role': [() => chat({ messages: [{ role: 'bogus', content: 'a' }] }), 400, kInvalid, 'invalid_value', 'messages[0].role', /^Invalid value: 'bogus'\. Supported values are: /],
  'a number above': [() => chat({ temperature: 2.5 }), 400, kInvalid, 'decimal_above_max_value', 'temperature', /2\.5/],
  'a number below': [() => chat({ top_p: -0.5 }), 400, kInvalid, 'decimal_below_min_value', 'top_p', /-0\.5/],
  'an integer above': [() => chat({ n: 129 }), 400, kInvalid, 'integer_above_max_value', 'n', /129/],
  'an integer below': [() => chat({ max_tokens: 0 }), 400, kInvalid, 'integer_below_min_value', 'max_tokens', /0/],
  'an empty array': [() => chat({ messages: [] }), 400, kInvalid, 'empty_array', 'messages', /^Invalid 'messages': empty array\./],
  'too many stops': [() => chat({ stop: Array(17).fill('a') }), 400, kInvalid, 'array_above_max_length', 'stop', /stop/],
  'an unknown model': [() => chat({ model: 'nope' }), 404, kInvalid, 'model_not_found', null, /nope/],
  'an unknown URL': [() => shared.server.post('/v1/foo', {}), 404, kInvalid, 'unknown_url', null, /POST \/v1\/foo/],
  'a wrong method': [() => shared.server.get('/v1/chat/completions'), 405, kInvalid, 'method_not_supported', null, /POST/],
  'a long chat': [() => chat({ messages: [{ role: 'user', content: 'word '.repeat(3000) }] }), 400, kInvalid, 'context_length_exceeded', 'messages', /^This model's maximum context length is 2048 tokens\. However, your messages resulted in \d+ tokens\. Please reduce the length of the messages\.$/],
  'a long prompt': [() => completion({ prompt: 'word '.repeat(3000) }), 400, kInvalid, 'context_length_exceeded', 'prompt', /^This model's maximum context length is 2048 tokens\. However, your prompt resulted in \d+ tokens\./],
  'a long input': [() => shared.server.post('/v1/embeddings', { model: 'tiny', input: 'word '.repeat(3000) }), 400, kInvalid, 'context_length_exceeded', 'input', /2048 tokens/],
  'an image': [() => chat({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] }] }), 400, kInvalid, 'unsupported_parameter', 'messages[0].content[0].type', /image/],
  'audio to come out': [() => chat({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }), 400, kInvalid, 'unsupported_value', 'modalities', /modalities/],
  'a wrong schema': [() => chat({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'banana' } } } }), 400, kInvalid, null, 'response_format', /^Invalid schema for response_format 'x': /],
  'a tool without a name': [() => chat({ tools: [{ type: 'function', function: {} }] }), 400, kInvalid, 'missing_required_parameter', 'tools[0].function.name', /name/],
  'an unknown kind of tool': [() => chat({ tools: [{ type: 'magic' }] }), 400, kInvalid, 'invalid_value', 'tools[0].type', /magic/],
  'a tool to call that is not there': [() => chat({ tools: [{ type: 'function', function: { name: 'a' } }], tool_choice: { type: 'function', function: { name: 'b' } } }), 400, kInvalid, 'invalid_value', 'tool_choice', /b/],
  'top_logprobs without logprobs': [() => chat({ top_logprobs: 3 }), 400, kInvalid, 'invalid_value', 'top_logprobs', /logprobs/],
  'an unknown effort': [() => chat({ reasoning_effort: 'heroic' }), 400, kInvalid, 'invalid_value', 'reasoning_effort', /heroic/],
};
for (const [what, [request, status, type, code, param, message]] of Object.entries(cases)) {
  test(`ERR ${what} is a ${status}`, async () => {
    const error = await errorOf(await request(), status);
    assert.match(error.message, message);
    assert.deepEqual([error.type, error.code, error.param], [type, code, param]);
  });
}

test('ERR what is wrong is told before a stream begins', async () => {
  for (const more of [{ temperature: 9 }, { model: 'nope' }, { messages: [{ role: 'user', content: 'word '.repeat(3000) }] }])
    assert.notEqual((await chat({ ...more, stream: true })).status, 200);
});

test('ERR a model whose file is broken is a 500 that says so, and is not the end', async (t) => {
  const models = `${shared.server.home}/data/shimmy/models`;
  const whole = fs.readFileSync(`${models}/${fs.readdirSync(models)[0]}`);
  fs.writeFileSync(`${models}/broken.gguf`, whole.subarray(0, whole.length - (whole.length >> 2)));
  const late = await Server.start(t, shared.server.home);
  const response = await late.post('/v1/chat/completions', { model: 'broken', messages: [user], max_tokens: 1 });
  const error = await errorOf(response, 500);
  assert.deepEqual([error.type, error.code], ['server_error', 'model_load_failed']);
  assert.match(error.message, /broken/);
  // Tried again, it would fail again.
  assert.equal(response.headers.get('x-should-retry'), 'false');
  assert.equal((await late.chat({ max_tokens: 1 })).status, 200);
});
