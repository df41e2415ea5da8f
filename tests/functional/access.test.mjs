// Who may use the server, and how much: API keys and limits. wire.md HTTP-4, HTTP-13, HTTP-14, E29.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { homeWithModel, run, Server, sharedServer } from './shimmy.mjs';
import { chatBody, chatRequest, request, Wire } from './wire.mjs';

const kKey = 'sk-local-0123456789abcdef';
const kOther = 'sk-other-fedcba9876543210';
const kWrong = 'sk-wrong-5555555555555555';

describe('with keys', () => {
  const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--api-key', `${kKey},${kOther}`]));
  const ask = async (t, bytes) => (await Wire.open(t, shared.server)).ask(bytes);
  const chat = (t, ...headers) => ask(t, chatRequest({}, headers));

  for (const header of [`Authorization: Bearer ${kKey}`, `Authorization: bearer ${kOther}`, `x-api-key: ${kKey}`, `X-API-Key:${kOther}`, `api-key: ${kKey}`]) {
    test(`E29 ${header.split(/[: ]/)[0]} is taken (${header.slice(0, 24)}…)`, async (t) => {
      assert.equal((await chat(t, header)).status, 200);
    });
  }

  for (const header of [`Authorization: Bearer ${kWrong}`, `Authorization: ${kKey}`, `Authorization: Basic ${btoa(`user:${kKey}`)}`, 'Authorization: Bearer', `x-api-key: ${kKey}x`, `x-api-key: ${kKey.slice(1)}`, 'x-api-key:', `Authorization: Bearer ${kKey} ${kKey}`, `Cookie: api-key=${kKey}`, 'Authorization: Bearer \xff\xfe']) {
    test(`E29 not so ${header.slice(0, 30)}`, async (t) => {
      const answer = await chat(t, header);
      assert.equal(answer.status, 401);
      const { error } = answer.json();
      assert.deepEqual([error.type, error.code, error.param], ['invalid_request_error', 'invalid_api_key', null]);
      assert.equal(answer.body.includes(kKey), false, answer.body);
    });
  }

  test('E29 one right key of several is enough', async (t) => {
    assert.equal((await chat(t, `Authorization: Bearer ${kWrong}`, `x-api-key: ${kKey}`)).status, 200);
  });

  test('E29 without a key every route but those of probes is closed', async (t) => {
    for (const [method, target] of [['GET', '/v1/models'], ['GET', '/api/models'], ['POST', '/api/generate'], ['POST', '/v1/embeddings'], ['POST', '/tokenize'], ['GET', '/nothing'], ['POST', '/health'], ['GET', '/ws/generate']]) {
      const answer = await ask(t, request(method, target));
      assert.equal(answer.status, 401, `${method} ${target}`);
      assert.match(answer.headers['www-authenticate'], /^Bearer/);
    }
    for (const target of ['/health', '/healthz', '/v1/health', '/ready', '/live', '/api/health']) assert.equal((await ask(t, request('GET', target))).status, 200, target);
    assert.ok((await ask(t, request('OPTIONS', '/v1/models', ['Origin: http://localhost', 'Access-Control-Request-Method: GET']))).status === 204);
  });

  test('HTTP-4 a wrong key is refused before the body is asked for', async (t) => {
    const answer = await ask(t, request('POST', '/v1/chat/completions', ['Expect: 100-continue', 'Content-Length: 100', `x-api-key: ${kWrong}`]));
    assert.equal(answer.status, 401);
  });

  test('HTTP-4 nobody may send 64 MiB without a key', async (t) => {
    const wire = await Wire.open(t, shared.server);
    assert.equal((await wire.ask(request('POST', '/v1/chat/completions', [`Content-Length: ${60 << 20}`]))).status, 401);
  });

  test('E29 no key is ever in the log', async () => {
    const { stderr } = shared.server.shimmy;
    assert.match(stderr, /status=401/);
    for (const key of [kKey, kOther, kWrong]) assert.equal(stderr.includes(key.slice(9)), false);
  });

  test('E29 the start text does not show the key, and asks for it', () => {
    assert.match(shared.server.shimmy.stderr, /API key: yours/);
  });
});

test('E29 keys come from a file or the environment', async (t) => {
  const home = homeWithModel(t);
  const file = path.join(home, 'keys');
  fs.writeFileSync(file, `# the keys\n\n  ${kKey}  \r\n${kOther}\n`);
  const byFile = await Server.start(t, home, ['--api-key-file', file]);
  const byVariable = await Server.start(t, home, [], { env: { SHIMMY_API_KEY: `${kKey},${kOther}` } });
  for (const server of [byFile, byVariable]) {
    const status = async (key) => (await server.get('/v1/models', { headers: { 'x-api-key': key } })).status;
    assert.deepEqual([await status(kKey), await status(kOther), await status(kWrong), await status('# the keys')], [200, 200, 401, 401]);
  }
});

