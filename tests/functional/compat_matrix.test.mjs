// Asks a server about every row of docs/OPENAI_COMPAT.md that has a status, with the values of compat_probes.mjs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, test } from 'node:test';

import { kGreedy, kProbes } from './compat_probes.mjs';
import { names, read, tables } from './documents.mjs';
import { errorOf, events, makeModel, scratch, Server, sharedServer, within } from './shimmy.mjs';

// Shows all that it is told, and has the model think.
const kTemplate = `{% for m in messages %}<|im_start|>{{ m.role }}{% if m.name %} {{ m.name }}{% endif %}
{% if m.reasoning_content %}<think>
{{ m.reasoning_content }}
</think>
{% endif %}{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% if m.tool_call_id %}{{ m.tool_call_id }}{% endif %}<|im_end|>
{% endfor %}{{ reasoning_effort }} {{ verbosity }} {{ mood }}{% if add_generation_prompt %}<|im_start|>assistant
<think>
{% endif %}`;

const shared = sharedServer(async (t) => {
  const home = scratch(t);
  const models = path.join(home, 'data', 'shimmy', 'models');
  for (const kind of ['encoder', 'reranker']) makeModel(models, kind, 1, kind);
  makeModel(models);
  const gone = makeModel(models, 'gone');
  const template = path.join(home, 'template.jinja');
  fs.writeFileSync(template, kTemplate);
  const start = (...args) => Server.start(t, home, ['--ctx', '8192', ...args]);
  const servers = {
    main: await start(),
    template: await start('--chat-template', template),
    keyed: await start('--api-key', 'secret'),
    limited: await start('--rate-limit-requests', '1'),
  };
  fs.truncateSync(gone, 1000);
  return servers;
});

const server = (probe) => shared.server[probe.server ?? 'main'];
const post = (probe, route, body) => server(probe).post(route, body);

async function answer(response) {
  const text = await response.text();
  assert.ok(response.ok, `${response.status} ${text}`);
  return JSON.parse(text);
}

async function refusal(response, code, param, status = 400) {
  const error = await errorOf(response, status);
  if (code) assert.equal(error.code, code, error.message);
  assert.equal(error.param, param, error.message);
  return error;
}

async function eventsOf(response) {
  const all = [];
  for await (const event of events(response)) all.push(event);
  return all;
}

// What of an answer its request decides.
const essence = ({ choices, data, results, usage }) => ({ choices, data, results, usage });

const kAnyValues = ['text', 7, true, [1], { a: 1 }];

// Rows of request fields.
const kRequests = {
  chat: ['/v1/chat/completions', { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }], ...kGreedy }],
  completion: ['/v1/completions', { model: 'tiny', prompt: 'Once', ...kGreedy }],
  embedding: ['/v1/embeddings', { model: 'encoder', input: 'a' }],
  rerank: ['/v1/rerank', { model: 'reranker', query: 'a', documents: ['b', 'c'] }],
};

const field = ([route, usual]) => ({
  async supported(name, probe) {
    const base = { ...usual, ...probe.beside };
    await refusal(await post(probe, route, { ...base, [name]: probe.wrong }), null, probe.param ?? name);
    const response = await post(probe, route, { ...base, [name]: probe.value });
    if (probe.refusal) return assert.match((await refusal(response, 'unsupported_parameter', name)).message, probe.refusal);
    if (probe.stream) return assert.equal((await eventsOf(response)).at(-1), '[DONE]');
    const given = await answer(response);
    if (probe.effect?.length === 1) return probe.effect(given);
    const plain = await answer(await post(probe, route, base));
    if (probe.effect) return probe.effect(given, plain);
    if (probe.server !== 'template') return undefined;
    const prompt = async (more) => (await answer(await post(probe, '/apply-template', { ...base, ...more }))).prompt;
    return assert.notEqual(await prompt({ [name]: probe.value }), await prompt({}));
  },
  async ignored(name, probe) {
    const plain = essence(await answer(await post(probe, route, usual)));
    for (const value of kAnyValues) assert.deepEqual(essence(await answer(await post(probe, route, { ...usual, [name]: value }))), plain);
  },
  async refused(name, probe) {
    await refusal(await post(probe, route, { ...usual, [name]: probe.value }), probe.code ?? 'unsupported_parameter', name);
    if ('allowed' in probe) await answer(await post(probe, route, { ...usual, [name]: probe.allowed }));
  },
});

const prompt = async (message) => (await answer(await shared.server.template.post('/apply-template', { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }, message] }))).prompt;
const say = (message) => shared.server.template.post('/v1/chat/completions', { model: 'tiny', max_tokens: 1, messages: [message] });

const message = {
  async supported(name, { message: given, plain, wrong, same = [] }) {
    assert.notEqual(await prompt(given), await prompt(plain));
    for (const [one, other] of same) assert.equal(await prompt(one), await prompt(other));
    assert.equal((await say(given)).status, 200);
    await refusal(await say(wrong), null, `messages[0].${name}`);
  },
  async ignored(name, { message: given, plain }) {
    assert.equal(await prompt(given), await prompt(plain));
  },
};

const part = {
  async supported(name, content) {
    const text = content.text ?? content.refusal;
    assert.equal(await prompt({ role: 'user', content: [content] }), await prompt({ role: 'user', content: text }));
  },
  async refused(name, content) {
    await refusal(await say({ role: 'user', content: [content] }), 'unsupported_parameter', 'messages[0].content[0].type');
  },
};

const chat = (probe, more = {}) => server(probe).chat({ max_tokens: 24, temperature: 0, ...probe.ask, ...more });

function at(value, path) {
  return path.replaceAll('[]', '.0').split('.').reduce((inner, key) => inner?.[key], value);
}

