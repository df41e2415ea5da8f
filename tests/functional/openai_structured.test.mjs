// Answers that must have a form: response_format, and the spellings of other servers.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chunks, contentOf, errorOf, homeWithModel, Server, sharedServer } from './shimmy.mjs';

const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '32768']));
const ask = (more) => shared.server.chat({ temperature: 0, max_tokens: 600, ...more });

async function content(more) {
  const response = await ask(more);
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  assert.equal(body.choices[0].finish_reason, 'stop', JSON.stringify(body));
  return body.choices[0].message.content;
}

const strict = (schema, more = {}) => ({ response_format: { type: 'json_schema', json_schema: { name: 'form', strict: true, schema, ...more } } });
const filled = async (schema, more) => JSON.parse(await content({ ...strict(schema), ...more }));

test('SO-1 json_object is one object and nothing else', async () => {
  // The tiny model would go on writing members: any end that its budget allows must be an end of the object, or length.
  const body = await (await ask({ response_format: { type: 'json_object' }, max_tokens: 300 })).json();
  const text = body.choices[0].message.content;
  assert.match(text, /^\s*\{/);
  if (body.choices[0].finish_reason === 'stop') assert.equal(JSON.parse(text).constructor, Object);
});

const schemas = {
  'type and enum': [{ enum: ['a', 'b'] }, (value) => ['a', 'b'].includes(value)],
  const: [{ const: 'fixed' }, (value) => value === 'fixed'],
  boolean: [{ type: 'boolean' }, (value) => typeof value === 'boolean'],
  'a bounded integer': [{ type: 'integer', minimum: 3, maximum: 17 }, (value) => Number.isInteger(value) && value >= 3 && value <= 17],
  'a multiple': [{ type: 'integer', multipleOf: 7, minimum: 0, maximum: 1000 }, (value) => value % 7 === 0],
  anyOf: [{ anyOf: [{ const: 1 }, { const: 'one' }] }, (value) => [1, 'one'].includes(value)],
  'array bounds': [{ type: 'array', items: { enum: [1, 2] }, minItems: 2, maxItems: 3 }, (value) => value.length >= 2 && value.length <= 3],
  prefixItems: [{ type: 'array', prefixItems: [{ const: 1 }, { const: 'x' }], items: false, minItems: 2 }, (value) => value[0] === 1 && value[1] === 'x'],
  'a short string': [{ type: 'string', minLength: 2, maxLength: 4 }, (value) => [...value].length >= 2 && [...value].length <= 4],
  pattern: [{ type: 'string', pattern: '^[a-c]{3}-[0-9]{2}$' }, (value) => /^[a-c]{3}-[0-9]{2}$/.test(value)],
  'format date': [{ type: 'string', format: 'date' }, (value) => /^\d{4}-\d\d-\d\d$/.test(value)],
  'format date-time': [{ type: 'string', format: 'date-time' }, (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)],
  'format uuid': [{ type: 'string', format: 'uuid' }, (value) => /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(value)],
  'format ipv4': [{ type: 'string', format: 'ipv4' }, (value) => /^\d{1,3}(\.\d{1,3}){3}$/.test(value)],
  '$ref and $defs': [{ type: 'object', properties: { a: { $ref: '#/$defs/pick' } }, required: ['a'], additionalProperties: false, $defs: { pick: { enum: ['x'] } } }, (value) => value.a === 'x'],
};
for (const [what, [schema, isRight]] of Object.entries(schemas)) {
  test(`SO-2 the schema is kept: ${what}`, async () => {
    const wrapped = { type: 'object', properties: { value: schema.$defs ? { ...schema, $defs: undefined } : schema }, required: ['value'], additionalProperties: false, $defs: schema.$defs };
    const answer = await filled(wrapped);
    assert.deepEqual(Object.keys(answer), ['value']);
    assert.ok(isRight(answer.value), JSON.stringify(answer));
  });
}

test('SO-2 the keys come in the order of the schema', async () => {
  const names = ['zebra', 'ant', 'mole'];
  const properties = Object.fromEntries(names.map((name) => [name, { enum: [1] }]));
  assert.deepEqual(Object.keys(await filled({ type: 'object', properties, required: names, additionalProperties: false })), names);
});

test('SO-2 a schema that refers to itself is kept', async () => {
  const node = { type: 'object', properties: { value: { enum: [1] }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['value', 'next'], additionalProperties: false };
  const response = await ask({ ...strict({ $ref: '#/$defs/node', $defs: { node } }), max_tokens: 300 });
  const { choices } = await response.json();
  if (choices[0].finish_reason === 'stop') {
    let depth = 0;
    for (let at = JSON.parse(choices[0].message.content); at !== null; at = at.next) ++depth;
    assert.ok(depth >= 1);
  } else {
    assert.match(choices[0].message.content, /^\{\s*"value"/);
  }
});

test('SO-2 not strict is kept all the same', async () => {
  const schema = { type: 'object', properties: { city: { enum: ['Rome'] } }, required: ['city'], additionalProperties: false };
  for (const given of [false, null, undefined]) assert.deepEqual(JSON.parse(await content(strict(schema, { strict: given }))), { city: 'Rome' });
});

test('SO-3 a keyword that cannot be enforced is named when strict', async () => {
  const schema = { type: 'object', properties: { a: { not: { const: 1 } } }, required: ['a'], additionalProperties: false };
  const error = await errorOf(await ask(strict(schema)), 400);
  assert.match(error.message, /'?not'?/);
  assert.equal(error.param, 'response_format');
});

test('SO-3 a schema that is none is refused', async () => {
  for (const schema of [{ type: 'banana' }, { type: 'object', properties: { a: { $ref: '#/nowhere' } }, required: ['a'] }, { type: 'string', pattern: '(' }])
    assert.match((await errorOf(await ask(strict(schema)), 400)).param, /^response_format/);
  assert.match((await errorOf(await ask({ response_format: { type: 'json_schema' } }), 400)).param, /^response_format\.json_schema/);
  assert.equal((await errorOf(await ask({ response_format: { type: 'xml' } }), 400)).param, 'response_format.type');
});

test('SO-4 with tools that may not be called the schema holds', async () => {
  const tools = [{ type: 'function', function: { name: 'weather' } }];
  const schema = { type: 'object', properties: { city: { enum: ['Rome'] } }, required: ['city'], additionalProperties: false };
  assert.deepEqual(JSON.parse(await content({ ...strict(schema), tools, tool_choice: 'none' })), { city: 'Rome' });
});

test('SO-6 what the zod helper sends is understood', async () => {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
  assert.equal(typeof (await filled(schema)).ok, 'boolean');
});

const spellings = {
  grammar: ['root ::= "yes" | "no"', /^(yes|no)$/],
  guided_regex: ['[ab]{3}', /^[ab]{3}$/],
  guided_choice: [['red', 'green'], /^(red|green)$/],
  guided_grammar: ['root ::= "yes"', /^yes$/],
  guided_json: [{ const: 'x' }, /^"x"$/],
  json_schema: [{ const: 'x' }, /^"x"$/],
  structured_outputs: [{ choice: ['red', 'green'] }, /^(red|green)$/],
};
for (const [field, [value, form]] of Object.entries(spellings)) {
  test(`${field} is kept, also in a stream and in completions`, async () => {
    assert.match(await content({ [field]: value }), form);
    assert.match(contentOf(await chunks(await ask({ [field]: value, stream: true }))), form);
    const completion = await (await shared.server.post('/v1/completions', { model: 'tiny', prompt: 'a', temperature: 0, max_tokens: 100, [field]: value })).json();
    assert.match(completion.choices[0].text, form);
  });
}

test('two forms in one request contradict each other', async () => {
  const error = await errorOf(await ask({ grammar: 'root ::= "a"', guided_regex: 'b' }), 400);
  assert.equal(error.param, 'guided_regex');
});

// Clients show the field at fault, which is one of the request.
const wrongForms = {
  grammar: 'root ::= nowhere', guided_regex: '[', guided_choice: [], guided_grammar: 'root ::= (', guided_json: { type: 'banana' }, json_schema: { type: 'banana' },
  structured_outputs: { regex: '(' },
};
for (const [field, value] of Object.entries(wrongForms)) {
  test(`SO-3 a wrong ${field} is named`, async () => {
    const error = await errorOf(await ask({ [field]: value }), 400);
    assert.ok(error.param?.startsWith(field), `${error.param}: ${error.message}`);
  });
}
