// Bodies that are unusual or hostile: each must be understood or refused in words, quickly, by a server that lives on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { errorOf, homeWithModel, Server, sharedServer, within } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768']));
const kShort = { max_tokens: 4, temperature: 0, ignore_eos: true };
const user = { role: 'user', content: 'Hi' };
const chat = (more) => shared.server.chat({ ...kShort, ...more });
const body = (more) => JSON.stringify({ model: 'tiny', messages: [user], ...kShort, ...more });
const send = (text) => shared.server.post('/v1/chat/completions', text);
const refusal = async (response, status = 400) => errorOf(await response, status);

async function answer(response) {
  const got = await response;
  const text = await got.text();
  assert.equal(got.status, 200, text);
  return JSON.parse(text);
}

// Far above what a refusal takes, far below what a quadratic parser takes.
const kQuickMs = 2000;

const kOptional = [
  'stream', 'stream_options', 'max_completion_tokens', 'max_tokens', 'temperature', 'top_p', 'n', 'stop', 'seed', 'presence_penalty',
  'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'response_format', 'tools', 'tool_choice', 'parallel_tool_calls', 'functions',
  'function_call', 'reasoning_effort', 'verbosity', 'prediction', 'modalities', 'audio', 'store', 'metadata', 'user', 'service_tier',
  'top_k', 'min_p', 'typical_p', 'repeat_penalty', 'grammar', 'json_schema', 'ignore_eos', 'cache_prompt', 'chat_template_kwargs', 'reasoning',
];

test('E1 null is the same as absent', async () => {
  const nulls = Object.fromEntries(kOptional.map((field) => [field, null]));
  await answer(shared.server.chat({ ...nulls, max_tokens: 2 }));
  const completion = { model: 'tiny', prompt: 'Hi', suffix: null, best_of: null, echo: null, ...nulls, max_tokens: 2 };
  await answer(shared.server.post('/v1/completions', completion));
  await answer(shared.server.post('/api/generate', { model: 'tiny', prompt: 'Hi', messages: null, system: null, raw: null, ...nulls, max_tokens: 2 }));
});

test('E2 content may be empty in every form', async () => {
  for (const content of ['', [], [{ type: 'text', text: '' }]]) await answer(chat({ messages: [{ role: 'user', content }] }));
});

test('E3 no messages are an empty array', async () => {
  const error = await refusal(chat({ messages: [] }));
  assert.deepEqual([error.code, error.param], ['empty_array', 'messages']);
});

test('E4 unknown fields are ignored at every level, an unknown role is not', async () => {
  const messages = [{ ...user, colour: 'red', content: [{ type: 'text', text: 'Hi', colour: 'red' }] }];
  const tools = [{ type: 'function', colour: 'red', function: { name: 'a', colour: 'red', parameters: { type: 'object', 'x-colour': 'red' } } }];
  await answer(chat({ messages, tools, tool_choice: 'none', colour: { deep: [null] }, stream_options: { colour: 1 } }));
  assert.equal((await refusal(chat({ messages: [{ ...user, role: 'bogus' }] }))).code, 'invalid_value');
});

const malformed = {
  'a truncated object': '{"model":"tiny","messages":[{"role":"us',
  'a NUL byte': '{"model":"ti\0ny"}',
  'a control character in a string': '{"model":"ti\ny"}',
  'a trailing comma': '{"model":"tiny",}',
  'single quotes': "{'model':'tiny'}",
  NaN: '{"temperature":NaN}',
  'a comment': '{/* */}',
  'two objects': '{}{}',
  'a BOM': '\ufeff{}',
  'deep arrays': '['.repeat(100_000),
  'deep objects': '{"a":'.repeat(100_000),
  'deep and closed': `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  'nothing but space': ' \n\t ',
  'a lone quote': '"',
  'invalid UTF-8': Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
  'overlong UTF-8': Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
};
for (const [what, text] of Object.entries(malformed)) {
  test(`E5 ${what} is a 400 at once`, async () => {
    const start = performance.now();
    const response = await within(fetch(`${shared.server.url}/v1/chat/completions`, { method: 'POST', body: text }), 'the refusal');
    assert.match((await errorOf(response, 400)).message, /JSON|object/);
    assert.ok(performance.now() - start < kQuickMs);
  });
}

test('E5 a million keys are read or refused, not choked on', async () => {
  const keys = Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":${i}`).join(',');
  await answer(send(body({ max_tokens: 1 }).replace('{', `{${keys},`)));
});

