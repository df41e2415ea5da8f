// ps, load and stop against a server that says what the test wants.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { run, scratch, Shimmy } from './shimmy.mjs';

const kStatus = {
  name: 'org/phi:4b', state: 'ready', progress: 1, reason: null, pinned: false, last_used: null, keep_alive_seconds: 300,
  memory: { weights_bytes: 100e6, kv_cache_bytes: 15e6, compute_bytes: 5e6, total_bytes: 120e6 },
  requests: { active: 1, queued: 0 }, context: { tokens: 8192, limit: 32768, used: 17 },
  speed: { prefill_tokens_per_second: 900, decode_tokens_per_second: 51.2 },
};

// Answers "METHOD /path" as `answers` says, with the requests that it got in `.seen`.
async function fakeServer(t, answers) {
  const seen = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (more) => (body += more));
    request.on('end', () => {
      seen.push({ asked: `${request.method} ${request.url}`, body, key: request.headers.authorization });
      const [status, answer] = answers[seen.at(-1).asked] ?? [404, { error: { message: 'There is no such thing.' } }];
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(typeof answer === 'function' ? answer(seen.length) : answer));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  return { seen, env: { SHIMMY_HOST: `127.0.0.1:${server.address().port}` } };
}

test('ps shows what the server has in memory', async (t) => {
  const idle = { name: 'idle', status: { name: 'idle', state: 'unloaded' } };
  const { env, seen } = await fakeServer(t, { 'GET /api/models': [200, { models: [idle, { name: kStatus.name, status: kStatus }] }] });
  const home = scratch(t);
  const table = await run(home, ['ps'], { env: { ...env, SHIMMY_API_KEY: 'one,two' } });
  assert.equal(table.code, 0, table.stderr);
  assert.equal(table.stdout, 'NAME        STATE      SIZE  CONTEXT  REQUESTS  TOK/S  UNTIL\norg/phi:4b  ready  120.0 MB  17/8192         1   51.2  in use\n');
  assert.equal(seen[0].key, 'Bearer one');
  const { models } = JSON.parse((await run(home, ['ps', '--json'], { env })).stdout);
  assert.deepEqual(models.map(({ name }) => name), ['org/phi:4b']);
  assert.deepEqual(models[0].memory, kStatus.memory);
  assert.equal(JSON.parse((await run(home, ['ps', '--json', '--all'], { env })).stdout).models.length, 2);
});

test('ps says so where there is nothing to show', async (t) => {
  const idle = { name: 'idle', status: { name: 'idle', state: 'unloaded' } };
  const some = await fakeServer(t, { 'GET /api/models': [200, { models: [idle] }] });
  const none = await fakeServer(t, { 'GET /api/models': [200, { models: [] }] });
  const home = scratch(t);
  const ps = async (args, { env }) => (await run(home, ['ps', ...args], { env })).stdout;
  assert.match(await ps([], some), /^No model is in memory\. .*shimmy load MODEL\n$/);
  assert.match(await ps(['--all'], none), /^The server has found no models\. .*shimmy pull .*\n$/);
  assert.deepEqual(JSON.parse(await ps(['--json'], none)), { models: [] });
});

test('ps --watch shows it again and again until Ctrl-C', async (t) => {
  const { env } = await fakeServer(t, { 'GET /api/models': [200, { models: [{ name: kStatus.name, status: kStatus }] }] });
  const shimmy = new Shimmy(scratch(t), ['ps', '--watch', '--interval', '0.1'], { env });
  shimmy.write('');
  await shimmy.until(({ stdout }) => stdout.toString().split('NAME').length > 3, 'three tables');
  shimmy.signal('SIGINT');
  assert.deepEqual(await shimmy.end(), { code: 0, signal: null });
  assert.ok(!shimmy.stdout.includes('\x1b'));
});

test('load and stop name the model as it is, and say what became of it', async (t) => {
  const unloaded = { message: 'ok', status: 'success', model: kStatus.name, loaded: false, state: 'unloaded' };
  const { env, seen } = await fakeServer(t, {
    'POST /api/models/org%2Fphi%3A4b/load': [200, { ...unloaded, ...kStatus, loaded: true }],
    'POST /api/models/org%2Fphi%3A4b/unload': [200, unloaded],
    'POST /api/models/org%2Fphi%3A4b/unload?force=true': [200, unloaded],
    'POST /api/models/huge/load': [503, { error: { message: 'huge needs 90.0 GB, and there are 8.0 GB.' } }],
  });
  const home = scratch(t);
  const loaded = await run(home, ['load', kStatus.name, '--ctx', '4096', '--pin'], { env });
  assert.deepEqual(loaded, { code: 0, stdout: 'org/phi:4b is loaded: 120.0 MB, context 32768.\n', stderr: '' });
  assert.deepEqual(JSON.parse(seen[0].body), { context: 4096, pin: true });
  for (const more of [[], ['--force']]) {
    const stopped = await run(home, ['stop', kStatus.name, ...more], { env });
    assert.deepEqual(stopped, { code: 0, stdout: 'org/phi:4b is out of memory.\n', stderr: '' });
  }
  assert.equal((await run(home, ['load', 'huge'], { env })).stderr, 'shimmy: huge needs 90.0 GB, and there are 8.0 GB.\n');
  const unknown = await run(home, ['stop', 'nothing'], { env });
  assert.deepEqual(unknown, { code: 2, stdout: '', stderr: 'shimmy: There is no such thing.\n' });
});
