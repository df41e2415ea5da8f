// The WebSocket of shimmy's own API, through the package that Node programs use.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';

import WebSocket from 'ws';

import { homeWithModel, Server } from '../functional/shimmy.mjs';
import { kLongContext, sharedServer, tinyServer, within } from './clients.mjs';

const shared = sharedServer((t) => tinyServer(t, [...kLongContext, '--parallel', '1']));
const address = (server) => `${server.url.replace('http', 'ws')}/ws/generate`;
const kShort = { model: 'tiny', prompt: 'Hi', max_tokens: 8, temperature: 0 };
const kEndless = { ...kShort, max_tokens: -1, ignore_eos: true };

// An open socket, closed after the test, whose frames wait in order.
async function connect(t, options = {}) {
  const socket = new WebSocket(address(shared.server), options);
  t.after(() => socket.terminate());
  const frames = [];
  const waiting = [];
  socket.on('message', (bytes, isBinary) => {
    const frame = isBinary ? bytes : JSON.parse(bytes.toString());
    if (waiting.length > 0) waiting.shift()(frame);
    else frames.push(frame);
  });
  const opened = new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  await within(opened, 'the WebSocket to open');
  const next = () => within(frames.length > 0 ? frames.shift() : new Promise((resolve) => waiting.push(resolve)), 'a frame');
  return { socket, next, ask: (request) => socket.send(JSON.stringify(request)) };
}

// The text of one generation.
async function answer({ next }) {
  for (let text = ''; ;) {
    const frame = await next();
    if (frame.done) return { text, frame };
    assert.deepEqual(Object.keys(frame), ['token']);
    text += frame.token;
  }
}

async function closed(socket) {
  const [code, reason] = await within(new Promise((resolve) => socket.on('close', (...end) => resolve(end))), 'the close');
  return { code, reason: reason.toString() };
}

test('NAT-4 tokens come, then done, with the text that HTTP gives', async (t) => {
  const socket = await connect(t);
  socket.ask(kShort);
  const { text, frame } = await answer(socket);
  assert.equal(frame.finish_reason, 'length');
  assert.equal(frame.usage.completion_tokens, 8);
  const whole = await (await shared.server.post('/api/generate', kShort)).json();
  assert.equal(text, whole.choices[0].text);
});

test('NAT-4 several generations of a socket are answered in order', async (t) => {
  const socket = await connect(t);
  for (const max_tokens of [1, 2, 3]) socket.ask({ ...kShort, max_tokens, ignore_eos: true });
  for (const max_tokens of [1, 2, 3]) assert.equal((await answer(socket)).frame.usage.completion_tokens, max_tokens);
});

test('NAT-4 messages with a system message are taken', async (t) => {
  const socket = await connect(t);
  socket.ask({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }], system: 'Be brief.', top_p: 0.9, top_k: 5, seed: 3, stop: ['zz'], max_tokens: 4 });
  assert.equal((await answer(socket)).frame.done, true);
});

test('NAT-4 an error is a frame and the socket stays', async (t) => {
  const socket = await connect(t);
  for (const [request, code] of [['{"model":', 'invalid_request'], ['[]', 'invalid_request'], [JSON.stringify({ ...kShort, model: 'none' }), 'model_not_found'], [JSON.stringify({ ...kShort, top_p: 7 }), 'invalid_request']]) {
    socket.socket.send(request);
    const { error } = await socket.next();
    assert.equal(error.code, code);
    assert.equal(typeof error.message, 'string');
    assert.equal(typeof error.details, 'string');
  }
  socket.ask(kShort);
  assert.equal((await answer(socket)).frame.done, true);
});

test('NAT-4 a ping is answered while text is generated', async (t) => {
  const socket = await connect(t);
  socket.ask(kEndless);
  await socket.next();
  const pong = new Promise((resolve) => socket.socket.on('pong', (bytes) => resolve(bytes.toString())));
  socket.socket.ping('still there?');
  assert.equal(await within(pong, 'the pong'), 'still there?');
});

test('NAT-4 a message in fragments is one', async (t) => {
  const socket = await connect(t);
  const text = JSON.stringify(kShort);
  for (let i = 0; i < text.length; i += 10) socket.socket.send(text.slice(i, i + 10), { fin: i + 10 >= text.length });
  assert.equal((await answer(socket)).frame.done, true);
});

for (const [how, leave] of [['a close', (socket) => socket.close()], ['a cut', (socket) => socket.terminate()]]) {
  test(`NAT-4 ${how} frees the engine`, async (t) => {
    const socket = await connect(t);
    socket.ask(kEndless);
    await socket.next();
    leave(socket.socket);
    assert.equal((await shared.server.chat({ max_tokens: 1 })).status, 200);
  });
}

test('NAT-4 a close is answered with its code', async (t) => {
  const { socket } = await connect(t);
  socket.close(1000, 'bye');
  assert.equal((await closed(socket)).code, 1000);
});

test('NAT-4 a binary message closes with 1003', async (t) => {
  const { socket } = await connect(t);
  socket.send(Buffer.from([0, 1, 2]));
  assert.equal((await closed(socket)).code, 1003);
});

test('NAT-4 a message that is too large closes with 1009', async (t) => {
  const { socket } = await connect(t, { perMessageDeflate: false });
  socket.on('error', () => {});
  socket.send(`{"model":"tiny","prompt":"${'a'.repeat(65 << 20)}"}`);
  assert.equal((await closed(socket)).code, 1009);
});

test('NAT-4 text that is no UTF-8 closes with 1007', async (t) => {
  const { socket } = await connect(t);
  socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
  assert.equal((await closed(socket)).code, 1007);
});

test('E30 a foreign page gets no WebSocket', async () => {
  const socket = new WebSocket(address(shared.server), { origin: 'https://evil.example' });
  const refused = new Promise((resolve, reject) => {
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.on('open', () => reject(new Error('it opened')));
    socket.on('error', reject);
  });
  assert.equal(await within(refused, 'the refusal'), 403);
});

test('HTTP-9 a plain request for the WebSocket is refused in words', async () => {
  const response = await shared.server.get('/ws/generate');
  assert.ok(response.status >= 400 && response.status < 500, response.status);
  assert.match((await response.json()).error.message, /\S/);
});

test('wss with a key, as a program on another machine would use it', async (t) => {
  const home = homeWithModel(t);
  const [key, cert] = [`${home}/server.key`, `${home}/server.crt`];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', '-newkey', 'rsa:2048', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = await Server.start(t, home, ['--tls-cert', cert, '--tls-key', key, '--api-key', 'secret']);
  const socket = new WebSocket(address(server), { ca: fs.readFileSync(cert), headers: { Authorization: 'Bearer secret' } });
  t.after(() => socket.terminate());
  const done = new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify(kShort))).on('error', reject);
    socket.on('message', (bytes) => JSON.parse(bytes).done && resolve(JSON.parse(bytes)));
  });
  assert.equal((await within(done, 'the last frame')).usage.completion_tokens, 8);
});
