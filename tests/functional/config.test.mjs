// The configuration file: checked, shown, and read again while the server runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { chunks, errorOf, homeWithModel, makeModel, run, scratch, Server } from './shimmy.mjs';

const file = (home) => path.join(home, 'config', 'shimmy', 'config.toml');

function configure(home, text) {
  fs.mkdirSync(path.dirname(file(home)), { recursive: true });
  fs.writeFileSync(file(home), text);
}

const key = (name) => ({ headers: { 'x-api-key': name, 'Content-Type': 'application/json' } });

// Asks for a reload and waits until the log tells of it.
async function reload(server, pattern) {
  const from = server.shimmy.stderr.length;
  server.shimmy.signal('SIGHUP');
  return server.shimmy.until(({ stderr }) => pattern.exec(stderr.slice(from)), `a reload that says ${pattern}`);
}

test('init writes a file that check finds right, once', async (t) => {
  const home = scratch(t);
  const first = await run(home, ['config', 'init']);
  assert.equal(first.code, 0, first.stderr);
  assert.match(fs.readFileSync(file(home), 'utf8'), /^\[server\]$/m);
  const checked = await run(home, ['config', 'check']);
  assert.deepEqual([checked.code, checked.stdout], [0, `${file(home)}: no mistakes.\n`]);
  const again = await run(home, ['config', 'init']);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /stays as it is/);
});

test('check tells every mistake with its line and column', async (t) => {
  const home = scratch(t);
  configure(home, '[server]\nprot = 1\n\n[engine]\n  threads = "many"\n');
  const { code, stdout } = await run(home, ['config', 'check']);
  assert.equal(code, 2);
  assert.deepEqual(stdout.trimEnd().split('\n').map((line) => line.slice(file(home).length)), [
    ':2:1: There is no setting server.prot. Did you mean port?',
    ':5:13: engine.threads must be a whole number from 0 to 1024, not a text.',
  ]);
});

