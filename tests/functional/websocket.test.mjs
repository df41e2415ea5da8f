// The WebSocket of shimmy's own API, frame by frame: wire.md NAT-4 and RFC 6455.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { closing, frame, Frames, kBinary, kClose, kContinuation, kPing, kPong, kText, kUpgrade } from './frames.mjs';
import { homeWithModel, Server, sharedServer } from './shimmy.mjs';
import { request, Wire } from './wire.mjs';

// One generation at a time: whoever is answered knows that the one before has ended.
const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768', '--parallel', '1', '--log-level', 'warning']));
const open = (t, more) => Frames.open(t, shared.server, more);
const kEndless = { max_tokens: -1 };
const kMessage = JSON.stringify({ model: 'tiny', prompt: 'Hi', max_tokens: 2 });

async function assertFree() {
  assert.equal((await shared.server.chat({ max_tokens: 1 })).status, 200);
}

test('NAT-4 the handshake is that of the RFC', async (t) => {
  const { head } = await open(t);
  assert.equal(head.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  assert.equal(head.headers.upgrade.toLowerCase(), 'websocket');
  assert.equal(head.headers.connection.toLowerCase(), 'upgrade');
  assert.match(head.headers['x-request-id'], /^req_/);
  assert.equal('sec-websocket-extensions' in head.headers, false);
});

test('NAT-4 the text is that of POST /api/generate', async (t) => {
  const socket = await open(t);
  await socket.ask();
  const { text, done } = await socket.answer();
  assert.deepEqual([done.finish_reason, done.usage.completion_tokens], ['length', 8]);
  const whole = await (await shared.server.post('/api/generate', { model: 'tiny', prompt: 'Hi', max_tokens: 8, temperature: 0, ignore_eos: true })).json();
  assert.equal(text, whole.choices[0].text);
});

test('NAT-4 without max_tokens there are 100', async (t) => {
  const socket = await open(t);
  await socket.ask({ max_tokens: undefined });
  assert.equal((await socket.answer()).done.usage.completion_tokens, 100);
});

test('NAT-4 several generations of a socket are answered one after another', async (t) => {
  const socket = await open(t);
  for (const max_tokens of [5, 1, 3]) await socket.ask({ max_tokens });
  for (const max_tokens of [5, 1, 3]) assert.equal((await socket.answer()).done.usage.completion_tokens, max_tokens);
});

test('NAT-4 several sockets each get their own text', async (t) => {
  const seeds = [1, 2, 3, 4];
  const texts = await Promise.all(seeds.map(async (seed) => {
    const socket = await open(t);
    await socket.ask({ temperature: 1, seed, max_tokens: 24 });
    return (await socket.answer()).text;
  }));
  assert.equal(new Set(texts).size, seeds.length);
});

test('NAT-4 what waits on a socket has a limit that is told', async (t) => {
  const socket = await open(t);
  await socket.ask(kEndless);
  await socket.message();
  for (let i = 0; i < 40; ++i) await socket.ask({ max_tokens: 1 });
  for (;;) {
    const message = await socket.message();
    if (!message.error) continue;
    assert.match(message.error.message, /wait/);
    break;
  }
});

const refusals = {
  'no JSON': ['{"model":', 'invalid_request'],
  'no object': ['[]', 'invalid_request'],
  'an empty message': ['', 'invalid_request'],
  'no model': ['{"prompt":"Hi"}', 'invalid_request'],
  'an unknown model': ['{"model":"none","prompt":"Hi"}', 'model_not_found'],
  'a wrong type': ['{"model":"tiny","prompt":7}', 'invalid_request'],
  'a long prompt': [JSON.stringify({ model: 'tiny', prompt: 'word '.repeat(40_000) }), 'invalid_request'],
  'deep nesting': ['['.repeat(100_000), 'invalid_request'],
};
for (const [what, [text, code]] of Object.entries(refusals)) {
  test(`NAT-4 NAT-5 ${what} is an error frame, and the socket stays`, async (t) => {
    const socket = await open(t);
    await socket.send(kText, text);
    const { error } = await socket.message();
    assert.equal(error.code, code);
    for (const key of ['message', 'details']) assert.equal(typeof error[key], 'string', key);
    await socket.ask({ max_tokens: 1 });
    await socket.answer();
  });
}

test('NAT-4 fragments are one message, with a ping among them', async (t) => {
  const socket = await open(t);
  await socket.send(kText, kMessage.slice(0, 5), { isFinal: false });
  await socket.send(kPing, 'in between');
  await socket.send(kContinuation, '', { isFinal: false });
  for (const byte of kMessage.slice(5)) await socket.send(kContinuation, byte, { isFinal: false });
  await socket.send(kContinuation, '');
  const { opcode, payload } = await socket.next();
  assert.deepEqual([opcode, payload.toString()], [kPong, 'in between']);
  await socket.answer();
});

test('NAT-4 a frame that comes byte by byte is read', async (t) => {
  const socket = await open(t);
  for (const byte of frame(kText, kMessage)) await socket.wire.send(Buffer.from([byte]));
  await socket.answer();
});

test('NAT-4 what comes with the handshake is read', async (t) => {
  const wire = await Wire.open(t, shared.server);
  await wire.send(Buffer.concat([request('GET', '/ws/generate', kUpgrade), frame(kPing, 'early')]));
  assert.equal((await wire.head()).status, 101);
  assert.equal((await wire.bytes(7)).toString('latin1'), '\x8a\x05early');
});

test('NAT-4 a ping is answered in the middle of a text', async (t) => {
  const socket = await open(t);
  await socket.ask(kEndless);
  await socket.message();
  await socket.send(kPing, 'x'.repeat(125));
  for (;;) {
    const { opcode, payload } = await socket.next();
    if (opcode !== kPong) continue;
    assert.equal(payload.length, 125);
    break;
  }
});

test('NAT-4 an unasked pong is nobody\'s business', async (t) => {
  const socket = await open(t);
  await socket.send(kPong, 'hm');
  await socket.ask({ max_tokens: 1 });
  await socket.answer();
});

for (const code of [1000, 1001, 3000, 4999]) {
  test(`NAT-4 a close with ${code} is answered with it`, async (t) => {
    const socket = await open(t);
    await socket.wire.send(closing(code, 'bye'));
    assert.equal(await socket.closed(), code);
    assert.equal(await socket.next(), null);
  });
}

test('NAT-4 a close without a code is answered without one', async (t) => {
  const socket = await open(t);
  await socket.send(kClose);
  assert.equal(await socket.closed(), null);
});

const violations = {
  'an unmasked frame': [frame(kText, kMessage, { isMasked: false }), 1002],
  'a reserved bit': [frame(kText, kMessage, { reserved: 4 }), 1002],
  'an unknown kind': [frame(3, 'x'), 1002],
  'an unknown control': [frame(11, 'x'), 1002],
  'a ping in fragments': [frame(kPing, 'x', { isFinal: false }), 1002],
  'a ping of 126 bytes': [frame(kPing, 'x'.repeat(126)), 1002],
  'a continuation of nothing': [frame(kContinuation, 'x'), 1002],
  'a message within another': [Buffer.concat([frame(kText, 'a', { isFinal: false }), frame(kText, 'b')]), 1002],
  'a length beyond 63 bits': [Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), 1002],
  'a close of one byte': [frame(kClose, 'x'), 1002],
  'a close with a code of nobody': [closing(1005), 1002],
  'a close with a reason that is no text': [frame(kClose, Buffer.from([3, 232, 0xff])), 1007],
  'a binary message': [frame(kBinary, 'x'), 1003],
  'text that is no UTF-8': [frame(kText, Buffer.from([0x22, 0xff, 0x22])), 1007],
  'a surrogate in UTF-8': [frame(kText, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 1007],
  'text cut in a letter': [frame(kText, Buffer.from([0x22, 0xc3])), 1007],
  'a message said to be too large': [frame(kText, '', { length: 1 << 30 }), 1009],
  'fragments that are too large together': [Buffer.concat(Array(5).fill().map((_, i) => frame(i ? kContinuation : kText, 'x'.repeat(4 << 20), { isFinal: false }))), 1009],
};
for (const [what, [bytes, code]] of Object.entries(violations)) {
  test(`NAT-4 ${what} closes with ${code}`, async (t) => {
    const socket = await open(t);
    socket.wire.send(bytes);
    assert.equal(await socket.closed(), code);
    assert.equal(await socket.next(), null);
  });
}

test('NAT-4 a letter split over two fragments is a letter', async (t) => {
  const socket = await open(t);
  const text = Buffer.from(JSON.stringify({ model: 'tiny', prompt: 'é😀', max_tokens: 1 }));
  const at = text.indexOf('é') + 1;
  await socket.send(kText, text.subarray(0, at), { isFinal: false });
  await socket.send(kContinuation, text.subarray(at));
  await socket.answer();
});

const leavings = {
  'a close': (socket) => socket.wire.send(closing(1000)),
  'a cut': (socket) => socket.wire.socket.resetAndDestroy(),
  'an end': (socket) => socket.wire.socket.destroy(),
  'a violation': (socket) => socket.wire.send(frame(kBinary, 'x')),
};
for (const [how, leave] of Object.entries(leavings)) {
  test(`NAT-4 E24 ${how} in the middle of a text ends the generation`, async (t) => {
    const socket = await open(t);
    await socket.ask(kEndless);
    await socket.message();
    leave(socket);
    await assertFree();
  });
}

test('NAT-4 E24 a socket that leaves with requests waiting takes them along', async (t) => {
  const socket = await open(t);
  for (let i = 0; i < 10; ++i) await socket.ask(kEndless);
  await socket.message();
  socket.wire.socket.destroy();
  await assertFree();
});

const handshakes = {
  'another version': [kUpgrade.map((line) => line.replace('13', '8')), 426],
  'no key': [kUpgrade.slice(0, 3), 400],
  'a short key': [[...kUpgrade.slice(0, 3), 'Sec-WebSocket-Key: YWJj'], 400],
  'no Connection': [kUpgrade.slice(1), 400],
  'another protocol': [['Connection: Upgrade', 'Upgrade: h2c'], 426],
  'a foreign page': [[...kUpgrade, 'Origin: https://evil.example'], 403],
  'a page without an origin': [[...kUpgrade, 'Origin: null'], 403],
  'a foreign host': [[...kUpgrade, 'Host: evil.example'], 403],
};
for (const [what, [headers, status]] of Object.entries(handshakes)) {
  test(`NAT-4 E30 ${what} gets no WebSocket, but ${status}`, async (t) => {
    const answer = await (await Wire.open(t, shared.server)).ask(request('GET', '/ws/generate', headers));
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.json().error.message, /\S/);
    if (status === 426) assert.equal(answer.headers.upgrade, 'websocket');
  });
}

