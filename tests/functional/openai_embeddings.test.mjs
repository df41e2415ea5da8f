// POST /v1/embeddings and /v1/rerank: wire.md section 2.5 and the last route but two of 2.7.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { homeWithModel, makeModel, Server, within } from './shimmy.mjs';

const norm = (vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
const cosine = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0) / norm(a) / norm(b);

describe('embeddings and reranking', () => {
  const endings = [];
  const suite = { after: (ending) => endings.unshift(ending) };
  let server;
  before(async () => {
    const home = homeWithModel(suite);
    const models = path.join(home, 'data', 'shimmy', 'models');
    makeModel(models, 'encoder', 2, 'encoder');
    makeModel(models, 'reranker', 3, 'reranker');
    server = await Server.start(suite, home);
  });
  after(() => endings.forEach((ending) => ending()));

  async function ask(route, body, status = 200) {
    const response = await server.post(route, body);
    const text = await response.text();
    assert.equal(response.status, status, text);
    return JSON.parse(text);
  }
  const embed = (input, more = {}) => ask('/v1/embeddings', { model: 'encoder', input, ...more });
  const refuse = async (route, body, status = 400) => (await ask(route, body, status)).error;

  test('EMB-2: the answer has OpenAI\'s shape, in the order of the inputs', async () => {
    const answer = await embed(['Hello world', 'the other one']);
    assert.deepEqual(Object.keys(answer), ['object', 'data', 'model', 'usage']);
    assert.equal(answer.object, 'list');
    assert.equal(answer.model, 'encoder');
    assert.equal(answer.usage.prompt_tokens, answer.usage.total_tokens);
    answer.data.forEach((item, index) => {
      assert.deepEqual(Object.keys(item), ['object', 'index', 'embedding']);
      assert.equal(item.index, index);
      assert.equal(item.embedding.length, 64);
      assert.ok(Math.abs(norm(item.embedding) - 1) < 1e-5);
    });
    assert.equal(answer.data.length, 2);
    const [alone] = (await embed('the other one')).data;
    assert.ok(cosine(alone.embedding, answer.data[1].embedding) > 0.9999);
  });

  test('EMB-1: base64 is little-endian float32', async () => {
    const [plain] = (await embed('Hello world')).data;
    const [packed] = (await embed('Hello world', { encoding_format: 'base64' })).data;
    const bytes = Buffer.from(packed.embedding, 'base64');
    assert.equal(bytes.length, 64 * 4);
    plain.embedding.forEach((value, i) => assert.equal(bytes.readFloatLE(i * 4), Math.fround(value)));
  });

  test('EMB-3: fewer dimensions are cut off and normalised again', async () => {
    const [whole] = (await embed('Hello')).data;
    const [cut] = (await embed('Hello', { dimensions: 8 })).data;
    assert.equal(cut.embedding.length, 8);
    assert.ok(cosine(cut.embedding, whole.embedding.slice(0, 8)) > 0.9999);
    const error = await refuse('/v1/embeddings', { model: 'encoder', input: 'a', dimensions: 65 });
    assert.equal(error.param, 'dimensions');
  });

  test('EMB-3: tokens are taken as they are, one list or several', async () => {
    const one = await embed([5, 6, 7]);
    assert.equal(one.data.length, 1);
    assert.equal(one.usage.prompt_tokens, 3);
    const two = await embed([[5, 6, 7], [8]]);
    assert.equal(two.usage.prompt_tokens, 4);
    assert.ok(cosine(one.data[0].embedding, two.data[0].embedding) > 0.9999);
  });

  test('EMB-3: dimensions are 1 to those of the model', async () => {
    for (const dimensions of [0, -1, 65, 1.5, '8']) {
      assert.equal((await refuse('/v1/embeddings', { model: 'encoder', input: 'a', dimensions })).param, 'dimensions');
    }
  });

  test('EMB-2: there may be 2048 inputs', async () => {
    assert.equal((await embed(Array(2048).fill([5]))).data.length, 2048);
    const error = await refuse('/v1/embeddings', { model: 'encoder', input: Array(2049).fill([5]) });
    assert.equal(error.code, 'array_above_max_length');
  });

  test('EMB-2: what is missing is named, null as well', async () => {
    for (const input of [null, undefined]) {
      const error = await refuse('/v1/embeddings', { model: 'encoder', input });
      assert.deepEqual([error.code, error.param], ['missing_required_parameter', 'input']);
    }
    assert.equal((await refuse('/v1/embeddings', { model: 'encoder', input: 'a', encoding_format: 'hex' })).param, 'encoding_format');
    assert.equal((await refuse('/v1/embeddings', { model: 'none', input: 'a' }, 404)).code, 'model_not_found');
  });

  test('EMB-4: a generative model embeds, too', async () => {
    const answer = await ask('/v1/embeddings', { model: 'tiny', input: 'Hello world' });
    assert.equal(answer.data[0].embedding.length, 64);
    const chat = await server.chat({ max_tokens: 2 });
    assert.equal(chat.status, 200);
  });

  test('EMB-2: the longest input goes through, and one token more names both numbers', async () => {
    assert.equal((await embed(Array(600).fill(5))).usage.prompt_tokens, 600);
    const error = await refuse('/v1/embeddings', { model: 'encoder', input: Array(601).fill(5) });
    assert.equal(error.code, 'context_length_exceeded');
    assert.match(error.message, /600 tokens.*601 tokens/);
    assert.equal(error.param, 'input');
  });

  test('EMB-2: what is empty or mixed is refused with the field', async () => {
    for (const [input, param] of [['', 'input'], [[], 'input'], [['a', ''], 'input[1]'], [['a', 1], 'input[1]'],
      [[1, 'a'], 'input[1]'], [[[]], 'input[0]'], [{}, 'input'], [[99999999], 'input']]) {
      assert.equal((await refuse('/v1/embeddings', { model: 'encoder', input })).param, param, JSON.stringify(input));
    }
  });

  test('many requests at once all get their own vectors', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => 'word '.repeat(i + 1));
    const alone = (await embed(texts)).data.map((item) => item.embedding);
    const together = await within(Promise.all(texts.map((text) => embed(text))), '40 embeddings');
    together.forEach((answer, i) => assert.ok(cosine(answer.data[0].embedding, alone[i]) > 0.9999, texts[i]));
  });

  test('a client that leaves does not hold the next one up', async () => {
    const leaving = new AbortController();
    const body = JSON.stringify({ model: 'encoder', input: Array(2048).fill('the other one '.repeat(30)) });
    const headers = { 'content-type': 'application/json' };
    const gone = fetch(`${server.url}/v1/embeddings`, { method: 'POST', body, headers, signal: leaving.signal });
    const refused = assert.rejects(gone);
    await embed('first');
    leaving.abort();
    await refused;
    await within(embed('second'), 'an embedding after a cancelled one', 10_000);
  });

  test('a model that only embeds refuses to chat and to complete', async () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    assert.match((await refuse('/v1/chat/completions', { model: 'encoder', messages })).message, /embedding model \(bert\)/);
    const error = await refuse('/v1/completions', { model: 'encoder', prompt: 'Hi' });
    assert.match(error.message, /embedding model \(bert\)/);
    assert.equal(error.param, 'model');
  });

  test('a reranker sorts documents by their score', async () => {
    const documents = ['Hello', { text: 'some other words' }, 'world'];
    for (const route of ['/v1/rerank', '/rerank']) {
      const answer = await ask(route, { model: 'reranker', query: 'Hello', documents });
      assert.deepEqual(Object.keys(answer), ['model', 'object', 'usage', 'results']);
      assert.deepEqual(answer.results.map(({ index }) => index).sort(), [0, 1, 2]);
      const scores = answer.results.map((result) => result.relevance_score);
      assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
      assert.ok(answer.usage.total_tokens > 0);
    }
    const [best, ...rest] = (
      await ask('/v1/rerank', { model: 'reranker', query: 'q', documents, top_n: 1, return_documents: true })
    ).results;
    assert.equal(rest.length, 0);
    assert.equal(best.document.text, ['Hello', 'some other words', 'world'][best.index]);
  });

  test('each kind of model is sent to its own route', async () => {
    const wrong = await refuse('/v1/embeddings', { model: 'reranker', input: 'a' });
    assert.match(wrong.message, /\/v1\/rerank/);
    for (const model of ['encoder', 'tiny']) {
      assert.match((await refuse('/v1/rerank', { model, query: 'q', documents: ['a'] })).message, /reranking model/);
    }
  });
});