test('E29 a file without keys does not open the server to everybody', async (t) => {
  const home = homeWithModel(t);
  const file = path.join(home, 'keys');
  fs.writeFileSync(file, '# none\n');
  for (const args of [['--api-key-file', file], ['--api-key-file', `${file}-none`], ['--api-key', '']]) {
    const { code, stderr } = await run(home, ['serve', '--port', '0', ...args]);
    assert.notEqual(code, 0);
    assert.match(stderr, /key/i);
  }
});

test('HTTP-25 any key is taken when none is configured', async (t) => {
  const server = await Server.start(t, homeWithModel(t));
  for (const header of ['Authorization: Bearer anything', 'x-api-key: none', 'Authorization: Basic abc']) assert.equal((await (await Wire.open(t, server)).ask(chatRequest({}, [header]))).status, 200);
});

describe('with limits', () => {
  const home = sharedServer((t) => homeWithModel(t));

  test('HTTP-13 HTTP-14 one request too many is a 429 that says when to come back', async (t) => {
    const server = await Server.start(t, home.server, ['--rate-limit-requests', '3']);
    const wire = await Wire.open(t, server);
    const left = [];
    for (let i = 0; i < 3; ++i) {
      const { status, headers } = await wire.ask(chatRequest());
      assert.equal(status, 200);
      assert.equal(headers['x-ratelimit-limit-requests'], '3');
      assert.match(headers['x-ratelimit-reset-requests'], /^(\d+m)?[\d.]+(ms|s)$/);
      assert.equal('x-ratelimit-limit-tokens' in headers, false);
      left.push(headers['x-ratelimit-remaining-requests']);
    }
    assert.deepEqual(left, ['2', '1', '0']);
    const refused = await wire.ask(chatRequest());
    assert.equal(refused.status, 429);
    assert.match(refused.headers['retry-after'], /^([1-9]|1\d|20)$/);
    assert.equal(refused.headers['x-ratelimit-remaining-requests'], '0');
    const { error } = refused.json();
    assert.deepEqual([error.type, error.code], ['requests', 'rate_limit_exceeded']);
    assert.equal((await server.get('/health')).status, 200);
  });

  test('HTTP-13 tokens are counted, those of the prompt and those of the answer', async (t) => {
    const server = await Server.start(t, home.server, ['--rate-limit-tokens', '200']);
    const wire = await Wire.open(t, server);
    const first = await wire.ask(chatRequest({ max_tokens: 30, ignore_eos: true }));
    const { total_tokens } = first.json().usage;
    assert.equal(first.headers['x-ratelimit-limit-tokens'], '200');
    const second = await wire.ask(chatRequest({ max_tokens: 300, ignore_eos: true }));
    const left = Number(second.headers['x-ratelimit-remaining-tokens']);
    assert.ok(left >= 200 - total_tokens && left <= 200 - total_tokens + 20, `${left} left after ${total_tokens}`);
    const refused = await wire.ask(chatRequest());
    assert.equal(refused.status, 429);
    assert.equal(refused.headers['x-ratelimit-remaining-tokens'], '0');
    assert.ok(Number(refused.headers['retry-after']) > 10);
    assert.equal(refused.json().error.code, 'rate_limit_exceeded');
  });

  test('HTTP-13 each key has its own limit, whatever address it comes from', async (t) => {
    const server = await Server.start(t, home.server, ['--rate-limit-requests', '1', '--api-key', `${kKey},${kOther}`]);
    const status = async (key) => (await (await Wire.open(t, server)).ask(chatRequest({}, [`x-api-key: ${key}`]))).status;
    assert.deepEqual([await status(kKey), await status(kKey), await status(kOther), await status(kOther)], [200, 429, 200, 429]);
  });

  test('HTTP-13 each address has its own limit where there are no keys', async (t) => {
    const server = await Server.start(t, home.server, ['--rate-limit-requests', '1']);
    const status = async (localAddress) => (await (await Wire.open(t, server, { localAddress })).ask(chatRequest())).status;
    assert.deepEqual([await status('127.0.0.1'), await status('127.0.0.1'), await status('127.0.0.2')], [200, 429, 200]);
  });

  test('HTTP-13 one who may not come in spends nobody\'s share', async (t) => {
    const server = await Server.start(t, home.server, ['--rate-limit-requests', '1', '--api-key', kKey]);
    const ask = async (...headers) => (await (await Wire.open(t, server)).ask(chatRequest({}, headers))).status;
    for (let i = 0; i < 3; ++i) assert.equal(await ask(`x-api-key: ${kWrong}`), 401);
    assert.equal(await ask(`x-api-key: ${kKey}`, 'Host: evil.example'), 403);
    assert.equal(await ask(`x-api-key: ${kKey}`), 200);
  });
});

test('HTTP-13 a limit below nothing is refused at the start', async (t) => {
  const { code, stderr } = await run(homeWithModel(t), ['serve', '--port', '0', '--rate-limit-requests', '-1']);
  assert.equal(code, 2);
  assert.match(stderr, /rate-limit-requests/);
});
