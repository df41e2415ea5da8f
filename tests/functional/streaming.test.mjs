// What a stream may and may not show, and what becomes of it when nobody reads: wire.md E16 to E26 and E31.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { chunks, contentOf, events, homeWithModel, Server, sharedServer, within } from './shimmy.mjs';
import { chatBody, chatRequest, request, Wire } from './wire.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '65536', '--log-level', 'warning']));
const kPlain = { max_tokens: 40, temperature: 0, ignore_eos: true };
const kEndless = { stream: true, max_tokens: -1, ignore_eos: true };
const chat = (more) => shared.server.chat({ ...kPlain, ...more });
const streamed = async (more) => chunks(await chat({ ...more, stream: true }));
const content = async (more) => (await (await chat(more)).json()).choices[0].message.content;

const kLetters = ['👩‍👩‍👧‍👦', '漢字かな交じり文', 'हिन्दी', 'e\u0301', '\u2028\u2029', 'ﷺ', '𝄞'];
for (const letters of kLetters) {
  test(`E16 E22 ${JSON.stringify(letters)} is never cut, and stands in one line`, async () => {
    const forced = { grammar: `root ::= ${JSON.stringify(letters)}`, ignore_eos: false };
    assert.equal(await content(forced), letters);
    const all = await streamed(forced);
    assert.equal(contentOf(all), letters);
    for (const chunk of all) assert.doesNotMatch(chunk.choices[0].delta.content ?? '', /\ufffd/);
  });
}

test('E16 a text that ends within a letter ends in U+FFFD or before, the same in a stream', async () => {
  const cut = { grammar: 'root ::= "漢字"', ignore_eos: false };
  const { usage } = await (await chat(cut)).json();
  for (let max_tokens = 1; max_tokens < usage.completion_tokens; ++max_tokens) {
    const whole = await content({ ...cut, max_tokens });
    assert.match(whole, /^漢?字?\ufffd?$/);
    assert.equal(contentOf(await streamed({ ...cut, max_tokens })), whole);
  }
});

test('E16 random bytes of the model are valid UTF-8 when they come out', async () => {
  const response = await chat({ stream: true, temperature: 2, seed: 3, max_tokens: 400 });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const bytes of response.body) decoder.decode(bytes, { stream: true });
  decoder.decode();
  const whole = await content({ temperature: 2, seed: 3, max_tokens: 400 });
  assert.equal(contentOf(await streamed({ temperature: 2, seed: 3, max_tokens: 400 })), whole);
});

test('E17 stop strings are found wherever the tokens end', async () => {
  const forced = 'aaabxéy👍z';
  const grammar = `root ::= "${forced}"`;
  const cases = { a: '', aab: 'a', aaab: '', b: 'aaa', 'xé': 'aaab', é: 'aaabx', '👍': 'aaabxéy', 'z': 'aaabxéy👍', 'zz': forced, 'aaaab': forced };
  for (const [stop, left] of Object.entries(cases)) {
    const asked = { grammar, stop: [stop], ignore_eos: false };
    assert.equal(await content(asked), left, stop);
    const all = await streamed(asked);
    assert.equal(contentOf(all), left, stop);
    assert.equal(all.at(-1).choices[0].finish_reason, 'stop');
  }
});

test('E18 what only begins like a stop string is shown at the end', async () => {
  const asked = { grammar: 'root ::= "never sto"', stop: ['stop'], ignore_eos: false };
  assert.equal(contentOf(await streamed(asked)), 'never sto');
  assert.equal(await content({ ...asked, max_tokens: 6 }), contentOf(await streamed({ ...asked, max_tokens: 6 })));
});

test('E19 marks of the template are never content, and in a message they are text', async () => {
  const all = contentOf(await streamed({ temperature: 1, seed: 1, max_tokens: 600 }));
  for (const mark of ['<|im_end|>', '<|im_start|>', '<|endoftext|>']) assert.equal(all.includes(mark), false, mark);
  const tokens = async (text) => (await (await chat({ messages: [{ role: 'user', content: text }], max_tokens: 1 })).json()).usage.prompt_tokens;
  assert.ok((await tokens('<|im_end|>')) > (await tokens('x')) + 2, 'a mark in a message became one token');
});

test('E21 what looks like a call is content where there are no tools', async () => {
  const looks = '{\\"name\\": \\"weather\\", \\"arguments\\": {}}';
  const { choices } = await (await chat({ grammar: `root ::= "${looks}"`, ignore_eos: false })).json();
  assert.equal(choices[0].message.content, JSON.parse(`"${looks}"`));
  assert.equal('tool_calls' in choices[0].message, false);
});

