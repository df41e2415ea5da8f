// What the default model says makes sense, through its template, tools and schemas. Few tokens: it runs on the CPU.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertWeather, kWeather, meaningfulServer, openai, sharedServer } from './clients.mjs';

const shared = sharedServer((t) => meaningfulServer(t));
const ask = (content, more = {}) => ({ model: shared.server.model, messages: [{ role: 'user', content }], temperature: 0, ...more });

test('a chat is answered', async () => {
  const answer = await openai(shared.server).chat.completions.create(ask('Say hello.', { max_tokens: 6 }));
  assert.match(answer.choices[0].message.content, /hello|hi/i);
});

test('a text is continued', async () => {
  const answer = await openai(shared.server).completions.create({ model: shared.server.model, prompt: 'The capital of France is', max_tokens: 4, temperature: 0 });
  assert.match(answer.choices[0].text, /Paris/);
});

test('the forced tool is called with what was asked for', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', description: 'The weather of a city.', parameters: kWeather } }];
  const tool_choice = { type: 'function', function: { name: 'weather' } };
  const { choices } = await openai(shared.server).chat.completions.stream(ask('How is the weather in Rome?', { tools, tool_choice })).finalChatCompletion();
  const given = JSON.parse(choices[0].message.tool_calls[0].function.arguments);
  assertWeather(given);
  assert.equal(given.city, 'Rome');
});

test('a schema is filled with what was asked for', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'weather', strict: true, schema: kWeather } };
  const answer = await openai(shared.server).chat.completions.parse(ask('Is Paris sunny?', { response_format }));
  assertWeather(answer.choices[0].message.parsed);
  assert.equal(answer.choices[0].message.parsed.city, 'Paris');
});
