// The rules that decide whether a client of OpenAI's works without a change: wire.md section 0. Those that need more
// than one look have tests of their own in the files of their sections.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chunks, errorOf, homeWithModel, Server, sharedServer } from './shimmy.mjs';
import { chatRequest, request, Wire } from './wire.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768']));
const user = { role: 'user', content: 'Hi' };
const kShort = { max_tokens: 6, temperature: 0, ignore_eos: true };
const chat = (more, options) => shared.server.chat({ ...kShort, ...more }, options);
const tool = { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Rome'] } }, required: ['city'], additionalProperties: false } } };
const forced = { tools: [tool], tool_choice: { type: 'function', function: { name: 'weather' } }, max_tokens: 200, ignore_eos: false };

const kinds = {
  chat: ['/v1/chat/completions', { messages: [user] }],
  completion: ['/v1/completions', { prompt: 'Hi' }],
};
for (const [kind, [route, more]] of Object.entries(kinds)) {
  test(`RULE-1 a ${kind} stream is one line of JSON an event, and ends with [DONE]`, async () => {
    const response = await shared.server.post(route, { model: 'tiny', stream: true, ...kShort, ...more });
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.notEqual(bytes[0], 0xef, 'a BOM');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    assert.equal(text.includes('\r'), false);
    const blocks = text.split('\n\n');
    assert.deepEqual(blocks.slice(-2), ['data: [DONE]', '']);
    for (const block of blocks.slice(0, -2)) {
      assert.match(block, /^data: \{[^\n]*\}$/);
      JSON.parse(block.slice(6));
    }
  });
}

test('RULE-3 RULE-4 every choice begins with its role and ends with a reason', async () => {
  const all = (await chunks(await chat({ stream: true, n: 4, temperature: 1 }))).flatMap((chunk) => chunk.choices);
  for (let index = 0; index < 4; ++index) {
    const own = all.filter((choice) => choice.index === index);
    assert.equal(own[0].delta.role, 'assistant');
    assert.equal(own.filter((choice) => choice.finish_reason !== null).length, 1);
  }
  assert.ok(all.every((choice) => Number.isInteger(choice.index) && choice.index >= 0 && choice.index < 4));
});

test('RULE-5 RULE-6 a call names itself once, and its arguments are a string', async () => {
  const deltas = (await chunks(await chat({ ...forced, stream: true }))).flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
  assert.deepEqual([deltas[0].index, deltas[0].type, deltas[0].function], [0, 'function', { name: 'weather', arguments: '' }]);
  for (const { index, ...later } of deltas.slice(1)) {
    assert.equal(index, 0);
    assert.deepEqual(Object.keys(later), ['function']);
    assert.deepEqual(Object.keys(later.function), ['arguments']);
  }
  const text = deltas.map((delta) => delta.function.arguments).join('');
  assert.deepEqual(JSON.parse(text), { city: 'Rome' });
  const whole = (await (await chat(forced)).json()).choices[0].message.tool_calls[0].function.arguments;
  assert.equal(text, whole);
});

test('RULE-7 usage comes when it is asked for, and only then', async () => {
  const asked = await chunks(await chat({ stream: true, stream_options: { include_usage: true } }));
  assert.ok(asked.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1));
  assert.deepEqual(asked.at(-1).choices, []);
  assert.equal(asked.at(-1).usage.completion_tokens, 6);
  const plain = await chunks(await chat({ stream: true }));
  assert.ok(plain.every((chunk) => !('usage' in chunk) && chunk.choices.length === 1));
});

test('RULE-9 no other model runs in the place of an unknown one', async () => {
  assert.equal((await errorOf(await chat({ model: 'gpt-4o' }), 404)).code, 'model_not_found');
});

test('RULE-10 what is too long is refused before the headers of a stream', async () => {
  const response = await chat({ stream: true, messages: [{ role: 'user', content: 'word '.repeat(40_000) }] });
  assert.equal((await errorOf(response, 400)).code, 'context_length_exceeded');
});

test('RULE-16 RULE-17 what agents send is understood', async () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } };
  const messages = [
    { role: 'developer', content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] }, user,
    { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'sunny' }] },
    { role: 'assistant', content: '', tool_calls: [{ ...call, id: 'call_2' }] }, { role: 'tool', tool_call_id: 'call_2', name: 'weather', content: 'sunny' },
  ];
  const more = { messages, store: false, metadata: { a: 'b' }, client_metadata: {}, prompt_cache_key: 'x', safety_identifier: 'y', service_tier: 'auto', tools: [tool], tool_choice: 'auto', parallel_tool_calls: true };
  assert.equal((await chat(more)).status, 200);
});

test('RULE-20 ids are unique', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, async () => (await (await chat()).json()).id));
  assert.equal(new Set(ids).size, 5);
});

test('RULE-24 a stream is a stream whatever Accept says', async () => {
  for (const accept of ['application/json', 'text/html', '*/*']) {
    const response = await chat({ stream: true }, { headers: { Accept: accept } });
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    await chunks(response);
  }
});

test('RULE-25 any key is welcome where none is configured', async () => {
  for (const headers of [{ Authorization: 'Bearer sk-anything' }, { 'x-api-key': 'none' }, {}]) assert.equal((await chat({}, { headers })).status, 200);
});

test('RULE-26 probes of the root are answered', async (t) => {
  const wire = await Wire.open(t, shared.server);
  for (const [method, target] of [['HEAD', '/'], ['GET', '/'], ['OPTIONS', '*'], ['HEAD', '/v1/models']]) assert.ok((await wire.ask(request(method, target))).status < 300, `${method} ${target}`);
});

test('RULE-27 leaving a stream frees its place', async (t) => {
  const server = await Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768', '--parallel', '1']);
  for (let i = 0; i < 5; ++i) {
    const wire = await Wire.open(t, server);
    await wire.send(chatRequest({ stream: true, max_tokens: -1, ignore_eos: true }));
    await wire.take('data: ');
    wire.socket.destroy();
    assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
  }
});

test('RULE-30 a prompt of 80 KB fits where the context is large enough', async () => {
  const messages = [{ role: 'system', content: 'You are an agent. '.repeat(1000) }, user];
  const response = await chat({ messages, max_tokens: 1 });
  assert.equal(response.status, 200, await response.clone().text());
});
