// Requests byte by byte, whole, cut, pipelined and hostile: wire.md section 1 and E27.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';

import { homeWithModel, Server, sharedServer, within } from './shimmy.mjs';
import { chatBody, chatRequest, request, Wire } from './wire.mjs';

// The server's own limits.
const kBodyBytes = 64 << 20;
const kQuickMs = 2000; // far above what a refusal takes

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '16384', '--log-level', 'warning']));
const open = (t) => Wire.open(t, shared.server);
const health = request('GET', '/health');

function assertError(answer, status) {
  assert.equal(answer?.status, status, answer?.body);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.match(answer.json().error.message, /\S/);
}

// Refused with this status, and the connection is of no more use: nothing after it is ever answered.
async function assertRefused(t, bytes, status) {
  const wire = await open(t);
  await wire.send(bytes);
  assertError(await wire.answer('POST'), status);
  assert.equal((await wire.rest()).toString(), '', 'something was answered after the refusal');
}

const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const kLastChunk = '0\r\n\r\n';
const kChunked = 'Transfer-Encoding: chunked';
const head = (headers) => request('POST', '/v1/chat/completions', headers);
const post = (headers, body) => Buffer.concat([head(headers), Buffer.from(body)]);
// Behind a body that two servers could measure differently.
const kSmuggled = 'GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

test('HTTP-1 a connection serves one request after another', async (t) => {
  const wire = await open(t);
  for (let i = 0; i < 20; ++i) {
    assert.equal((await wire.ask(health)).status, 200);
    assert.equal((await wire.ask(chatRequest())).status, 200);
  }
  const { headers } = await wire.ask(health);
  const promised = /timeout=(\d+)/.exec(headers['keep-alive'] ?? '');
  assert.ok(!promised || Number(promised[1]) >= 75, headers['keep-alive']);
});

test('HTTP-1 Connection: close is done', async (t) => {
  const wire = await open(t);
  const answer = await wire.ask(request('GET', '/health', ['Connection: close']));
  assert.equal(answer.headers.connection.toLowerCase(), 'close');
  assert.equal((await wire.rest()).length, 0);
});

test('HTTP-2 a body comes by its length or in chunks, of any size', async (t) => {
  const wire = await open(t);
  const body = chatBody();
  const pieces = [[body], [...body], [body.slice(0, 7), body.slice(7)]];
  for (const texts of pieces) assert.equal((await wire.ask(post([kChunked], texts.map(chunk).join('') + kLastChunk))).status, 200);
  assert.equal((await wire.ask(chatRequest())).status, 200);
});

test('HTTP-2 chunks may have extensions and trailers', async (t) => {
  const wire = await open(t);
  const body = chatBody();
  const framed = `${body.length.toString(16).toUpperCase()};name=value;other="a;b"\r\n${body}\r\n000\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n`;
  assert.equal((await wire.ask(post([kChunked], framed))).status, 200);
  assert.equal((await wire.ask(health)).status, 200);
});

test('E27 a request that comes byte by byte is read', async (t) => {
  const wire = await open(t);
  wire.socket.setNoDelay(true);
  for (const byte of chatRequest()) await wire.send(Buffer.from([byte]));
  assert.equal((await wire.answer()).status, 200);
});

const smuggling = {
  'both lengths': post([kChunked, 'Content-Length: 4'], `${kLastChunk}${kSmuggled}`),
  'both lengths, the other way round': post(['Content-Length: 6', kChunked], `${kLastChunk}${kSmuggled}`),
  'two lengths': post(['Content-Length: 0', `Content-Length: ${kSmuggled.length}`], kSmuggled),
  'two equal lengths': post(['Content-Length: 2', 'Content-Length: 2'], `{}${kSmuggled}`),
  'a list of lengths': post(['Content-Length: 2, 2'], `{}${kSmuggled}`),
  'a negative length': post(['Content-Length: -1'], kSmuggled),
  'a length with a sign': post(['Content-Length: +2'], `{}${kSmuggled}`),
  'a hexadecimal length': post(['Content-Length: 0x2'], `{}${kSmuggled}`),
  'an empty length': post(['Content-Length:'], kSmuggled),
  'a length beyond 64 bits': post(['Content-Length: 18446744073709551618'], `{}${kSmuggled}`),
  'chunked with a space before the colon': post(['Transfer-Encoding : chunked'], `${kLastChunk}${kSmuggled}`),
  'a header name with a line feed': post(['X: a\nTransfer-Encoding: chunked'], `${kLastChunk}${kSmuggled}`),
  'a header with a carriage return': post(['X: a\rContent-Length: 3'], kSmuggled),
  'a header with a NUL': post(['X: a\0b'], kSmuggled),
  'a header without a colon': post(['Transfer-Encoding chunked'], kSmuggled),
  'a header without a name': post([': chunked'], kSmuggled),
  'two Hosts': post(['Host: 127.0.0.1', 'Host: localhost'], kSmuggled),
  'no Host': Buffer.from(`GET /health HTTP/1.1\r\n\r\n${kSmuggled}`),
  'chunked in HTTP/1.0': Buffer.from(`POST / HTTP/1.0\r\n${kChunked}\r\n\r\n${kLastChunk}${kSmuggled}`),
};
for (const [what, bytes] of Object.entries(smuggling)) {
  test(`HTTP-2 E27 ${what} is a 400, and nothing after it is read`, (t) => assertRefused(t, bytes, 400));
}