test('show tells each value and where it comes from, but no key', async (t) => {
  const home = scratch(t);
  configure(home, '[server]\nport = 7000\n[access]\napi_keys = ["sk-secret-1", "${TEAM_KEY}"]\n[log]\nlevel = "error"\n');
  const env = { TEAM_KEY: 'sk-secret-2', SHIMMY_DRAIN_TIMEOUT: '7' };
  const { code, stdout, stderr } = await run(home, ['config', 'show', '--json', '--threads', '3'], { env });
  assert.equal(code, 0, stderr);
  assert.equal((stdout + stderr).includes('secret'), false);
  const shown = JSON.parse(stdout);
  assert.equal(shown.file, file(home));
  const of = (name) => shown.settings.find((setting) => setting.key === name);
  assert.deepEqual([of('server.port').value, of('server.port').source, of('server.port').place], [7000, 'file', `${file(home)}:2`]);
  assert.deepEqual([of('server.drain_timeout').value, of('server.drain_timeout').place], ['7', '$SHIMMY_DRAIN_TIMEOUT']);
  assert.deepEqual([of('engine.threads').value, of('engine.threads').source], [3, 'flag']);
  assert.deepEqual([of('access.api_keys').value, of('log.format').source], ['(2 keys)', 'default']);
  const text = await run(home, ['config', 'show'], { env });
  assert.match(text.stdout, /^server\.port = 7000 +# .*config\.toml:2$/m);
});

test('schema is JSON that knows every section of the example', async (t) => {
  const home = scratch(t);
  const schema = JSON.parse((await run(home, ['config', 'schema'])).stdout);
  assert.equal(schema.additionalProperties, false);
  await run(home, ['config', 'init']);
  const sections = [...fs.readFileSync(file(home), 'utf8').matchAll(/^#?\[([a-z]+)/gm)].map(([, name]) => name);
  assert.ok(sections.length > 8);
  for (const name of sections) assert.ok(schema.properties[name], name);
});

test('a server does not start with a file that has mistakes, and tells all of them', async (t) => {
  const home = homeWithModel(t);
  configure(home, '[server]\nprot = 1\nport = -1\n');
  const { code, stderr } = await run(home, ['serve']);
  assert.equal(code, 2);
  assert.match(stderr, /has 2 problems\.\n {2}\S+:2:1: .*\n {2}\S+:3:8: /);
});

test('what a file says of models acts on requests', async (t) => {
  const home = homeWithModel(t);
  configure(home, '[defaults]\nmax_tokens = 3\ntemperature = 0\n[model.tiny]\naliases = ["gpt-4o"]\n');
  const server = await Server.start(t, home);
  const usage = async (more) => {
    const response = await server.chat({ ignore_eos: true, ...more });
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()).usage.completion_tokens;
  };
  assert.deepEqual([await usage({}), await usage({ model: 'GPT-4o' }), await usage({ max_tokens: 5 })], [3, 3, 5]);
  configure(home, '[defaults]\nmax_tokens = 4\n[model.tiny]\naliases = ["best"]\n');
  await reload(server, /now acts: .*defaults\.max_tokens.*model\."tiny"\.aliases/);
  assert.equal(await usage({ model: 'best' }), 4);
  assert.equal((await server.chat({ model: 'gpt-4o' })).status, 404);
});

test('a new keep_alive and a new budget act on models in memory', async (t) => {
  const home = scratch(t);
  const directory = path.join(home, 'data', 'shimmy', 'models');
  for (const [i, name] of ['one', 'two', 'three'].entries()) makeModel(directory, name, i + 1);
  configure(home, '[defaults]\nkeep_alive = "10m"\n');
  const server = await Server.start(t, home);
  const status = async (name) => (await server.get(`/api/models/${name}/status`)).json();
  const ask = (model, more) => server.chat({ model, max_tokens: 1, ...more });
  for (const [name, more] of [['one', {}], ['two', { keep_alive: '1h' }]]) assert.equal((await ask(name, more)).status, 200);
  configure(home, '[defaults]\nkeep_alive = "20m"\n[model.three]\nkeep_alive = "30m"\n');
  await reload(server, /now acts: defaults\.keep_alive/);
  assert.equal((await ask('three')).status, 200);
  const kept = async (name) => (await status(name)).keep_alive_seconds;
  assert.deepEqual([await kept('one'), await kept('two'), await kept('three')], [1200, 3600, 1800]);
  const one = await status('one');

  configure(home, `[models]\nmemory = "${Math.round(one.memory.total_bytes * 1.5)}"\n`);
  await reload(server, /now acts: .*models\.memory/);
  assert.equal(await kept('one'), 300, 'the default again');
  assert.deepEqual([(await status('one')).state, (await status('two')).state], ['ready', 'ready'], 'nothing is evicted for that alone');
  await server.post('/api/models/one/unload', {});
  const again = await ask('one');
  assert.equal(again.status, 200, await again.clone().text());
  assert.deepEqual([(await status('two')).loaded, (await status('three')).loaded], [false, false]);
  configure(home, '[models]\nmemory = "10kB"\n');
  await reload(server, /now acts: models\.memory/);
  assert.equal((await ask('one')).status, 200, 'what is in memory stays');
  assert.match((await errorOf(await ask('two'), 500)).message, /models may take 10/);
});

test('SIGHUP changes keys without cutting a stream', async (t) => {
  const home = homeWithModel(t);
  configure(home, '[access]\napi_keys = ["sk-old"]\n');
  const server = await Server.start(t, home, ['tiny', '--ctx', '8192']);
  const models = async (name) => (await server.get('/v1/models', key(name))).status;
  const response = await server.chat({ stream: true, ignore_eos: true, max_tokens: 3000 }, key('sk-old'));
  assert.equal(response.status, 200);
  configure(home, '[server]\nport = 1\n[access]\napi_keys = ["sk-new"]\n');
  await reload(server, /now acts: access\.api_keys/);
  assert.match(server.shimmy.stderr, /needs a restart to act: server\.port|now acts/);
  assert.deepEqual([await models('sk-old'), await models('sk-new')], [401, 200]);
  const all = await chunks(response);
  assert.equal(all.at(-1).choices[0].finish_reason, 'length');
  await server.stop();
});

test('SIGHUP with a broken file changes nothing, and the log says why', async (t) => {
  const home = homeWithModel(t);
  configure(home, '[access]\napi_keys = ["sk-old"]\n');
  const server = await Server.start(t, home);
  configure(home, '[access]\napi_keys = ["sk-new"]\napi_kesy = 1\n');
  await reload(server, /reload: nothing has changed\. .*config\.toml:3:1: There is no setting access\.api_kesy/);
  assert.equal((await server.get('/v1/models', key('sk-old'))).status, 200);
  assert.equal((await server.get('/v1/models', key('sk-new'))).status, 401);
});
