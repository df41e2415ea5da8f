// GET /v1/models: wire.md section 2.2.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { errorOf, homeWithModel, makeModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => {
  const home = homeWithModel(t);
  const models = `${home}/data/shimmy/models`;
  makeModel(`${models}/models`, 'tiny', 2); // two of one name: ids with slashes
  makeModel(models, 'with space+plus:tag.v1', 3);
  return Server.start(t, home);
});
const list = async () => (await shared.server.get('/v1/models')).json();

test('MODELS-1 the list serves OpenAI and Anthropic clients', async () => {
  const body = await list();
  assert.equal(body.object, 'list');
  assert.equal(body.has_more, false);
  assert.equal(body.first_id, body.data[0].id);
  assert.equal(body.last_id, body.data.at(-1).id);
  for (const model of body.data) {
    assert.deepEqual([model.object, model.owned_by, model.type], ['model', 'shimmy', 'model']);
    assert.ok(Number.isInteger(model.created) && model.created < 1e11);
    assert.equal(Date.parse(model.created_at), model.created * 1000);
    assert.equal(typeof model.display_name, 'string');
    assert.equal(model.context_length, 2048);
  }
  assert.deepEqual(await list(), body);
});

test('MODELS-2 one model stands alone, an unknown one is a 404', async () => {
  const [first] = (await list()).data;
  assert.deepEqual(await (await shared.server.get(`/v1/models/${encodeURIComponent(first.id)}`)).json(), first);
  for (const path of ['/v1/models/none', '/v1/models/org%2Fnone', '/v1/models/org/none'])
    assert.equal((await errorOf(await shared.server.get(path), 404)).code, 'model_not_found');
});

test('MODELS-3 ids are found encoded and, with their slashes, bare', async () => {
  const { data } = await list();
  assert.ok(data.some((model) => model.id.includes('/')));
  for (const { id } of data) {
    assert.equal((await (await shared.server.get(`/v1/models/${encodeURIComponent(id)}`)).json()).id, id);
    assert.equal((await (await shared.server.get(`/v1/models/${encodeURI(id)}`)).json()).id, id);
  }
});

test('MODELS-4 an answer names the model as it was asked for', async () => {
  for (const { id } of (await list()).data) {
    assert.equal((await (await shared.server.chat({ model: id, max_tokens: 1 })).json()).model, id);
  }
});

test('MODELS-5 nothing can be deleted', async () => {
  const { id } = (await list()).data[0];
  const response = await fetch(`${shared.server.url}/v1/models/${encodeURIComponent(id)}`, { method: 'DELETE' });
  assert.ok([403, 405].includes(response.status), response.status);
  assert.match((await response.json()).error.message, /\S/);
  assert.equal((await list()).data.length, 3);
});

test('the /v1 of a base URL may be forgotten, doubled slashes and a last one too many', async () => {
  for (const path of ['/models', '/v1//models', '/v1/models/', '//v1/models', '/v1/models?beta=true'])
    assert.equal((await (await shared.server.get(path)).json()).object, 'list', path);
});