test('HTTP-2 E27 a folded line belongs to the one before, if it is taken at all', async (t) => {
  const wire = await open(t);
  await wire.send(post(['X-A: b', ' Content-Length: 4'], `${health}${kSmuggled}`));
  const { status } = await wire.answer('POST');
  const next = await wire.answer();
  assert.equal(status, 400);
  assert.ok(next === null || next.json().status === 'ok', 'the folded line counted as a header');
});

for (const coding of ['gzip', 'gzip, chunked', 'chunked, chunked', 'chunked, identity', 'xchunked', '"chunked"']) {
  test(`HTTP-2 the transfer encoding ${coding} is refused`, async (t) => {
    const wire = await open(t);
    await wire.send(post([`Transfer-Encoding: ${coding}`], `${kLastChunk}${kSmuggled}`));
    const { status } = await wire.answer('POST');
    assert.ok([400, 501].includes(status), status);
    assert.equal((await wire.rest()).length, 0);
  });
}

const badChunks = {
  'no number': 'zz\r\n{}\r\n',
  'a negative number': '-2\r\n{}\r\n',
  'a prefix': '0x2\r\n{}\r\n',
  'a leading space': ' 2\r\n{}\r\n',
  'an empty line': '\r\n{}\r\n',
  'more than 64 bits': `1${'0'.repeat(16)}\r\n{}\r\n`,
  'no line end after the content': '2\r\n{}xx2\r\n{}\r\n',
  'a bare line feed': '2\n{}\r\n',
  'an endless size line': `2;${'x'.repeat(20_000)}`,
  'endless trailers': `0\r\n${'X: y\r\n'.repeat(5000)}`,
};
for (const [what, body] of Object.entries(badChunks)) {
  test(`HTTP-2 a chunk of ${what} is refused`, async (t) => {
    const wire = await open(t);
    await wire.send(post([kChunked], `${body}${kSmuggled}`));
    const answer = await wire.answer('POST');
    assert.ok([400, 413, 431].includes(answer?.status), answer?.status);
    assert.equal((await wire.rest()).length, 0);
  });
}

test('HTTP-2 a body that is too large is refused before it is sent', async (t) => {
  await assertRefused(t, head([`Content-Length: ${kBodyBytes + 1}`]), 413);
  await assertRefused(t, post([kChunked], `${(kBodyBytes + 1).toString(16)}\r\n`), 413);
  await assertRefused(t, post([kChunked], 'ffffffffffffffff\r\n'), 413);
});

test('HTTP-2 many small chunks add up to too much, too', async (t) => {
  const wire = await open(t);
  await wire.send(head([kChunked]));
  const piece = chunk('x'.repeat(1 << 20));
  for (let i = 0; i <= 64 && !wire.isClosed; ++i) await wire.send(piece);
  assertError(await wire.answer('POST'), 413);
});

test('HTTP-2 the largest body is read', async (t) => {
  const wire = await open(t);
  const body = chatBody();
  const answer = await within(wire.ask(chatRequest({}, [`Content-Length: ${kBodyBytes}`]).toString() + ' '.repeat(kBodyBytes - body.length)), 'the answer');
  assert.equal(answer.status, 200);
});

const squeezed = { gzip: gzipSync, deflate: deflateSync, 'GZIP': gzipSync };
for (const [coding, squeeze] of Object.entries(squeezed)) {
  test(`HTTP-3 a body in ${coding} is read`, async (t) => {
    const wire = await open(t);
    const body = squeeze(chatBody());
    const answer = await wire.ask(post([`Content-Encoding: ${coding}`, `Content-Length: ${body.length}`], body));
    assert.equal(answer.status, 200, answer.body);
    assert.equal((await wire.ask(health)).status, 200);
  });
}

for (const coding of ['br', 'compress', 'gzip, gzip', 'rot13']) {
  test(`HTTP-3 a body in ${coding} is a 415`, async (t) => {
    const wire = await open(t);
    assertError(await wire.ask(post([`Content-Encoding: ${coding}`, 'Content-Length: 2'], '{}')), 415);
  });
}

