// What holds for every route: methods, paths, headers, browsers. wire.md section 1 and E28, E30, E37.
import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, test } from 'node:test';

import { homeWithModel, Server, sharedServer } from './shimmy.mjs';
import { chatBody, chatRequest, request, Wire } from './wire.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '16384', '--log-level', 'warning']));
const ask = async (t, ...what) => (await Wire.open(t, shared.server)).ask(request(...what));

function assertError(answer, status) {
  assert.equal(answer.status, status, answer.body);
  const { error } = answer.json();
  assert.match(error.message, /\S/);
  return error;
}

const kGets = ['/', '/health', '/healthz', '/v1/health', '/ready', '/live', '/api/health', '/api/version', '/api/models', '/v1/models', '/models', '/v1/models/tiny'];
const kPosts = [
  '/api/generate', '/v1/chat/completions', '/chat/completions', '/v1/completions', '/completions', '/v1/embeddings', '/embeddings',
  '/v1/rerank', '/rerank', '/tokenize', '/detokenize', '/apply-template',
];

for (const target of kGets) {
  test(`HTTP-8 HEAD ${target} has the headers of GET and no body`, async (t) => {
    const wire = await Wire.open(t, shared.server);
    const get = await wire.ask(request('GET', target));
    const head = await wire.ask(request('HEAD', target));
    assert.equal(get.status, 200);
    assert.ok(get.body.length > 0);
    assert.equal(head.status, 200);
    const steady = ({ headers }) => [headers['content-type'], Object.keys(headers).sort().join()];
    assert.deepEqual(steady(head), steady(get));
    assert.equal(head.headers['content-length'] > 0, true);
    assert.equal((await wire.ask(request('GET', '/live'))).status, 200);
  });
}

for (const target of kGets) {
  test(`HTTP-9 POST ${target} is a 405 that allows GET and HEAD`, async (t) => {
    const answer = await ask(t, 'POST', target, [], '{}');
    assertError(answer, 405);
    assert.deepEqual(answer.headers.allow.split(', ').sort(), ['GET', 'HEAD']);
  });
}

for (const target of kPosts) {
  test(`HTTP-9 E28 GET ${target} is a 405 that allows POST`, async (t) => {
    for (const method of ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'BREW']) {
      const answer = await ask(t, method, target);
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.allow, 'POST');
      if (method !== 'HEAD') assertError(answer, 405);
    }
  });
}

test('HTTP-9 the code of an error of the path is that of its surface', async (t) => {
  assert.equal(assertError(await ask(t, 'GET', '/v1/nothing'), 404).code, 'unknown_url');
  assert.equal(assertError(await ask(t, 'GET', '/v1/chat/completions'), 405).code, 'method_not_supported');
  assert.equal(assertError(await ask(t, 'GET', '/api/nothing'), 404).code, 'invalid_request');
  assert.equal(assertError(await ask(t, 'GET', '/api/generate'), 405).code, 'invalid_request');
});

test('HTTP-9 E28 OPTIONS tells the methods', async (t) => {
  const answer = await ask(t, 'OPTIONS', '/v1/chat/completions');
  assert.equal(answer.status, 204);
  assert.match(answer.headers.allow, /POST/);
  assert.ok((await ask(t, 'OPTIONS', '*')).status < 400);
});

