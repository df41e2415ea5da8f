// POST /v1/chat/completions as its clients know it. The ids name the rules of the API's description that are tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chunks, contentOf, errorOf, homeWithModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768']));
const kShort = { max_tokens: 8, temperature: 0, ignore_eos: true };
const user = { role: 'user', content: 'Hi' };

async function answer(more) {
  const response = await shared.server.chat({ ...kShort, ...more });
  assert.equal(response.status, 200, response.status === 200 ? '' : await response.clone().text());
  return response.json();
}

const content = async (more) => (await answer(more)).choices[0].message.content;
const stream = async (more) => chunks(await shared.server.chat({ ...kShort, ...more, stream: true }));
const refusal = async (more, status = 400) => errorOf(await shared.server.chat({ ...kShort, ...more }), status);
const promptTokens = async (messages, more = {}) => (await answer({ messages, max_tokens: 1, ...more })).usage.prompt_tokens;

const kWeather = { type: 'object', properties: { city: { enum: ['Paris', 'Rome'] } }, required: ['city'], additionalProperties: false };
const functionTool = (name, parameters = kWeather) => ({ type: 'function', function: { name, description: `Does ${name}.`, parameters } });
const forced = (name) => ({ tool_choice: { type: 'function', function: { name } } });
const kForced = { max_tokens: 400, ignore_eos: false, tools: [functionTool('weather')], ...forced('weather') };
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } };
const said = [user, { role: 'assistant', content: null, tool_calls: [call] }];

test('CHAT-M1 content is a string, parts, null or absent', async () => {
  const whole = await promptTokens([user]);
  assert.equal(await promptTokens([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]), whole);
  assert.ok((await promptTokens([user, { role: 'assistant', content: '' }, user])) > whole);
  for (const silent of [{ content: null }, { content: '' }, {}])
    assert.ok((await promptTokens([user, { role: 'assistant', ...silent, tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: 'sunny' }])) > whole);
  assert.equal((await refusal({ messages: [{ role: 'user' }] })).param, 'messages[0].content');
});

test('CHAT-M1 a tool answers with a string or parts', async () => {
  const tool = (result) => promptTokens([...said, { role: 'tool', tool_call_id: 'call_1', content: result }]);
  assert.equal(await tool('sunny'), await tool([{ type: 'text', text: 'sunny' }]));
});

test('CHAT-M2 an unknown part is named', async () => {
  const error = await refusal({ messages: [user, { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'smell' }] }] });
  assert.deepEqual([error.code, error.param], ['invalid_value', 'messages[1].content[1].type']);
});

const parts = {
  image_url: { image_url: { url: 'data:image/png;base64,aaaa' } },
  input_audio: { input_audio: { data: 'aaaa', format: 'wav' } },
  file: { file: { file_data: 'aaaa' } },
};
for (const [type, part] of Object.entries(parts)) {
  test(`CHAT-M3 ${type} is refused by a model for text`, async () => {
    const error = await refusal({ messages: [{ role: 'user', content: [{ type, ...part }] }] });
    assert.deepEqual([error.code, error.param], ['unsupported_parameter', 'messages[0].content[0].type']);
  });
}

test('CHAT-M4 system and developer messages stand anywhere', async () => {
  const system = { role: 'system', content: 'Be brief.' };
  const developer = { role: 'developer', content: 'Be brief.' };
  assert.equal(await promptTokens([system, user]), await promptTokens([developer, user]));
  await answer({ messages: [system, developer, user, system, user, developer] });
});

test('CHAT-M5 a last message of the assistant is continued when asked for', async () => {
  const messages = [user, { role: 'assistant', content: 'Once upon' }];
  const begun = await promptTokens(messages, { continue_final_message: true });
  assert.ok(begun < (await promptTokens(messages)), 'a new turn costs tokens');
  assert.equal((await refusal({ messages: [user], continue_final_message: true })).param, 'continue_final_message');
});

test('CHAT-M6 thoughts in the history are taken', async () => {
  for (const key of ['reasoning_content', 'reasoning'])
    await answer({ messages: [user, { role: 'assistant', content: 'Hello', [key]: 'They greet.' }, user] });
});

test('CHAT-M7 a tool message needs no call, and any role may have a name', async () => {
  await answer({ messages: [user, { role: 'tool', tool_call_id: 'nobody', content: 'sunny' }, { ...user, name: 'ann' }] });
});