test('NAT-4 a page from this machine gets one, and headers may be written otherwise', async (t) => {
  await open(t, { headers: ['Origin: http://localhost:3000'] });
  const wire = await Wire.open(t, shared.server);
  await wire.send(request('GET', '/ws/generate/?token=1', ['connection: keep-alive, UPGRADE', 'UPGRADE: WebSocket', ...kUpgrade.slice(2)]));
  assert.equal((await wire.head()).status, 101);
});

test('NAT-4 POST is no way to a WebSocket', async (t) => {
  const answer = await (await Wire.open(t, shared.server)).ask(request('POST', '/ws/generate', kUpgrade, '{}'));
  assert.equal(answer.status, 405);
});

test('NAT-4 an Upgrade elsewhere is passed over', async (t) => {
  const answer = await (await Wire.open(t, shared.server)).ask(request('GET', '/health', kUpgrade));
  assert.equal(answer.status, 200);
});

test('NAT-4 a client that does not read holds up nobody', async (t) => {
  const server = await Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768', '--log-level', 'warning']);
  const lazy = await Frames.open(t, server);
  lazy.wire.socket.pause();
  await lazy.ask(kEndless);
  for (let i = 0; i < 3; ++i) assert.equal((await server.chat({ max_tokens: 200, ignore_eos: true })).status, 200);
});

test('NAT-4 E29 a WebSocket needs the key and counts against its limits', async (t) => {
  const server = await Server.start(t, homeWithModel(t), ['--api-key', 'secret-key', '--rate-limit-requests', '1']);
  const upgrade = async (...headers) => {
    const wire = await Wire.open(t, server);
    await wire.send(request('GET', '/ws/generate', [...kUpgrade, ...headers]));
    return (await wire.head()).status;
  };
  assert.equal(await upgrade(), 401);
  assert.equal(await upgrade('x-api-key: secret-key'), 101);
  assert.equal(await upgrade('x-api-key: secret-key'), 429);
});
