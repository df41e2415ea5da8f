// SIGTERM and SIGINT in every state that a server can be in: it ends in time, and says why to whoever waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { Frames } from './frames.mjs';
import { homeWithModel, Server, Shimmy } from './shimmy.mjs';
import { chatBody, chatRequest, request, Wire } from './wire.mjs';

const kEndless = { stream: true, ignore_eos: true, max_tokens: -1 };
const kLong = ['tiny', '--ctx', '65536'];
const kStopped = { code: 0, signal: null };
// A drain of a second, one more for what must be cut, and what a busy machine adds.
const kSoon = 8_000;

const start = (t, args = []) => Server.start(t, homeWithModel(t), args);

async function stream(t, server, more = {}) {
  const wire = await Wire.open(t, server);
  await wire.send(chatRequest({ ...kEndless, ...more }));
  assert.equal((await wire.head())?.status, 200);
  return wire;
}

const draining = (server) => server.shimmy.until(({ stderr }) => /stopping/.test(stderr), 'the word that it stops');

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} ends an idle server at once, whatever sockets are open`, async (t) => {
    const server = await start(t);
    const idle = await Promise.all(Array.from({ length: 50 }, () => Wire.open(t, server)));
    const used = await Promise.all(Array.from({ length: 50 }, () => Wire.open(t, server)));
    for (const wire of used) assert.equal((await wire.ask(request('GET', '/health'))).status, 200);
    const before = performance.now();
    await server.stop(signal);
    assert.ok(performance.now() - before < kSoon);
    for (const wire of [...idle, ...used]) assert.equal((await wire.rest()).length, 0);
  });
}

test('a half-sent request is answered with 408 when the drain is over', async (t) => {
  const server = await start(t, ['--drain-timeout', '1']);
  const body = chatBody();
  const halves = ['GET /hea', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n', request('POST', '/v1/chat/completions', [`Content-Length: ${body.length}`]).toString() + body.slice(0, 10)];
  const wires = await Promise.all(halves.map(async (text) => {
    const wire = await Wire.open(t, server);
    await wire.send(text);
    return wire;
  }));
  // Answered after them by the one I/O thread: they have been read.
  assert.equal((await server.get('/health')).status, 200);
  server.shimmy.signal('SIGTERM');
  for (const wire of wires) {
    const answer = await wire.answer();
    assert.equal(answer?.status, 408);
    assert.match(answer.json().error.message, /stopping/);
  }
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('a half-sent request may still be completed while the server drains', async (t) => {
  const server = await start(t);
  const wire = await Wire.open(t, server);
  const body = chatBody();
  await wire.send(request('POST', '/v1/chat/completions', [`Content-Length: ${body.length}`]).toString() + body.slice(0, 10));
  assert.equal((await server.get('/health')).status, 200);
  server.shimmy.signal('SIGTERM');
  await draining(server);
  await wire.send(body.slice(10));
  const answer = await wire.answer();
  assert.equal(answer?.status, 200);
  assert.equal(answer.headers.connection.toLowerCase(), 'close');
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('E25 a hundred open streams are told the reason and end properly', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '1', '--parallel', '8']);
  const wires = await Promise.all(Array.from({ length: 100 }, () => stream(t, server)));
  server.shimmy.signal('SIGTERM');
  const before = performance.now();
  for (const wire of wires) {
    const text = (await wire.rest()).toString();
    assert.match(text, /data: \{"error":\{"message":"[^"]*stopping[^"]*","type":"server_error","param":null,"code":"[a-z_]+".*\}\}\n\n\r\n0\r\n\r\n$/, text.slice(-300));
    assert.doesNotMatch(text, /\[DONE\]/);
  }
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
  assert.ok(performance.now() - before < kSoon);
});

const kKinds = {
  '/v1/chat/completions': { messages: [{ role: 'user', content: 'Hi' }] },
  '/v1/completions': { prompt: 'Hi' },
  '/api/generate': { prompt: 'Hi' },
};

test('E25 each kind of stream is told in the envelope of its surface', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '0']);
  const wires = await Promise.all(Object.entries(kKinds).map(async ([route, more]) => {
    const wire = await Wire.open(t, server);
    await wire.send(request('POST', route, [], JSON.stringify({ model: 'tiny', ...kEndless, ...more })));
    await wire.take('data: ');
    return [route, wire];
  }));
  server.shimmy.signal('SIGTERM');
  for (const [route, wire] of wires) {
    const last = (await wire.rest()).toString().split('data: ').at(-1).split('\n')[0];
    const { error } = JSON.parse(last);
    assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code', 'details']);
    assert.equal(error.code, route === '/api/generate' ? 'server_error' : 'server_overloaded', route);
  }
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('E25 answers that are not streamed are told as well', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '0']);
  const wire = await Wire.open(t, server);
  await wire.send(chatRequest({ max_tokens: -1, ignore_eos: true }));
  await stream(t, server); // accepted after it
  server.shimmy.signal('SIGTERM');
  const answer = await wire.answer();
  assert.equal(answer?.status, 503);
  assert.match(answer.json().error.message, /stopping/);
  assert.match(answer.headers['retry-after'], /^\d+$/);
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('E25 a client that reads nothing holds up no stop', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '0']);
  const wire = await stream(t, server);
  wire.socket.pause();
  await stream(t, server);
  server.shimmy.signal('SIGTERM');
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('NAT-4 a WebSocket is told and closed with 1001', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '0']);
  const [busy, idle] = [await Frames.open(t, server), await Frames.open(t, server)];
  await busy.ask({ max_tokens: -1 });
  await busy.message();
  server.shimmy.signal('SIGTERM');
  assert.equal(await idle.closed(), 1001);
  for (;;) {
    const message = await busy.message();
    if (!message.error) continue;
    assert.match(message.error.message, /stopping/);
    break;
  }
  assert.equal(await busy.closed(), 1001);
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('NAT-4 a text that ends within the drain ends well on its WebSocket', async (t) => {
  const server = await start(t, kLong);
  const socket = await Frames.open(t, server);
  await socket.ask({ max_tokens: 500 });
  await socket.message();
  server.shimmy.signal('SIGTERM');
  assert.equal((await socket.answer()).done.finish_reason, 'length');
  assert.equal(await socket.closed(), 1001);
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('a server that drains says that it is not ready', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '3600']);
  const running = await stream(t, server);
  // A request that has begun before: it is still answered.
  const wires = await Promise.all(['/ready', '/health', '/api/health', '/live'].map(async (target) => {
    const wire = await Wire.open(t, server);
    await wire.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n`);
    return wire;
  }));
  assert.equal((await server.get('/live')).status, 200);
  server.shimmy.signal('SIGTERM');
  await draining(server);
  const statuses = [];
  for (const wire of wires) statuses.push((await wire.ask('\r\n'))?.status);
  assert.deepEqual(statuses, [503, 503, 503, 200]);
  running.socket.destroy();
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
});