test('CHAT-M8 arguments in the history may be anything', async () => {
  for (const args of ['{"city":"Rome"}', 'not json', '', '[]', '{"n":123456789012345678901234567890}'])
    await answer({ messages: [user, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'weather', arguments: args } }] }, { role: 'tool', tool_call_id: 'call_1', content: 'x' }] });
});

test('CHAT-R1 logprobs and refusal are there when null', async () => {
  const { choices } = await answer();
  assert.equal(choices[0].logprobs, null);
  assert.equal(choices[0].message.refusal, null);
});

test('CHAT-R2 the reason of the end is stop, length or tool_calls', async () => {
  assert.equal((await answer()).choices[0].finish_reason, 'length');
  const text = await content();
  assert.equal((await answer({ stop: text.slice(1, 3) })).choices[0].finish_reason, 'stop');
  assert.equal((await answer(kForced)).choices[0].finish_reason, 'tool_calls');
});

test('CHAT-R2 a call that is cut ends by length, and what there is of it is answered', async () => {
  const whole = await answer(kForced);
  const { choices } = await answer({ ...kForced, max_tokens: whole.usage.completion_tokens - 4 });
  assert.equal(choices[0].finish_reason, 'length');
  assert.equal(choices[0].message.tool_calls?.[0].function.name, 'weather');
});

test('CHAT-R3 ids of calls are unique', async () => {
  const ids = new Set();
  for (let i = 0; i < 5; ++i) ids.add((await answer(kForced)).choices[0].message.tool_calls[0].id);
  assert.equal(ids.size, 5);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{1,40}$/);
});

test('CHAT-R4 arguments are an object, also of a tool without parameters', async () => {
  for (const parameters of [undefined, null, {}, { type: 'object', properties: {} }]) {
    const tools = [functionTool('now', parameters === undefined ? undefined : parameters)];
    if (parameters === undefined) delete tools[0].function.parameters;
    const { choices } = await answer({ ...kForced, tools, ...forced('now'), max_tokens: 600 });
    const given = choices[0].message.tool_calls[0].function.arguments;
    assert.equal(typeof given, 'string');
    if (choices[0].finish_reason === 'tool_calls') assert.equal(JSON.parse(given).constructor, Object);
  }
});

test('CHAT-R5 the syntax of a call is not in the content', async () => {
  const { message } = (await answer(kForced)).choices[0];
  assert.equal(message.content, null);
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments).city.length > 0, true);
});

test('CHAT-R7 the choices share the prompt in the sum of tokens', async () => {
  const one = (await answer()).usage;
  const three = (await answer({ n: 3, temperature: 1 })).usage;
  assert.equal(three.prompt_tokens, one.prompt_tokens);
  assert.equal(three.completion_tokens, 24);
  assert.equal(three.total_tokens, three.prompt_tokens + 24);
});

test('CHAT-R8 logprobs give back the bytes of the content', async () => {
  const { choices } = await answer({ logprobs: true, top_logprobs: 3 });
  const tokens = choices[0].logprobs.content;
  assert.equal(choices[0].logprobs.refusal, null);
  assert.equal(Buffer.from(tokens.flatMap((token) => token.bytes)).toString(), choices[0].message.content);
  for (const token of tokens) {
    assert.ok(token.logprob <= 0 && token.logprob >= -9999);
    assert.equal(token.top_logprobs.length, 3);
    assert.deepEqual(token.top_logprobs[0], { token: token.token, logprob: token.logprob, bytes: token.bytes });
    const order = token.top_logprobs.map((rival) => rival.logprob);
    assert.deepEqual(order, order.toSorted ? order.toSorted((a, b) => b - a) : [...order].sort((a, b) => b - a));
  }
  const bare = (await answer({ logprobs: true })).choices[0].logprobs.content;
  assert.ok(bare.every((token) => token.top_logprobs.length === 0));
  assert.equal((await refusal({ top_logprobs: 2 })).param, 'top_logprobs');
});

test('CHAT-S1 all chunks have one head', async () => {
  const heads = (await stream({ n: 2 })).map(({ id, created, model, system_fingerprint }) => `${id} ${created} ${model} ${system_fingerprint}`);
  assert.equal(new Set(heads).size, 1);
});