test('E5 a million equal keys are read too, and the last one wins', async () => {
  const keys = '"temperature":9,'.repeat(1_000_000);
  await answer(send(body({ max_tokens: 1 }).replace('{', `{${keys}`)));
});

test('E5 huge numbers are a value, not a crash', async () => {
  for (const number of ['1e999', '-1e999', '9'.repeat(100_000), `0.${'0'.repeat(100_000)}1`, '1e-999']) {
    const response = await send(body().replace('"temperature":0', `"temperature":${number}`));
    assert.ok([200, 400].includes(response.status), `${number.slice(0, 9)}: ${response.status}`);
    await response.json();
  }
  assert.equal((await refusal(send(body().replace('"temperature":0', '"temperature":1e999')))).param ?? 'temperature', 'temperature');
});

test('E5 lone surrogates give no invalid UTF-8', async () => {
  for (const text of ['\\ud800', '\\udc00', 'a\\ud800b', '\\udc00\\ud800', '\\ud83d\\ude00']) {
    const response = await send(`{"model":"tiny","max_tokens":1,"messages":[{"role":"user","content":"${text}"}]}`);
    assert.ok([200, 400].includes(response.status), response.status);
    new TextDecoder('utf-8', { fatal: true }).decode(await response.arrayBuffer());
  }
});

test('E6 wrong types and ranges are named', async () => {
  const wrong = [
    [{ temperature: '0.7' }, 'invalid_type'], [{ max_tokens: 0 }, 'integer_below_min_value'], [{ temperature: 2.1 }, 'decimal_above_max_value'],
    [{ top_p: -0.1 }, 'decimal_below_min_value'], [{ max_tokens: 1.5 }, 'invalid_type'], [{ n: '1' }, 'invalid_type'], [{ stream: 1 }, 'invalid_type'],
    [{ stop: [1] }, 'invalid_type'], [{ logit_bias: [] }, 'invalid_type'], [{ messages: {} }, 'invalid_type'], [{ tools: {} }, 'invalid_type'],
  ];
  for (const [more, code] of wrong) {
    const error = await refusal(chat(more));
    assert.equal(error.code, code, JSON.stringify(more));
    assert.ok(error.param.startsWith(Object.keys(more)[0]), error.param);
  }
});

test('E6 whole numbers may be written as decimals', async () => {
  await answer(send(body().replace('"max_tokens":4', '"max_tokens":4.0')));
});

test('E6 max_tokens is cut to what fits', async () => {
  await answer(chat({ max_tokens: 1_000_000_000, ignore_eos: false, stop: ['e', 'a', 'o', ' '] }));
});

test('E6 every 64-bit seed is taken, a larger one is refused', async () => {
  const seeded = (seed) => send(body({ temperature: 1 }).replace('{', `{"seed":${seed},`));
  const texts = new Set();
  for (const seed of ['9007199254740993', '9007199254740992', '-1', '9223372036854775807', '-9223372036854775808'])
    texts.add((await answer(seeded(seed))).choices[0].message.content);
  assert.ok(texts.size > 1);
  assert.equal((await refusal(seeded('9223372036854775808'))).param, 'seed');
  assert.equal((await refusal(seeded('18446744073709551616'))).param, 'seed');
});

test('E6 large integers of arguments reach the template digit by digit', async () => {
  const digits = '1234567890123456789';
  const messages = `[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\\"n\\":${digits}}"}}]}]`;
  const { prompt } = await (await shared.server.post('/apply-template', `{"model":"tiny","messages":${messages}}`)).json();
  assert.ok(prompt.includes(digits), prompt);
});

test('E7 n is 1 to 128', async () => {
  assert.equal((await answer(chat({ n: 2 }))).choices.length, 2);
  assert.equal((await answer(chat({ n: 40, max_tokens: 1 }))).choices.length, 40);
  assert.equal((await refusal(chat({ n: 0 }))).code, 'integer_below_min_value');
  assert.equal((await refusal(chat({ n: 129 }))).code, 'integer_above_max_value');
});

test('E8 stop takes every form', async () => {
  for (const stop of ['', [], null, [''], ['a', 'b', 'c', 'd'], 'é', '[a-z]+', '\n', '<|im_end|>', ['😀', '\u0000']]) await answer(chat({ stop, max_tokens: 2 }));
  assert.equal((await answer(chat({ stop: '' }))).usage.completion_tokens, 4);
});

const tool = (name, more = {}) => ({ type: 'function', function: { name, ...more } });