const member = {
  async supported(name, probe) {
    assert.notEqual(at(await answer(await chat(probe)), name), undefined);
  },
  async 'not supported'(name, probe) {
    assert.equal(at(await answer(await chat(probe)), name), undefined);
  },
};

// Whether a stream has such a chunk.
async function streams(name, probe) {
  const all = await eventsOf(await chat(probe, { stream: true }));
  if (name === '[DONE]') return all.at(-1) === name;
  const chunks = all.slice(0, -1).map((text) => JSON.parse(text));
  return chunks.some((chunk) => {
    const found = [at(chunk.choices[0], name), chunk[name]].find((one) => one !== undefined);
    return found !== undefined && (found !== null || name === 'delta.refusal');
  });
}

const chunk = {
  supported: async (name, probe) => assert.ok(await streams(name, probe)),
  'not supported': async (name, probe) => assert.ok(!(await streams(name, probe))),
};

const shaped = (schema, strict) => chat({}, {
  max_tokens: 400,
  response_format: { type: 'json_schema', json_schema: { name: 'x', strict, schema: { type: 'object', properties: { value: schema, other: { const: 'other' } }, required: ['value'], additionalProperties: false } } },
});

async function value(response) {
  const { choices } = await answer(response);
  assert.equal(choices[0].finish_reason, 'stop', choices[0].message.content);
  return JSON.parse(choices[0].message.content).value;
}

const keyword = {
  async supported(name, [schema, keeps]) {
    const made = await value(await shaped(schema, true));
    assert.ok(keeps(made), JSON.stringify(made));
  },
  async ignored(name, [schema, keeps]) {
    assert.ok(keeps(await value(await shaped(schema, true))));
  },
  async refused(name, [schema]) {
    const { message: text } = await errorOf(await shaped(schema, true), 400);
    assert.ok(text.includes(`"${name}"`), text);
    await value(await shaped(schema, false));
  },
};

// All that a client can send, as fetch does not let it.
async function send({ server: which, path: target, method, headers = {}, body }, abort) {
  const { port } = server({ server: which });
  const asked = http.request({ host: '127.0.0.1', port, path: target, method: method ?? (body ? 'POST' : 'GET'), headers, signal: abort });
  const answered = new Promise((resolve, reject) => asked.on('response', resolve).on('error', reject));
  asked.flushHeaders();
  if (body) asked.end(JSON.stringify(body));
  else if (!headers['Content-Length']) asked.end();
  const response = await within(answered, `an answer to ${target}`);
  let text = '';
  for await (const bytes of response) text += bytes;
  asked.destroy();
  return { status: response.statusCode, text };
}

async function error(code, probe, row) {
  const abort = new AbortController();
  const asked = Array.from({ length: probe.times ?? 1 }, async () => {
    const { status, text } = await send(probe, abort.signal);
    assert.equal(status, Number(row.HTTP), text);
    assert.equal(JSON.parse(text).error.code, code === 'null' ? null : code);
  });
  try {
    await Promise.any(asked).catch((all) => { throw all.errors[0]; });
  } finally {
    abort.abort();
    await Promise.allSettled(asked);
  }
}

async function endpoint(name, body, row, isSupported) {
  const [method, pattern] = name.split(' ');
  const target = pattern.replace('{id}', 'tiny');
  const response = await send({ method, path: target, body });
  if (isSupported) {
    assert.equal(response.status, 200, response.text);
    const bare = await send({ method, path: target.replace('/v1', ''), body });
    assert.equal(bare.status, 200, bare.text);
  } else {
    const isOther = row.notes === '405';
    assert.deepEqual([response.status, JSON.parse(response.text).error.code], isOther ? [405, 'method_not_supported'] : [404, 'unknown_url'], response.text);
  }
}

// How the rows of each table are checked, by their status; the rows of errors have none.
const kChecks = {
  'Endpoints/endpoint': { supported: (...row) => endpoint(...row, true), 'not supported': (...row) => endpoint(...row, false) },
  'Chat completions: the request/field': field(kRequests.chat),
  'Extensions/field': field(kRequests.chat),
  'Extensions of chat/field': field(kRequests.chat),
  'Messages/field': message,
  'Messages/part': part,
  'Chat completions: the answer/field': member,
  'The stream/chunk': chunk,
  'JSON Schema/keyword': keyword,
  'Completions: the request/field': field(kRequests.completion),
  'Embeddings: the request/field': field(kRequests.embedding),
  'Rerank: the request/field': field(kRequests.rerank),
  'Errors/code': { undefined: error },
};

const isMatrix = ({ columns }) => columns[0] !== 'status' && (columns.includes('status') || columns.includes('HTTP'));
const matrices = tables(read('docs/OPENAI_COMPAT.md')).filter(isMatrix);

for (const { heading, columns, rows } of matrices) {
  const table = `${heading}/${columns[0]}`;
  describe(table, () => {
    const probes = kProbes[table] ?? {};
    for (const row of rows) {
      const [name] = names(row[columns[0]]);
      test(`${name}: ${row.status ?? row.HTTP}`, async () => {
        const check = kChecks[table]?.[row.status];
        assert.ok(check, `a row of ${table} cannot be "${row.status}"`);
        assert.ok(Object.hasOwn(probes, name), `compat_probes.mjs has nothing to try ${name} with`);
        await check(name, probes[name], row);
      });
    }
    test('every probe has a row', () => {
      const known = rows.map((row) => names(row[columns[0]])[0]);
      assert.deepEqual(Object.keys(probes).filter((name) => !known.includes(name)), []);
    });
  });
}

test('every table of probes is a table of the document', () => {
  assert.deepEqual(Object.keys(kProbes).sort(), matrices.map(({ heading, columns }) => `${heading}/${columns[0]}`).sort());
});