test('CHAT-S2 CHAT-S3 CHAT-S6 every choice has one start and one end', async () => {
  const all = await stream({ n: 3, temperature: 1, seed: 5, stream_options: { include_usage: true } });
  assert.equal(all.filter((chunk) => chunk.choices.length === 0).length, 1);
  assert.equal(all.at(-1).usage.completion_tokens, 24);
  for (const index of [0, 1, 2]) {
    const own = all.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
    assert.deepEqual(own[0].delta, { role: 'assistant', content: '', refusal: null });
    assert.deepEqual(own.map((choice) => choice.finish_reason).filter(Boolean), ['length']);
    assert.deepEqual(own.at(-1).delta, {});
    assert.ok(own.slice(1).every((choice) => !('role' in choice.delta)));
  }
  assert.ok(all.every((chunk) => chunk.choices.length <= 1));
});

test('CHAT-S4 a stream says what a whole answer says', async () => {
  const wanted = { temperature: 1, seed: 11, max_tokens: 40 };
  assert.equal(contentOf(await stream(wanted)), await content(wanted));
});

test('CHAT-S5 deltas of calls name the call once', async () => {
  const tools = ['weather', 'time'].map((name) => functionTool(name));
  const deltas = (await stream({ ...kForced, tools, tool_choice: 'required', max_tokens: 300 })).flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
  const seen = [];
  for (const { index, ...delta } of deltas) {
    if (index === seen.length) {
      assert.deepEqual(Object.keys(delta), ['id', 'type', 'function']);
      assert.deepEqual([delta.type, delta.function.arguments], ['function', '']);
      seen.push({ name: delta.function.name, text: '' });
    } else {
      assert.equal(index, seen.length - 1);
      assert.deepEqual(Object.keys(delta), ['function']);
      assert.deepEqual(Object.keys(delta.function), ['arguments']);
      seen[index].text += delta.function.arguments;
    }
  }
  assert.ok(seen.length > 0);
  assert.ok(['weather', 'time'].includes(seen[0].name));
  assert.ok(['Paris', 'Rome'].includes(JSON.parse(seen[0].text).city));
});

test('CHAT-S7 logprobs come with the text that they describe', async () => {
  const all = await stream({ logprobs: true, stop: ['never said'] });
  const tokens = all.flatMap((chunk) => chunk.choices[0].logprobs?.content ?? []);
  assert.equal(tokens.length, 8);
  assert.equal(Buffer.from(tokens.flatMap((token) => token.bytes)).toString(), contentOf(all));
});

test('CHAT-S9 a schema is filled in a stream', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'weather', schema: kWeather, strict: true } };
  const all = await stream({ response_format, ignore_eos: false, max_tokens: 200 });
  assert.deepEqual(Object.keys(JSON.parse(contentOf(all))), ['city']);
});

test('CHAT-S10 a stop string is never shown, wherever it begins', async () => {
  const whole = await content({ max_tokens: 40 });
  for (const start of [0, 1, 5, 12]) {
    const stop = whole.slice(start, start + 4);
    const all = await stream({ max_tokens: 40, stop });
    assert.equal(contentOf(all), whole.slice(0, whole.indexOf(stop)));
    assert.equal(all.at(-1).choices[0].finish_reason, 'stop');
  }
});

test('functions and function_call are answered in the older form', async () => {
  const functions = [functionTool('weather').function];
  const asked = { functions, function_call: { name: 'weather' }, max_tokens: 400, ignore_eos: false };
  const { message, finish_reason } = (await answer(asked)).choices[0];
  assert.equal(finish_reason, 'function_call');
  assert.equal(message.function_call.name, 'weather');
  assert.equal('tool_calls' in message, false);
  const deltas = (await stream(asked)).map((chunk) => chunk.choices[0].delta.function_call).filter(Boolean);
  assert.deepEqual(deltas[0], { name: 'weather', arguments: '' });
  assert.equal(deltas.slice(1).map((delta) => delta.arguments).join(''), message.function_call.arguments);
});

test('tool_choice picks, forbids and limits', async () => {
  const tools = ['weather', 'time', 'news'].map((name) => functionTool(name));
  for (const name of ['weather', 'news']) {
    const calls = (await answer({ ...kForced, tools, ...forced(name) })).choices[0].message.tool_calls;
    assert.deepEqual(calls.map((made) => made.function.name), [name]);
  }
  assert.equal((await answer({ tools, tool_choice: 'none' })).choices[0].message.tool_calls, undefined);
  const only = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [functionTool('time')] } };
  const allowed = (await answer({ ...kForced, tools, tool_choice: only, parallel_tool_calls: false })).choices[0].message.tool_calls;
  assert.deepEqual(allowed.map((made) => made.function.name), ['time']);
  assert.equal((await refusal({ tools, ...forced('nothing') })).param, 'tool_choice');
  assert.equal((await refusal({ tool_choice: 'required' })).param, 'tool_choice');
});