describe('browsers', () => {
  const kPage = 'http://localhost:3000';
  const kHeaders = 'authorization, content-type, x-api-key, x-stainless-os, openai-beta, idempotency-key';
  const preflight = (t, origin, more = []) =>
    ask(t, 'OPTIONS', '/v1/chat/completions', [`Origin: ${origin}`, 'Access-Control-Request-Method: POST', `Access-Control-Request-Headers: ${kHeaders}`, ...more]);

  test('HTTP-10 a preflight allows what the page asked for', async (t) => {
    const { status, headers, body } = await preflight(t, kPage);
    assert.equal(status, 204);
    assert.equal(body, '');
    assert.equal(headers['access-control-allow-origin'], kPage);
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) assert.ok(headers['access-control-allow-methods'].includes(method));
    assert.equal(headers['access-control-allow-headers'], kHeaders);
    assert.equal(headers['access-control-max-age'], '600');
    assert.match(headers.vary, /Origin/);
    assert.equal('access-control-allow-credentials' in headers, false);
  });

  test('E28 a preflight from a public page to a private network is allowed when its origin is', async (t) => {
    const wanted = ['Access-Control-Request-Private-Network: true'];
    assert.equal((await preflight(t, kPage, wanted)).headers['access-control-allow-private-network'], 'true');
    assert.equal('access-control-allow-private-network' in (await preflight(t, 'https://evil.example', wanted)).headers, false);
  });

  test('HTTP-10 an allowed page may read the answer and its ids', async (t) => {
    for (const bytes of [request('GET', '/v1/models', [`Origin: ${kPage}`]), chatRequest({}, [`Origin: ${kPage}`]), chatRequest({ stream: true }, [`Origin: ${kPage}`]), request('GET', '/v1/nothing', [`Origin: ${kPage}`])]) {
      const { headers } = await (await Wire.open(t, shared.server)).ask(bytes);
      assert.equal(headers['access-control-allow-origin'], kPage);
      for (const name of ['x-request-id', 'request-id', 'retry-after']) assert.ok(headers['access-control-expose-headers'].includes(name), name);
      assert.match(headers.vary, /Origin/);
    }
  });

  for (const origin of ['http://127.0.0.1:5173', 'https://localhost', 'http://[::1]:8080', 'http://app.localhost', 'vscode-webview://abc', 'app://obsidian.md', 'tauri://localhost', 'file://']) {
    test(`HTTP-11 ${origin} is allowed`, async (t) => {
      assert.equal((await ask(t, 'POST', '/v1/chat/completions', [`Origin: ${origin}`], chatBody())).status, 200);
    });
  }

  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'http://evil.example#localhost', 'http://127.0.0.1.evil.example', 'http://evil@example', 'null', 'http://192.168.1.5', 'evil://localhost', 'http://localhost@evil.example']) {
    test(`HTTP-11 E30 ${origin} is not allowed`, async (t) => {
      const read = await ask(t, 'GET', '/v1/models', [`Origin: ${origin}`]);
      assert.equal('access-control-allow-origin' in read.headers, false);
      assert.equal('access-control-allow-origin' in (await preflight(t, origin)).headers, false);
      assertError(await ask(t, 'POST', '/v1/chat/completions', [`Origin: ${origin}`], chatBody()), 403);
    });
  }

  for (const host of ['127.0.0.1', '127.0.0.1:11435', '[::1]:80', 'localhost', 'LOCALHOST:1', 'my.localhost', os.hostname()]) {
    test(`HTTP-11 the Host ${host === os.hostname() ? 'that is this machine' : host} is answered`, async (t) => {
      assert.equal((await ask(t, 'GET', '/health', [`Host: ${host}`])).status, 200);
    });
  }

  for (const host of ['evil.example', 'evil.example:11435', '127.0.0.1.evil.example', 'localhost.evil.example', '192.168.1.5', 'evil.example@127.0.0.1', '127.0.0.1@evil.example', 'xlocalhost', '[::2]']) {
    test(`HTTP-11 E30 the Host ${host} is refused`, async (t) => {
      for (const bytes of [['GET', '/health'], ['POST', '/v1/chat/completions', [], chatBody()]])
        assertError(await ask(t, bytes[0], bytes[1], [`Host: ${host}`], bytes[3] ?? ''), 403);
    });
  }

  test('HTTP-11 names and origins can be added', async (t) => {
    const server = await Server.start(t, homeWithModel(t), ['--allowed-host', 'box.lan,other.lan', '--allowed-origin', 'https://app.example', '--allowed-origin', 'https://*.good.example']);
    const other = async (headers, body) => (await Wire.open(t, server)).ask(request('POST', '/v1/chat/completions', headers, body ?? chatBody()));
    for (const host of ['box.lan', 'BOX.LAN:80', 'other.lan', '127.0.0.1']) assert.equal((await other([`Host: ${host}`])).status, 200, host);
    assert.equal((await other(['Host: evil.lan'])).status, 403);
    for (const origin of ['https://app.example', 'https://a.good.example']) assert.equal((await other([`Origin: ${origin}`])).headers['access-control-allow-origin'], origin);
    for (const origin of ['http://app.example', 'https://app.example.evil', 'https://good.example.evil', 'https://evil/.good.example']) assert.equal((await other([`Origin: ${origin}`])).status, 403, origin);
  });

  test('HTTP-11 every name and page can be let in', async (t) => {
    const server = await Server.start(t, homeWithModel(t), ['--allowed-host', '*', '--allowed-origin', '*']);
    const answer = await (await Wire.open(t, server)).ask(chatRequest({}, ['Host: any.example', 'Origin: https://any.example']));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['access-control-allow-origin'], 'https://any.example');
  });
});

