// The Vercel AI SDK, which checks every chunk against its schemas.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateObject, generateText, isStepCount, jsonSchema, streamObject, streamText, tool } from 'ai';

import { assertWeather, kLongContext, kWeather, sharedServer, tinyServer } from './clients.mjs';

const shared = sharedServer((t) => tinyServer(t, kLongContext));
const provider = (more = {}) => createOpenAICompatible({ name: 'shimmy', baseURL: `${shared.server.url}/v1`, supportsStructuredOutputs: true, includeUsage: true, ...more });
const kShort = { prompt: 'Hi', maxOutputTokens: 8, temperature: 0, maxRetries: 0 };
const model = (more) => provider(more).chatModel('tiny');

test('generateText answers', async () => {
  const { text, finishReason, usage } = await generateText({ model: model(), ...kShort });
  assert.ok(text.length > 0);
  assert.equal(finishReason, 'length');
  assert.equal(usage.outputTokens, 8);
  assert.equal(usage.inputTokens, 10);
});

test('streamText streams the same text', async () => {
  const whole = await generateText({ model: model(), ...kShort });
  const stream = streamText({ model: model(), ...kShort, onError: ({ error }) => assert.fail(error) });
  let text = '';
  for await (const delta of stream.textStream) text += delta;
  assert.equal(text, whole.text);
  assert.equal(await stream.finishReason, 'length');
  assert.equal((await stream.usage).outputTokens, 8);
});

test('generateObject fills a schema', async () => {
  const { object } = await generateObject({ model: model(), prompt: 'The weather?', schema: jsonSchema(kWeather), temperature: 0, maxRetries: 0 });
  assertWeather(object);
});

test('streamObject fills a schema piece by piece', async () => {
  const stream = streamObject({ model: model(), prompt: 'The weather?', schema: jsonSchema(kWeather), temperature: 0, onError: ({ error }) => assert.fail(error) });
  let pieces = 0;
  for await (const piece of stream.partialObjectStream) pieces += piece ? 1 : 0;
  assert.ok(pieces > 1);
  assertWeather(await stream.object);
});

test('embedMany embeds', async () => {
  const { embeddings } = await embedMany({ model: provider().embeddingModel('tiny'), values: ['one', 'two', 'three'] });
  assert.deepEqual(embeddings.map((vector) => vector.length), [64, 64, 64]);
});

test('an abort ends streamText and frees the engine', async (t) => {
  const server = await tinyServer(t, [...kLongContext, '--parallel', '1']);
  const aborted = new AbortController();
  const stream = streamText({ model: provider({ baseURL: `${server.url}/v1` }).chatModel('tiny'), prompt: 'Hi', abortSignal: aborted.signal, maxOutputTokens: 60_000, providerOptions: { shimmy: { ignore_eos: true } }, onError: () => {} });
  for await (const part of stream.fullStream) if (part.type === 'text-delta') aborted.abort();
  assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
});

const weather = (called) => tool({
  description: 'The weather of a city.',
  inputSchema: jsonSchema(kWeather),
  execute: (given) => { called.push(given); return 'sunny'; },
});

test('generateText calls a tool and sends the result back', async () => {
  const called = [];
  const { steps } = await generateText({
    model: model(), prompt: 'The weather?', temperature: 0, maxRetries: 0, tools: { weather: weather(called) },
    toolChoice: { type: 'tool', toolName: 'weather' }, stopWhen: isStepCount(2),
  });
  assert.equal(steps.length, 2);
  assert.ok(steps.every((step) => step.finishReason === 'tool-calls'));
  assert.equal(called.length, 2);
  called.forEach(assertWeather);
});

test('streamText calls a tool', async () => {
  const called = [];
  const stream = streamText({
    model: model(), prompt: 'The weather?', temperature: 0, tools: { weather: weather(called) },
    toolChoice: { type: 'tool', toolName: 'weather' }, stopWhen: isStepCount(1), onError: ({ error }) => assert.fail(error),
  });
  const kinds = new Set();
  for await (const part of stream.fullStream) kinds.add(part.type);
  for (const kind of ['tool-input-start', 'tool-input-delta', 'tool-call', 'tool-result', 'finish']) assert.ok(kinds.has(kind), kind);
  assertWeather(called[0]);
});

test('completionModel answers', async () => {
  const { text } = await generateText({ model: provider().completionModel('tiny'), ...kShort });
  assert.ok(text.length > 0);
});

test('the message of an error arrives', async () => {
  const unknown = generateText({ model: provider().chatModel('tinny'), ...kShort });
  await assert.rejects(unknown, (error) => error.statusCode === 404 && !error.isRetryable && /Did you mean/.test(error.message));
});
