// Loading and unloading while the server runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { errorOf, events, makeModel, scratch, Server, within } from './shimmy.mjs';

// A server with the models one, two and three, none of them loaded.
async function start(t, args = []) {
  const home = scratch(t);
  const directory = path.join(home, 'data', 'shimmy', 'models');
  for (const [i, name] of ['one', 'two', 'three'].entries()) makeModel(directory, name, i + 1);
  const server = await Server.start(t, home, args);
  const ask = async (method, name, what, body) => {
    const response = await (method === 'GET' ? server.get(`/api/models/${name}/${what}`) : server.post(`/api/models/${name}/${what}`, body ?? {}));
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  };
  return {
    server,
    home,
    directory,
    status: (name) => ask('GET', name, 'status'),
    load: (name, body) => ask('POST', name, 'load', body),
    unload: (name, query = '') => ask('POST', name, `unload${query}`),
    generate: (name, more) => server.post('/api/generate', { model: name, prompt: 'Hi', temperature: 0, max_tokens: 8, ignore_eos: true, ...more }),
  };
}

test('NAT-2 a model is loaded, used and unloaded', async (t) => {
  const { server, status, load, unload, generate } = await start(t);
  assert.deepEqual([(await status('one')).state, (await status('one')).loaded], ['unloaded', false]);

  const loaded = await load('one', { keep_alive: '10m', pin: false });
  assert.deepEqual([loaded.status, loaded.model, loaded.loaded, loaded.state], ['success', 'one', true, 'ready']);
  assert.match(loaded.message, /one is loaded/);
  assert.equal(loaded.keep_alive_seconds, 600);
  const { memory } = loaded;
  assert.ok(memory.weights_bytes > 0 && memory.kv_cache_bytes > 0);
  assert.equal(memory.total_bytes, memory.weights_bytes + memory.kv_cache_bytes + memory.compute_bytes);

  assert.equal((await generate('one')).status, 200);
  const used = await status('one');
  assert.ok(Math.abs(used.last_used - Date.now() / 1000) < 60);
  assert.ok(used.speed.decode_tokens_per_second > 0);

  const { models } = await (await server.get('/api/models')).json();
  assert.deepEqual(models.map(({ id, status: { state } }) => [id, state]), [['one', 'ready'], ['three', 'unloaded'], ['two', 'unloaded']]);

  const unloaded = await unload('one');
  assert.deepEqual([unloaded.status, unloaded.loaded, unloaded.state], ['success', false, 'unloaded']);
  assert.equal((await (await server.get('/api/health')).json()).models_loaded, 0);
  assert.equal((await unload('one')).loaded, false);
  assert.equal((await generate('one')).status, 200, 'a request loads it again');
});

test('NAT-2 options of a load act, and wrong ones are refused', async (t) => {
  const { server, load } = await start(t);
  for (const [name, value] of [['ctx', 1024], ['num_ctx', 768]]) {
    assert.equal((await load('one', { [name]: value })).context.limit, value, name);
  }
  const loaded = await load('one', { context: 512, parallel: 2, cache_type_k: 'f16', pin: true, keep_alive: -1 });
  assert.equal(loaded.context.limit, 512);
  assert.equal(loaded.pinned, true);
  assert.equal(loaded.keep_alive_seconds, null);
  const long = await server.post('/api/generate', { model: 'one', prompt: 'word '.repeat(600) });
  assert.match((await errorOf(long, 400)).message, /512/);
  for (const body of [{ context: 0 }, { context: 'big' }, { cache_type_k: 'q9' }, { keep_alive: 'soon' }, { pin: 'yes' }]) {
    const error = await errorOf(await server.post('/api/models/two/load', body), 400);
    assert.equal(error.param, Object.keys(body)[0]);
  }
  for (const unknown of [await server.post('/api/models/none/load', {}), await server.post('/api/models/none/unload', {}), await server.get('/api/models/none/status')]) {
    const error = await errorOf(unknown, 404);
    assert.deepEqual([error.code, error.param], ['model_not_found', 'model']);
  }
  await errorOf(await server.post('/api/models/one/unload?force=maybe', {}), 400);
});