const broken = {
  'is no gzip': Buffer.from('{"model":"tiny"}'),
  'is cut': gzipSync(chatBody()).subarray(0, -12),
  'has a wrong sum': Buffer.concat([gzipSync(chatBody()).subarray(0, -8), Buffer.alloc(8)]),
  'is followed by something else': Buffer.concat([gzipSync(chatBody()), Buffer.from('and more')]),
};
for (const [what, body] of Object.entries(broken)) {
  test(`HTTP-3 a gzip body that ${what} is a 400`, async (t) => {
    const wire = await open(t);
    assertError(await wire.ask(post(['Content-Encoding: gzip', `Content-Length: ${body.length}`], body)), 400);
  });
}

const residentKiB = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${shared.server.shimmy.pid}/status`, 'utf8'))[1]);

test('HTTP-3 a gzip bomb is a 413 that costs neither time nor memory', async (t) => {
  const bomb = gzipSync(Buffer.alloc(512 << 20), { level: 9 }); // half a megabyte
  const wire = await open(t);
  const start = performance.now();
  const before = residentKiB();
  assertError(await wire.ask(post(['Content-Encoding: gzip', `Content-Length: ${bomb.length}`], bomb)), 413);
  assert.ok(performance.now() - start < kQuickMs, `${performance.now() - start} ms`);
  assert.ok(residentKiB() - before < 3 * (kBodyBytes >> 10), `${residentKiB() - before} KiB`);
});

test('HTTP-4 the body is asked for', async (t) => {
  const wire = await open(t);
  const body = chatBody();
  const asked = request('POST', '/v1/chat/completions', ['Expect: 100-continue', `Content-Length: ${body.length}`]);
  assert.equal((await wire.ask(asked)).status, 100);
  await wire.send(body);
  assert.equal((await wire.answer()).status, 200);
  // Sent along unasked: no need to ask for it.
  assert.equal((await wire.ask(Buffer.concat([asked, Buffer.from(body)]))).status, 200);
});

test('HTTP-4 what would be refused anyway is refused without its body', async (t) => {
  const cases = [
    ['POST', '/v1/nothing', ['Content-Length: 9'], 404],
    ['POST', '/health', ['Content-Length: 9'], 405],
    ['POST', '/v1/chat/completions', [`Content-Length: ${kBodyBytes + 1}`], 413],
    ['POST', '/v1/chat/completions', ['Content-Length: 9', 'Host: evil.example'], 403],
    ['POST', '/v1/chat/completions', ['Content-Length: 9', 'Content-Encoding: br'], 415],
  ];
  for (const [method, target, headers, status] of cases) {
    const wire = await open(t);
    assertError(await wire.ask(request(method, target, ['Expect: 100-continue', ...headers])), status);
  }
  const wire = await open(t);
  assertError(await wire.ask(request('POST', '/v1/chat/completions', ['Expect: the-unexpected', 'Content-Length: 9'])), 417);
});

test('HTTP-5 pipelined requests are answered in their order', async (t) => {
  const wire = await open(t);
  const plain = (target) => request('GET', target);
  await wire.send(Buffer.concat([plain('/api/version'), chatRequest({ stream: true, max_tokens: 4 }), plain('/nothing'), chatRequest(), plain('/live')]));
  assert.match((await wire.answer()).json().version, /^\d/);
  assert.match((await wire.answer()).body, /data: \[DONE\]\n\n$/);
  assertError(await wire.answer(), 404);
  assert.equal((await wire.answer()).json().object, 'chat.completion');
  assert.deepEqual((await wire.answer()).json(), { status: 'ok' });
});

test('HTTP-5 two hundred pipelined requests are answered', async (t) => {
  const wire = await open(t);
  wire.send(Buffer.concat(Array(200).fill(health)));
  for (let i = 0; i < 200; ++i) assert.equal((await wire.answer()).status, 200);
});

test('HTTP-5 blank lines before a request are passed over', async (t) => {
  const wire = await open(t);
  assert.equal((await wire.ask(Buffer.concat([Buffer.from('\r\n\r\n'), health]))).status, 200);
});

test('HTTP-6 a stream is chunked, and no proxy may hold or change it', async (t) => {
  const wire = await open(t);
  const { headers, body } = await wire.ask(chatRequest({ stream: true, max_tokens: 3 }, ['Accept-Encoding: gzip', 'Accept: application/json']));
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(headers['cache-control'], 'no-cache');
  assert.equal(headers['x-accel-buffering'], 'no');
  assert.equal('content-length' in headers || 'content-encoding' in headers, false);
  assert.match(body, /^data: \{.*\}\n\n/);
  assert.match(body, /data: \[DONE\]\n\n$/);
  assert.equal((await wire.ask(health)).status, 200);
});

test('HTTP-6 an HTTP/1.0 client gets a stream that the close ends', async (t) => {
  const wire = await open(t);
  const answer = await wire.ask(chatRequest({ stream: true, max_tokens: 3 }).toString().replace('HTTP/1.1', 'HTTP/1.0'));
  assert.equal('transfer-encoding' in answer.headers, false);
  assert.match(answer.body, /data: \[DONE\]\n\n$/);
});

test('E27 HTTP/1.0 needs no Host, and closes unless asked not to', async (t) => {
  const wire = await open(t);
  assert.equal((await wire.ask('GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')).status, 200);
  assert.equal((await wire.ask('GET /health HTTP/1.0\r\n\r\n')).status, 200);
  assert.equal((await wire.rest()).length, 0);
});

test('E27 headers are found in any case, and may repeat', async (t) => {
  const wire = await open(t);
  const body = chatBody();
  assert.equal((await wire.ask(Buffer.from(`POST /v1/chat/completions HTTP/1.1\r\nhOsT:127.0.0.1\r\ncontent-LENGTH:   ${body.length}  \r\nx-a: 1\r\nX-A: 2\r\n\r\n${body}`))).status, 200);
});

test('E27 the target may be absolute', async (t) => {
  const wire = await open(t);
  for (const target of ['http://127.0.0.1/health', 'HTTP://localhost:1/health', 'http://127.0.0.1//health/?a=b']) assert.equal((await wire.ask(request('GET', target))).status, 200, target);
  assert.equal((await wire.ask(request('GET', 'http://127.0.0.1'))).status, 200);
});

test('E27 headers that are too large are a 431 at once', async (t) => {
  await assertRefused(t, request('GET', '/health', [`X: ${'x'.repeat(17 << 10)}`]), 431);
  await assertRefused(t, request('GET', '/health', Array(5000).fill('A: b')), 431);
});

test('E27 a header of 10 MB is a 431 long before its end', async (t) => {
  const wire = await open(t);
  const start = performance.now();
  let answered;
  wire.answer().then((answer) => (answered = answer));
  await wire.send('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ');
  let sent = 0;
  for (; sent < 10 && !answered; ++sent) {
    await wire.send('x'.repeat(1 << 20));
    await turn(); // to look whether there is an answer
  }
  assertError(answered, 431);
  assert.ok(sent < 10, 'it was read to its end');
  assert.ok(performance.now() - start < kQuickMs);
});

test('E27 a URI of 10 KB is a 414', (t) => assertRefused(t, request('GET', `/health?${'x'.repeat(10 << 10)}`), 414));

const notHttp = {
  'a TLS handshake': Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
  'the start of HTTP/2': Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'HTTP/0.9': Buffer.from('GET /health\r\n\r\n'),
  'another version': Buffer.from('GET /health HTTP/1.7.3\r\nHost: 127.0.0.1\r\n\r\n'),
  'no version': Buffer.from('GET /health \r\nHost: 127.0.0.1\r\n\r\n'),
  'a target with a space': Buffer.from('GET /health and more HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  'a target that is no path': Buffer.from('GET health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  'a target with a NUL': Buffer.from('GET /he%00alth HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  'a wrong escape': Buffer.from('GET /he%zzalth HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  'a method with a slash': Buffer.from('G/T /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
};
for (const [what, bytes] of Object.entries(notHttp)) {
  test(`E27 ${what} is refused in words`, async (t) => {
    const wire = await open(t);
    await wire.send(bytes);
    assertError(await wire.answer(), 400);
    assert.equal((await wire.rest()).length, 0);
  });
}

// Slow clients. All are started together, as each takes seconds.
const kSlow = {
  'headers that never end': ['GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ', 408],
  'a request line that never ends': ['GET /hea', 408],
};
test('E27 a client that never ends its headers gets a 408, and meanwhile the others are served', async (t) => {
  const slow = await Promise.all(Object.values(kSlow).map(async ([text, status]) => {
    const wire = await open(t);
    await wire.send(text);
    return { wire, status };
  }));
  const other = await open(t);
  assert.equal((await other.ask(health)).status, 200);
  for (const { wire, status } of slow) assertError(await wire.answer(), status);
});

test('E27 a client that leaves in the middle is forgotten', async (t) => {
  for (const bytes of ['GET /he', head(['Content-Length: 100']), post([kChunked], '5\r\nab')]) {
    const wire = await open(t);
    await wire.send(bytes);
    wire.socket.destroy();
  }
  const wire = await open(t);
  assert.equal((await wire.ask(health)).status, 200);
});

test('E24 a client that shuts its sending side is gone, and its answer with it', async (t) => {
  const wire = await open(t);
  await wire.send(chatRequest({ stream: true, max_tokens: -1, ignore_eos: true }));
  assert.equal((await wire.head()).status, 200);
  wire.socket.end();
  assert.doesNotMatch((await wire.rest()).toString(), /\[DONE\]/);
});
