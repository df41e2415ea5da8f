// A machine on which other programs keep models: they are there under the names that users know.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { plantAll, plantDocker, plantFile, plantOllama } from './planted_stores.mjs';
import { makeModel, run, scratch, Server, sharedServer, within } from './shimmy.mjs';

async function json(home, args) {
  const { code, stdout, stderr } = await run(home, [...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

// Everything below a directory, with what could have been changed about it.
function listing(directory) {
  return fs
    .readdirSync(directory, { recursive: true })
    .sort()
    .map((name) => [name, fs.lstatSync(path.join(directory, name)).mtimeMs]);
}

describe('a machine with every store', () => {
  const endings = [];
  let home;
  let names;
  before(() => {
    home = scratch({ after: (ending) => endings.push(ending) });
    names = plantAll(home);
  });
  after(() => endings.forEach((ending) => ending()));

  test('lists each model with the store that has it', async () => {
    const { models } = await json(home, ['list']);
    assert.deepEqual(Object.fromEntries(models.map(({ source, name }) => [source, name])), names);
    for (const { capabilities, aliases, projector, adapters } of models) {
      assert.deepEqual(capabilities, ['chat']);
      assert.ok(Array.isArray(aliases));
      assert.equal(projector, null);
      assert.deepEqual(adapters, []);
    }
    const { stdout } = await run(home, ['list']);
    assert.match(stdout, /tiny:1b .* ollama\n/);
  });

  test('generates with each, by names and aliases', async () => {
    const aliases = ['library/tiny:1b', 'hf.co/org/Tiny-GGUF', 'studio@f32', 'CPP-F32', 'jan-one', 'all:f32', 'ai/dock'];
    for (const name of [...Object.values(names), ...aliases]) {
      const { code, stdout, stderr } = await run(home, ['generate', name, '-p', 'Hi', '-n', '2', '-t', '0']);
      assert.equal(code, 0, `${name}: ${stderr}`);
      assert.notEqual(stdout, '');
    }
  });

  test('discover says what is new, per store', async () => {
    await json(home, ['discover']);
    plantOllama(home, 'registry.ollama.ai/me/fresh/latest', 11);
    const { models, stores } = await json(home, ['discover']);
    assert.deepEqual(models.filter((model) => model.new).map(({ name }) => name), ['me/fresh:latest']);
    const ollama = stores.find(({ source }) => source === 'ollama');
    assert.deepEqual([ollama.models, ollama.new, ollama.broken], [2, 1, 0]);
    assert.equal((await json(home, ['discover'])).models.filter((model) => model.new).length, 0);
    fs.rmSync(path.join(home, '.ollama/models/manifests/registry.ollama.ai/me'), { recursive: true });
  });

  test('nothing is written into a store', async () => {
    const before = listing(path.join(home, '.ollama'));
    for (const args of [['list'], ['discover'], ['diag']]) await run(home, args);
    assert.deepEqual(listing(path.join(home, '.ollama')), before);
    assert.ok(fs.existsSync(path.join(home, '.cache/shimmy/headers')));
  });

  test('a damaged cache of headers does no harm', async () => {
    const cache = path.join(home, '.cache/shimmy/headers');
    for (const bytes of ['', 'rubbish', fs.readFileSync(cache).subarray(0, 200)]) {
      fs.writeFileSync(cache, bytes);
      assert.equal((await json(home, ['list'])).models.length, Object.keys(names).length);
    }
  });

  const shared = sharedServer((t) => Server.start(t, home));

  test('the server offers them all, and tells no path', async () => {
    for (const target of ['/v1/models', '/api/models']) {
      const text = await (await shared.server.get(target)).text();
      for (const name of Object.values(names)) assert.ok(text.includes(JSON.stringify(name)), name);
      assert.ok(!text.includes(home), target);
    }
    const answer = await shared.server.chat({ model: 'org/tiny-gguf', max_tokens: 2 });
    assert.equal(answer.status, 200, await answer.clone().text());
  });

  test('the server notices a model that another program has just stored', async () => {
    plantFile(home, '.lmstudio/models/pub/Later-GGUF/Later-F32.gguf', 12);
    const offered = async () => {
      for (;;) {
        const { data } = await (await shared.server.get('/v1/models')).json();
        if (data.some(({ id }) => id === 'Later-F32')) return;
      }
    };
    await within(offered(), 'the new model');
    fs.rmSync(path.join(home, '.lmstudio/models/pub/Later-GGUF'), { recursive: true });
  });
});

test("the defaults of Ollama's users reach the model", async (t) => {
  const home = scratch(t);
  plantOllama(home, 'registry.ollama.ai/library/plain/latest', 1);
  plantOllama(home, 'registry.ollama.ai/library/pirate/latest', 1, { system: 'Arr.', params: '{"temperature":0}' });
  const { models } = await json(home, ['list']);
  assert.deepEqual(models.map(({ name }) => name), ['pirate:latest', 'plain:latest']);
});

test('a model that Docker keeps in several files is used where it lies', async (t) => {
  const home = scratch(t);
  const first = makeModel(path.join(home, '.made'), 'm', 1, 'split');
  const parts = [first, first.replace('00001-of', '00002-of')].map((file) => fs.readFileSync(file));
  plantDocker(home, ['ai/big:latest'], parts.toReversed());
  const { models } = await json(home, ['list']);
  assert.deepEqual(models.map(({ name, size_bytes: size }) => [name, size]), [['ai/big:latest', parts[0].length + parts[1].length]]);
  const { code, stdout, stderr } = await run(home, ['generate', 'ai/big', '-p', 'Hi', '-n', '2', '-t', '0']);
  assert.equal(code, 0, stderr);
  const whole = makeModel(path.join(home, '.made'), 'm', 1);
  assert.equal((await run(home, ['generate', whole, '-p', 'Hi', '-n', '2', '-t', '0'])).stdout, stdout);

  plantDocker(home, ['ai/half:latest'], parts.slice(0, 1));
  const { broken } = await json(home, ['list', '--all']);
  assert.deepEqual(broken.map(({ name }) => name), ['ai/half:latest']);
  assert.match(broken[0].reason, /is file 1 of 2 of a model/);
});

test('NAT-2 models on one file have the context that each is configured with', async (t) => {
  const home = scratch(t);
  for (const [name, more] of Object.entries({
    plain: {},
    pirate: { system: 'Arr.' },
    small: { params: '{"num_ctx":256}' },
    large: { params: '{"num_ctx":1024}' },
  })) {
    plantOllama(home, `registry.ollama.ai/library/${name}/latest`, 1, more);
  }
  const server = await Server.start(t, home);
  for (const model of ['plain', 'pirate', 'small', 'large']) {
    const answer = await server.chat({ model, max_tokens: 2 });
    assert.equal(answer.status, 200, await answer.clone().text());
  }
  const status = async (name) => (await server.get(`/api/models/${name}:latest/status`)).json();
  assert.equal((await status('small')).context.limit, 256);
  assert.equal((await status('large')).context.limit, 1024);
  assert.deepEqual((await status('small')).shares_memory_with, []);
  assert.deepEqual((await status('plain')).shares_memory_with, ['pirate:latest']);
  assert.equal((await (await server.get('/api/health')).json()).models_loaded, 3);
  const { models } = await (await server.get('/api/models')).json();
  assert.deepEqual(models.map((model) => model.status.state), ['ready', 'ready', 'ready', 'ready']);
  const { stdout } = await run(home, ['ps', '--server', server.url]);
  assert.match(stdout, /plain:latest +ready +shared/);
});

test('broken models are told with reason, to clients without paths', async (t) => {
  const home = scratch(t);
  plantFile(home, 'models/good.gguf', 1);
  const manifest = plantOllama(home, 'registry.ollama.ai/library/gone/7b', 2);
  fs.rmSync(path.join(home, '.ollama/models/blobs'), { recursive: true });
  const { broken } = await json(home, ['list', '--all']);
  assert.deepEqual(broken.map(({ name, source }) => [name, source]), [['gone:7b', 'ollama']]);
  assert.match(broken[0].reason, /There is no file .*sha256-/);
  assert.match((await run(home, ['discover'])).stdout, /gone:7b \(ollama\): There is no file/);
  assert.match((await run(home, ['diag'])).stdout, /Get gone:7b again with the program that keeps it \(ollama\)/);

  const server = await Server.start(t, home);
  const answer = await server.chat({ model: 'gone:7b' });
  const text = await answer.text();
  assert.match(text, /cannot be used/);
  assert.ok(!text.includes(home), text);
  fs.writeFileSync(manifest, '{"layers":[{"mediaType":"x","digest":"sha256:../../../../etc/passwd"}]}');
  assert.match((await json(home, ['list', '--all'])).broken[0].reason, /no SHA-256 digest/);
});

test('a hostile home neither hangs nor breaks anything', async (t) => {
  const home = scratch(t);
  const models = path.join(home, 'models');
  plantFile(home, 'models/good.gguf', 1);
  execFileSync('mkfifo', [path.join(models, 'pipe.gguf')]);
  fs.symlinkSync('..', path.join(models, 'loop'));
  fs.symlinkSync('self.gguf', path.join(models, 'self.gguf'));
  fs.copyFileSync(path.join(models, 'good.gguf'), path.join(models, 'evil\n\x1b[31m.gguf'));
  const hub = path.join(home, '.cache/huggingface/hub/models--o--r');
  fs.mkdirSync(path.join(hub, 'refs'), { recursive: true });
  fs.writeFileSync(path.join(hub, 'refs/main'), '../../../../..');
  fs.mkdirSync(path.join(home, '.docker/models'), { recursive: true });
  fs.writeFileSync(path.join(home, '.docker/models/models.json'), '['.repeat(100_000));
  for (const command of ['list', 'discover', 'diag']) {
    const { code, stdout, stderr } = await run(home, [command]);
    assert.equal(code, 0, stderr);
    assert.ok(!stdout.includes('\x1b') && !stderr.includes('\x1b'), command);
  }
  const found = (await json(home, ['list'])).models.map(({ name }) => name);
  assert.deepEqual(found, ['evil\n\x1b[31m', 'good']);
});
