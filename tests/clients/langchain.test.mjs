// LangChain.js.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';

import { assertWeather, kLongContext, kWeather, sharedServer, tinyServer } from './clients.mjs';

const shared = sharedServer((t) => tinyServer(t, kLongContext));
const settings = (more) => ({
  model: 'tiny', apiKey: 'none', temperature: 0, maxTokens: 8, maxRetries: 0,
  configuration: { baseURL: `${shared.server.url}/v1` }, ...more,
});
const chat = (more = {}) => new ChatOpenAI(settings(more));
const Weather = z.object({ city: z.enum(['Paris', 'Rome']), days: z.union([z.literal(1), z.literal(2), z.literal(3)]) });

test('invoke answers a conversation', async () => {
  const said = [new SystemMessage('Be brief.'), new HumanMessage('Hi'), new AIMessage('Hello'), new HumanMessage('Again')];
  const answer = await chat().invoke(said);
  assert.ok(answer.text.length > 0);
  assert.equal(answer.usage_metadata.output_tokens, 8);
  assert.equal(answer.response_metadata.finish_reason, 'length');
});

test('stream streams the same text', async () => {
  const whole = await chat().invoke('Hi');
  let all;
  for await (const chunk of await chat().stream('Hi')) all = all ? all.concat(chunk) : chunk;
  assert.equal(all.text, whole.text);
  assert.equal(all.usage_metadata.output_tokens, 8);
});

test('batch answers several at once', async () => {
  const answers = await chat().batch(['a', 'b', 'c']);
  assert.equal(answers.length, 3);
  assert.ok(answers.every((answer) => answer.text.length > 0));
});

const weather = tool(() => 'sunny', { name: 'weather', description: 'The weather of a city.', schema: kWeather });

test('a bound tool is called, and takes its result back', async () => {
  const bound = chat({ maxTokens: 500 }).bindTools([weather], { tool_choice: 'weather' });
  const first = await bound.invoke('The weather?');
  assert.equal(first.tool_calls.length, 1);
  assert.equal(first.tool_calls[0].name, 'weather');
  assertWeather(first.tool_calls[0].args);
  const result = new ToolMessage({ content: 'sunny', tool_call_id: first.tool_calls[0].id });
  assert.ok((await chat().invoke([new HumanMessage('The weather?'), first, result])).text.length > 0);
});

test('a bound tool is called in a stream', async () => {
  let all;
  const bound = chat({ maxTokens: 500 }).bindTools([weather], { tool_choice: 'weather' });
  for await (const chunk of await bound.stream('The weather?')) all = all ? all.concat(chunk) : chunk;
  assertWeather(all.tool_calls[0].args);
});

for (const method of ['jsonSchema', 'functionCalling']) {
  test(`withStructuredOutput by ${method} gives the object`, async () => {
    const structured = chat({ maxTokens: 500 }).withStructuredOutput(Weather, { name: 'weather', method });
    assertWeather(await structured.invoke('The weather?'));
  });
}

test('the completion model answers', async () => {
  assert.ok((await new OpenAI(settings()).invoke('Once')).length > 0);
});

test('the embeddings are those of the inputs', async () => {
  const embeddings = new OpenAIEmbeddings(settings());
  const [one, two] = await embeddings.embedDocuments(['one', 'two']);
  assert.equal(one.length, 64);
  const again = await embeddings.embedQuery('two');
  assert.ok(again.every((value, i) => Math.abs(value - two[i]) < 1e-3));
});

test('an abort ends a stream and frees the engine', async (t) => {
  const server = await tinyServer(t, [...kLongContext, '--parallel', '1']);
  const endless = new ChatOpenAI(settings({ maxTokens: 60_000, modelKwargs: { ignore_eos: true }, configuration: { baseURL: `${server.url}/v1` } }));
  for await (const chunk of await endless.stream('Hi')) if (chunk.text) break;
  assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
});

test('the message of an error arrives', async () => {
  await assert.rejects(chat({ model: 'tinny' }).invoke('Hi'), (error) => error.status === 404 && /Did you mean/.test(error.message));
});
