// The rest of OpenAI's API, and the routes that other local servers have: wire.md section 2.7.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { errorOf, homeWithModel, makeModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => {
  const home = homeWithModel(t);
  makeModel(`${home}/data/shimmy/models`, 'reranker', 3, 'reranker');
  return Server.start(t, home);
});
const post = async (route, body, status = 200) => {
  const response = await shared.server.post(route, { model: 'tiny', ...body });
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text);
};

const absent = {
  '/v1/moderations': /moderation/, '/v1/images/generations': /images/, '/v1/audio/speech': /audio/, '/v1/audio/transcriptions': /audio/, '/v1/videos': /videos/,
  '/v1/fine_tuning/jobs': /fine-tuning/, '/v1/vector_stores': /vector stores/, '/v1/assistants': /assistants/, '/v1/threads/t_1/runs': /threads/, '/v1/files': /files/,
  '/v1/batches/b_1/cancel': /batches/, '/v1/realtime/sessions': /realtime/, '/v1/evals': /evaluations/, '/v1/uploads': /uploads/, '/v1/organization/usage': /organizations/,
  '/v1/dashboard/billing': /dashboard/,
};
for (const [route, name] of Object.entries(absent)) {
  test(`${route} is a 404 that names what is missing, whatever the method`, async () => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const error = await errorOf(await fetch(shared.server.url + route, { method, ...(method === 'POST' && { body: '{}' }) }), 404);
      assert.deepEqual([error.type, error.code], ['invalid_request_error', 'unknown_url']);
      assert.match(error.message, name);
      assert.match(error.message, new RegExp(`Unknown request URL: ${method} ${route}`));
    }
  });
}

test('what nobody knows is a 404 that names it', async () => {
  for (const route of ['/v1/nothing', '/v1/filesystem', '/v1', '/v1/chat', '/v1/chat/completions/chatcmpl-1/more']) {
    const error = await errorOf(await shared.server.get(route), 404);
    assert.equal(error.code, 'unknown_url');
    assert.ok(error.message.includes(route), error.message);
  }
});

test('/tokenize and /detokenize have the form of llama.cpp', async () => {
  const { tokens } = await post('/tokenize', { content: 'Héllo' });
  assert.ok(tokens.every(Number.isInteger));
  const text = await post('/detokenize', { tokens });
  assert.deepEqual([text.content, text.prompt], ['Héllo', 'Héllo']); // vLLM's word for it, too
  const pieces = (await post('/tokenize', { content: 'Hi é', with_pieces: true })).tokens;
  // A piece that is no text alone is a list of bytes.
  assert.equal(Buffer.concat(pieces.map(({ piece }) => Buffer.from(piece))).toString(), 'Hi é');
  assert.deepEqual(pieces.map(({ id }) => id), (await post('/tokenize', { content: 'Hi é' })).tokens);
  assert.equal((await post('/tokenize', { content: '<|im_end|>', parse_special: true })).tokens.length, 1);
  assert.ok((await post('/tokenize', { content: '<|im_end|>', parse_special: false })).tokens.length > 1);
  assert.deepEqual((await post('/tokenize', { content: '' })).tokens, []);
});

test('/tokenize has the form of vLLM for a prompt or messages', async () => {
  const { tokens } = await post('/tokenize', { content: 'Héllo' });
  const answer = await post('/tokenize', { prompt: 'Héllo', add_special_tokens: false });
  assert.deepEqual([answer.tokens, answer.count, answer.max_model_len], [tokens, tokens.length, 2048]);
  const chat = await post('/tokenize', { messages: [{ role: 'user', content: 'Hi' }] });
  assert.deepEqual([chat.count, chat.tokens.length], [10, 10]);
});

test('/apply-template shows the prompt', async () => {
  const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }];
  assert.match((await post('/apply-template', { messages })).prompt, /^<\|im_start\|>system\nBe brief\.<\|im_end\|>\n<\|im_start\|>user\nHi<\|im_end\|>\n<\|im_start\|>assistant\n$/);
  const tools = [{ type: 'function', function: { name: 'weather', description: 'Tells the weather.' } }];
  assert.match((await post('/apply-template', { messages, tools })).prompt, /weather/);
});

test('/apply-template shows the template that the server was started with', async (t) => {
  const home = homeWithModel(t);
  const file = `${home}/own.jinja`;
  fs.writeFileSync(file, "{% for message in messages %}[{{ message.role }}] {{ message.content }}\n{% endfor %}{% if add_generation_prompt %}[answer] {% endif %}");
  for (const [given, prompt] of [[file, '[user] Hi\n[answer] '], ['llama3', /<\|start_header_id\|>user/], ["{{ messages[0].content }}", 'Hi']]) {
    const server = await Server.start(t, home, ['--chat-template', given]);
    const shown = await (await server.post('/apply-template', { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] })).json();
    if (prompt instanceof RegExp) assert.match(shown.prompt, prompt);
    else assert.equal(shown.prompt, prompt);
    assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
  }
});

test('a template that is none is told, at the start or with the first chat', async (t) => {
  const home = homeWithModel(t);
  for (const given of ['{% for', '{{ nothing.at.all }}{{ raise_exception("no") }}']) {
    const server = await Server.start(t, home, ['--chat-template', given]).catch((error) => error);
    if (server instanceof Error) {
      assert.match(server.message, /template/);
      continue;
    }
    const response = await server.chat({ max_tokens: 1 });
    assert.ok(response.status >= 400, `${given}: ${response.status}`);
    assert.match((await response.json()).error.message, /template|no/);
  }
});

test('what is wrong with them is named', async () => {
  for (const [route, body, param] of [
    ['/tokenize', {}, 'content'], ['/tokenize', { content: 7 }, 'content'], ['/detokenize', {}, 'tokens'], ['/detokenize', { tokens: ['a'] }, 'tokens'],
    ['/detokenize', { tokens: [999999999] }, 'tokens'], ['/apply-template', {}, 'messages'], ['/apply-template', { messages: [] }, 'messages'],
  ]) {
    const { error } = await post(route, body, 400);
    assert.ok(error.param?.startsWith(param) || error.message.includes(param), `${route} ${JSON.stringify(body)}: ${JSON.stringify(error)}`);
  }
  assert.equal((await post('/tokenize', { model: 'none', content: 'a' }, 404)).error.code, 'model_not_found');
});

test('/v1/rerank names what is missing', async () => {
  const rerank = (more) => ({ model: 'reranker', query: 'q', documents: ['a'], ...more });
  for (const [more, param] of [[{ query: undefined }, 'query'], [{ documents: undefined }, 'documents'], [{ documents: [] }, 'documents'], [{ documents: [7] }, 'documents[0]'], [{ top_n: 0 }, 'top_n']]) {
    assert.equal((await post('/v1/rerank', rerank(more), 400)).error.param, param, JSON.stringify(more));
  }
});

test('GET / greets whoever looks', async () => {
  assert.match(await (await shared.server.get('/')).text(), /shimmy .* is running/);
});