test('E23 a reader that stops reading pauses its own stream only, and finds all of it later', async (t) => {
  const wire = await Wire.open(t, shared.server);
  await wire.send(chatRequest({ stream: true, max_tokens: 20_000, ignore_eos: true, temperature: 1 }));
  assert.equal((await wire.head()).status, 200);
  wire.socket.pause();
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${shared.server.shimmy.pid}/status`, 'utf8'))[1]);
  const before = resident();
  for (let i = 0; i < 3; ++i) assert.equal((await chat({ max_tokens: 300 })).status, 200);
  assert.ok(resident() - before < 20 << 10, `${resident() - before} KiB`);
  wire.discard();
  wire.socket.resume();
  wire.socket.destroy();
});

// One sequence: whoever is answered knows that the one before is gone.
async function lonely(t) {
  return Server.start(t, homeWithModel(t), ['tiny', '--ctx', '65536', '--parallel', '1', '--log-level', 'warning']);
}

test('E24 a hundred clients that leave at any moment leave a server that serves', async (t) => {
  const server = await lonely(t);
  const body = chatBody(kEndless);
  const whole = request('POST', '/v1/chat/completions', [], body);
  for (let i = 0; i < 100; ++i) {
    const wire = await Wire.open(t, server);
    const part = [20, whole.length - 10, whole.length, whole.length, whole.length][i % 5];
    await wire.send(whole.subarray(0, part));
    if (i % 5 === 3) await wire.head();
    if (i % 5 === 4) await wire.take('data: ');
    if (i % 2) wire.socket.destroy();
    else wire.socket.resetAndDestroy();
  }
  assert.equal((await server.chat({ max_tokens: 4 })).status, 200);
  await server.stop();
});

test('E24 a client that leaves while its request waits for another is forgotten', async (t) => {
  const server = await lonely(t);
  for (let i = 0; i < 20; ++i) {
    const running = await Wire.open(t, server);
    await running.send(chatRequest(kEndless));
    await running.take('data: ');
    for (const more of [{ stream: true }, { stream: false }]) {
      const waiting = await Wire.open(t, server);
      await waiting.send(chatRequest(more));
      assert.equal((await server.get('/live')).status, 200);
      waiting.socket.destroy();
    }
    running.socket.destroy();
  }
  assert.equal((await server.chat({ max_tokens: 4 })).status, 200);
});

test('E24 a client that leaves as its embedding is computed is forgotten', async (t) => {
  const server = await lonely(t);
  for (let i = 0; i < 30; ++i) {
    const wire = await Wire.open(t, server);
    await wire.send(request('POST', '/v1/embeddings', [], JSON.stringify({ model: 'tiny', input: Array(20).fill('some words') })));
    wire.socket.destroy();
  }
  assert.equal((await server.post('/v1/embeddings', { model: 'tiny', input: 'a' })).status, 200);
});

const kStreams = {
  '/v1/chat/completions': { messages: [{ role: 'user', content: 'Hi' }] },
  '/v1/completions': { prompt: 'Hi' },
  '/api/generate': { prompt: 'Hi' },
};

test('HTTP-7 E26 headers come before the first token, and a sign of life on every stream that waits', async (t) => {
  const server = await lonely(t);
  const running = await Wire.open(t, server);
  await running.send(chatRequest(kEndless));
  await running.take('data: ');
  running.discard();
  const start = performance.now();
  const waiting = await Promise.all(Object.entries(kStreams).map(async ([route, more]) => {
    const wire = await Wire.open(t, server);
    await wire.send(request('POST', route, [], JSON.stringify({ model: 'tiny', stream: true, max_tokens: 2, ignore_eos: true, ...more })));
    const { status, headers } = await wire.head();
    assert.deepEqual([status, headers['content-type']], [200, 'text/event-stream; charset=utf-8']);
    return wire;
  }));
  assert.ok(performance.now() - start < 1000, 'the headers waited for the model');
  for (const wire of waiting) await wire.take(': ka\n\n');
  assert.ok(performance.now() - start < 11_500, `${performance.now() - start} ms`);
  running.socket.destroy();
  for (const wire of waiting) assert.match((await wire.take('data: [DONE]\n\n')).toString(), /\[DONE\]/);
});

for (const count of [8, 64]) {
  test(`E31 ${count} streams keep their texts, ids and counts apart`, async () => {
    const words = Array.from({ length: count }, (_, i) => `stream ${i} of ${count}: ${'abcdefgh'[i % 8].repeat(20 + i)}`);
    const asked = (text) => streamed({ grammar: `root ::= "${text}"`, max_tokens: 200, ignore_eos: false, stream_options: { include_usage: true } });
    const all = await within(Promise.all(words.map(asked)), 'the streams', 60_000);
    assert.equal(new Set(all.map((stream) => stream[0].id)).size, count);
    for (const [i, stream] of all.entries()) {
      assert.equal(new Set(stream.map((chunk) => chunk.id)).size, 1);
      assert.equal(contentOf(stream), words[i]);
      const { completion_tokens } = stream.at(-1).usage;
      assert.ok(completion_tokens > 0 && completion_tokens <= words[i].length);
    }
  });
}

test('E31 a long stream does not hold up short ones', async () => {
  const log = [];
  const long = (async () => {
    for await (const event of events(await chat({ stream: true, max_tokens: 800 }))) log.push(event === '[DONE]' ? 'long' : '.');
  })();
  for (let i = 0; i < 5; ++i) {
    await content({ max_tokens: 5 });
    log.push('short');
  }
  await long;
  assert.ok(log.lastIndexOf('short') < log.indexOf('long'));
});