const everyKind = {
  'a 200': () => request('GET', '/health'),
  'a stream': () => chatRequest({ stream: true }),
  'a 400': () => request('POST', '/v1/chat/completions', [], '{'),
  'a 403': () => request('GET', '/health', ['Host: evil.example']),
  'a 404': () => request('GET', '/nothing'),
  'a 405': () => request('DELETE', '/health'),
  'a 414': () => request('GET', `/${'x'.repeat(9000)}`),
  'a 204': () => request('OPTIONS', '/health'),
};
for (const [what, bytes] of Object.entries(everyKind)) {
  test(`HTTP-12 E37 ${what} has its id, server, date and version`, async (t) => {
    const { headers } = await (await Wire.open(t, shared.server)).ask(bytes());
    assert.match(headers['x-request-id'], /^req_[0-9a-f]{32}$/);
    assert.equal(headers['request-id'], headers['x-request-id']);
    assert.match(headers['openai-processing-ms'], /^\d+$/);
    assert.equal(headers['openai-version'], '2020-10-01');
    assert.match(headers.server, /^shimmy\//);
    assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 5000);
  });
}

test('E37 ids are unique', async (t) => {
  const wire = await Wire.open(t, shared.server);
  const ids = new Set();
  for (let i = 0; i < 50; ++i) ids.add((await wire.ask(request('GET', '/live'))).headers['x-request-id']);
  assert.equal(ids.size, 50);
});

test('HTTP-13 without limits nothing is said of them', async (t) => {
  const { headers } = await (await Wire.open(t, shared.server)).ask(chatRequest());
  assert.deepEqual(Object.keys(headers).filter((name) => name.includes('ratelimit')), []);
});

test('HTTP-15 what is quoted back is valid JSON', async (t) => {
  for (const model of ['a"b\\c', 'tab\tnew\nline\u0000', '\u007f\u2028\ud83d\ude00', '</script>']) {
    const error = assertError(await (await Wire.open(t, shared.server)).ask(chatRequest({ model })), 404);
    assert.ok(error.message.length > 10);
  }
});

test('HTTP-16 the content type of a request is not looked at', async (t) => {
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=latin1', 'nonsense']) assert.equal((await ask(t, 'POST', '/v1/chat/completions', [`Content-Type: ${type}`], chatBody())).status, 200, type);
});

const spellings = ['//v1/chat/completions', '/v1//chat/completions/', '/v1/chat/completions/', '/chat/completions', '//chat/completions', '/v1/chat%2Fcompletions', '/v1/ch%61t/completions', '/v1/chat/completions?beta=true&api-version=1', '/v1/chat/completions?', '/v1/chat/completions/?a=//b'];
for (const target of spellings) {
  test(`HTTP-17 HTTP-18 ${target} is the chat`, async (t) => {
    assert.equal((await ask(t, 'POST', target, [], chatBody())).status, 200);
  });
}

test('HTTP-17 a path is not walked', async (t) => {
  for (const target of ['/v1/../health', '/./health', '/%2e%2e/health', '/health%20', '/HEALTH', '/health;x', '/healthx', '/v1/models/../../health', '/..%2f..%2fetc/passwd']) assertError(await ask(t, 'GET', target), 404);
});