test('requests say how long their model stays', async (t) => {
  const { server, status, generate } = await start(t);
  const kAsked = [
    ['10m', 600, () => generate('one', { keep_alive: '10m' })],
    [90, 90, () => server.chat({ model: 'one', max_tokens: 1, keep_alive: 90 })],
    [-1, null, () => server.post('/v1/completions', { model: 'one', prompt: 'a', max_tokens: 1, keep_alive: -1 })],
    ['1h', 3600, () => server.post('/v1/embeddings', { model: 'one', input: 'a', keep_alive: '1h' })],
    [undefined, 3600, () => generate('one')],
  ];
  for (const [asked, seconds, ask] of kAsked) {
    const response = await ask();
    assert.equal(response.status, 200, await response.clone().text());
    await response.text();
    assert.equal((await status('one')).keep_alive_seconds, seconds, asked);
  }
  assert.equal((await errorOf(await generate('one', { keep_alive: 'soon' }), 400)).param, 'keep_alive');
  assert.equal((await status('one')).keep_alive_seconds, 3600, 'a request that is refused changes nothing');
});

test('a request with keep_alive 0 is the last of its model', async (t) => {
  const { status, generate } = await start(t);
  const response = await generate('one', { keep_alive: 0 });
  assert.equal(response.status, 200, await response.clone().text());
  await within((async () => {
    while ((await status('one')).state !== 'unloaded') await new Promise((resolve) => setTimeout(resolve, 5));
  })(), 'the model to leave');
});

test('NAT-2 a load that is streamed ends with the outcome', async (t) => {
  const { server } = await start(t);
  const all = [];
  for await (const event of events(await server.post('/api/models/one/load', { stream: true }))) all.push(event);
  assert.equal(all.pop(), '[DONE]');
  const outcome = JSON.parse(all.pop());
  assert.deepEqual([outcome.status, outcome.state], ['success', 'ready']);
  const shares = all.map((event) => JSON.parse(event).progress);
  assert.deepEqual(shares, shares.toSorted((a, b) => a - b));
});

test('NAT-2 many requests for a model that is not loaded load it once', async (t) => {
  const { generate, status } = await start(t);
  const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => generate(['one', 'two', 'three'][i % 3])));
  for (const answer of answers) assert.equal(answer.status, 200, await answer.clone().text());
  const texts = await Promise.all(answers.map(async (answer) => (await answer.json()).choices[0].text));
  for (const [i, text] of texts.entries()) assert.equal(text, texts[i % 3]);
  for (const name of ['one', 'two', 'three']) assert.equal((await status(name)).state, 'ready');
});

test('NAT-2 unloading lets a stream finish, and forcing ends it with an error', async (t) => {
  const { unload, generate, status } = await start(t);
  const open = async (tokens) => {
    const stream = events(await generate('one', { stream: true, max_tokens: tokens }));
    return { stream, first: await stream.next() };
  };
  const { stream } = await open(400);
  const unloading = unload('one');
  const rest = [];
  for await (const event of stream) rest.push(event);
  assert.equal(rest.at(-1), '[DONE]');
  assert.equal(JSON.parse(rest.at(-2)).choices[0].finish_reason, 'length');
  assert.equal((await unloading).loaded, false);

  const endless = await open(100_000);
  assert.equal((await status('one')).requests.active, 1);
  assert.equal((await unload('one', '?force=true')).loaded, false);
  const seen = [];
  for await (const event of endless.stream) seen.push(event);
  assert.match(seen.at(-1), /"error"/);
  assert.equal((await generate('one')).status, 200);
});

test('NAT-2 discovering tells what is new, gone and broken, without its path', async (t) => {
  const { server, home, directory } = await start(t);
  makeModel(directory, 'four', 4);
  fs.writeFileSync(path.join(directory, 'half.gguf'), 'GGUF');
  fs.rmSync(path.join(directory, 'two.gguf'));
  const text = await (await server.get('/api/models/discover')).text();
  const found = JSON.parse(text);
  assert.deepEqual(found.models.map(({ id }) => id), ['four', 'one', 'three']);
  assert.deepEqual([found.discovered, found.added, found.removed], [3, ['four'], ['two']]);
  assert.deepEqual(found.broken.map(({ name }) => name), ['half']);
  assert.ok(!text.includes(home), text);
  const again = await (await server.post('/api/models/discover', {})).json();
  assert.deepEqual([again.added, again.removed], [[], []]);
});