test('the second signal ends everything at once', async (t) => {
  const server = await start(t, [...kLong, '--drain-timeout', '3600']);
  const wires = await Promise.all(Array.from({ length: 20 }, () => stream(t, server)));
  const half = await Wire.open(t, server);
  await half.send('GET /hea');
  server.shimmy.signal('SIGINT');
  await draining(server);
  server.shimmy.signal('SIGINT');
  assert.deepEqual(await server.shimmy.end(kSoon), { code: 130, signal: null });
  for (const wire of wires) assert.doesNotMatch((await wire.rest()).toString(), /\[DONE\]/);
});

test('a signal at any moment of the start, the loading of the first model included, ends the server', async (t) => {
  const home = homeWithModel(t);
  const ends = Array.from({ length: 12 }, async (_, i) => {
    const shimmy = new Shimmy(home, ['serve', 'tiny', '--port', '0']);
    t.after(() => shimmy.signal('SIGKILL'));
    await delay(8 * i); // no matter what it does by then
    shimmy.signal('SIGTERM');
    return shimmy.end(kSoon);
  });
  for (const { code, signal } of await Promise.all(ends)) assert.ok(code === 0 || code === 143 || signal === 'SIGTERM', `${code} ${signal}`);
});

test('a signal while a model is loaded for a request ends the server, and the request is told', async (t) => {
  const home = homeWithModel(t);
  const server = await Server.start(t, home, ['--drain-timeout', '0']);
  const wires = await Promise.all(Array.from({ length: 4 }, () => Wire.open(t, server)));
  for (const wire of wires) wire.send(chatRequest({ max_tokens: -1, ignore_eos: true }));
  server.shimmy.signal('SIGTERM');
  assert.deepEqual(await server.shimmy.end(kSoon), kStopped);
  for (const wire of wires) {
    const answer = await wire.answer();
    assert.ok(answer === null || [200, 408, 503].includes(answer.status), answer?.status);
  }
});
