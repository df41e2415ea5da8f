// What a page or a script does without any package: fetch, and the body as it comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kLongContext, kWeather, assertWeather, sharedServer, tinyServer } from './clients.mjs';

const shared = sharedServer((t) => tinyServer(t, [...kLongContext, '--parallel', '1']));
const kShort = { model: 'tiny', max_tokens: 8, temperature: 0, ignore_eos: true };
const messages = [{ role: 'user', content: 'Hi' }];
const post = (route, body, more = {}) =>
  fetch(shared.server.url + route, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), ...more });

// The events of a stream, as the HTML standard reads them: fields by line, comments passed over.
async function* eventsOf(response) {
  let text = '';
  let data = [];
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      const line = text.slice(0, at);
      text = text.slice(at + 1);
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
  }
}

async function textOf(response, pick) {
  let text = '';
  for await (const event of eventsOf(response)) if (event !== '[DONE]') text += pick(JSON.parse(event)) ?? '';
  return text;
}

test('a chat is read as it comes', async () => {
  const whole = (await (await post('/v1/chat/completions', { ...kShort, messages })).json()).choices[0].message.content;
  const stream = await post('/v1/chat/completions', { ...kShort, messages, stream: true });
  assert.equal(await textOf(stream, (chunk) => chunk.choices[0].delta.content), whole);
});

test('a text of the own API is read as it comes', async () => {
  const asked = { ...kShort, prompt: 'Hi' };
  const whole = (await (await post('/api/generate', asked)).json()).choices[0].text;
  assert.equal(await textOf(await post('/api/generate', { ...asked, stream: true }), (chunk) => chunk.choices[0].text), whole);
});

test('text/plain needs no preflight, so pages may send it', async () => {
  const response = await post('/v1/chat/completions', { ...kShort, messages }, { headers: { 'Content-Type': 'text/plain', Origin: 'http://localhost:5173' } });
  assert.equal(response.headers.get('access-control-allow-origin'), 'http://localhost:5173');
  assert.equal(response.headers.get('access-control-expose-headers').includes('x-request-id'), true);
});

test('a page from elsewhere is refused before anything is generated', async () => {
  const response = await post('/v1/chat/completions', { ...kShort, messages }, { headers: { 'Content-Type': 'text/plain', Origin: 'https://evil.example' } });
  assert.equal(response.status, 403);
  assert.equal(response.headers.has('access-control-allow-origin'), false);
});

test('a form of a schema comes out of a stream', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'weather', strict: true, schema: kWeather } };
  const stream = await post('/v1/chat/completions', { ...kShort, max_tokens: 200, ignore_eos: false, messages, response_format, stream: true });
  assertWeather(JSON.parse(await textOf(stream, (chunk) => chunk.choices[0].delta.content)));
});

for (const [how, leave] of [['abort', (gone) => gone.abort()], ['cancel', (_, reader) => reader.cancel()]]) {
  test(`${how} frees the engine`, async () => {
    const gone = new AbortController();
    const response = await post('/v1/chat/completions', { ...kShort, messages, max_tokens: -1, stream: true }, { signal: gone.signal });
    const reader = response.body.getReader();
    await reader.read();
    await leave(gone, reader);
    assert.equal((await post('/v1/chat/completions', { ...kShort, messages })).status, 200);
  });
}

test('a body may be streamed up, without a length', async () => {
  const pieces = JSON.stringify({ ...kShort, messages }).match(/.{1,7}/g);
  const body = new ReadableStream({ pull: (up) => (pieces.length > 0 ? up.enqueue(new TextEncoder().encode(pieces.shift())) : up.close()) });
  assert.equal((await post('/v1/chat/completions', {}, { body, duplex: 'half' })).status, 200);
});

test('a compressed body is understood', async () => {
  const body = new Blob([JSON.stringify({ ...kShort, messages })]).stream().pipeThrough(new CompressionStream('gzip'));
  assert.equal((await post('/v1/chat/completions', {}, { body, duplex: 'half', headers: { 'Content-Encoding': 'gzip' } })).status, 200);
});