test('E9 tools in every form', async () => {
  await answer(chat({ tools: [] }));
  for (const parameters of [undefined, null, {}, { type: 'object', additionalProperties: true }]) await answer(chat({ tools: [tool('a', { parameters })] }));
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
  await answer(chat({ tools: [tool('a', { parameters: { $ref: '#/$defs/node', $defs: { node } } })] }));
  await answer(chat({ tools: [tool('a', { description: 'word '.repeat(2000) })] }));
  assert.equal((await refusal(chat({ tools: [tool('a'), tool('a')] }))).param, 'tools[1]');
  for (const name of ['', 'a b', 'a'.repeat(129), 7]) assert.match((await refusal(chat({ tools: [tool(name)] }))).param, /^tools\[0\]/);
});

test('E9 there may be 128 tools', async () => {
  const tools = Array.from({ length: 128 }, (_, i) => tool(`tool_${i}`));
  const { choices } = await answer(chat({ tools, tool_choice: { type: 'function', function: { name: 'tool_99' } }, max_tokens: 300, ignore_eos: false }));
  assert.equal(choices[0].message.tool_calls[0].function.name, 'tool_99');
});

const nested = (levels, wrap, core) => Array.from({ length: levels }).reduce(wrap, core);
const schemaBombs = {
  'thousands of keys': { type: 'object', properties: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, { type: 'string' }])) },
  'a hundred thousand values': { enum: Array.from({ length: 100_000 }, (_, i) => `value ${i}`) },
  'alternatives of alternatives': nested(12, (inner) => ({ anyOf: [inner, inner] }), { const: 1 }),
  'conditions of conditions': nested(10, (inner) => ({ allOf: [inner, inner] }), { type: 'integer' }),
  'a loop': { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
  'a million letters': { type: 'string', minLength: 1_000_000 },
  'arrays of arrays': nested(3, (items) => ({ type: 'array', minItems: 1000, items }), { const: 1 }),
  'a pattern that grows': { type: 'string', pattern: '^((a{1,1000}){1,1000}){1,1000}$' },
  'a pattern that goes back': { type: 'string', pattern: '(a|a)*(a|aa)+$' },
  'a pattern of parentheses': { type: 'string', pattern: '('.repeat(2000) + 'a' + ')'.repeat(2000) },
  'huge bounds': { type: 'integer', minimum: -1e300, maximum: 1e300 },
};
const grammarBombs = {
  'no end': 'root ::= a\na ::= root',
  'nothing, for ever': 'root ::= (a*)*\na ::= ""',
  'many alternatives': `root ::= ${Array.from({ length: 20_000 }, (_, i) => `"x${i}"`).join(' | ')}`,
  'repetitions of repetitions': 'root ::= (((("a"{1,100}){1,100}){1,100}){1,100}){1,100}',
  'deep parentheses': `root ::= ${'('.repeat(20_000)}"a"${')'.repeat(20_000)}`,
};
const bombs = [
  ...Object.entries(schemaBombs).map(([what, schema]) => [`a schema of ${what}`, { response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } }]),
  ...Object.entries(grammarBombs).map(([what, grammar]) => [`a grammar of ${what}`, { grammar }]),
];
for (const [what, more] of bombs) {
  test(`E9 ${what} is kept or refused, at once`, async () => {
    const start = performance.now();
    const response = await chat({ ...more, ignore_eos: false });
    if (response.status !== 200) assert.match((await errorOf(response, 400)).message, /\S/);
    assert.ok(performance.now() - start < kQuickMs);
  });
}

test('E10 a message of 10 MB is refused before it costs minutes', async () => {
  const start = performance.now();
  const error = await refusal(chat({ messages: [{ role: 'user', content: 'word '.repeat(2_000_000) }] }));
  assert.equal(error.code, 'context_length_exceeded');
  assert.ok(performance.now() - start < 25_000);
});

test('E11 an id that is nearly right is not right', async () => {
  for (const model of ['TINY', 'tiny:latest', './tiny', 'tiny.gguf', '%74iny', ' tiny', '../tiny']) {
    const response = await chat({ model });
    if (response.status === 200) assert.equal((await response.json()).model, model); // another spelling of the same model
    else assert.equal((await errorOf(response, 404)).code, 'model_not_found');
  }
  assert.ok([400, 404].includes((await chat({ model: '' })).status));
  assert.equal((await refusal(chat({ model: null }))).message, 'you must provide a model parameter');
});

test('all that leaves the server as it was', async () => {
  assert.equal((await shared.server.get('/health')).status, 200);
  assert.equal((await answer(chat())).usage.completion_tokens, 4);
});
