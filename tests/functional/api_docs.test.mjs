// Runs every example of the documents against the real binary, and compares the answers with those that are documented.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { execute } from './commands.mjs';
import { blocks, exists, read } from './documents.mjs';
import { makeModel, run, scratch, Server, Shimmy, sharedServer } from './shimmy.mjs';

const kAddress = '127.0.0.1:11435';
const kKey = 'a-key-for-these-tests';
const kDocuments = ['docs/API.md', 'docs/OPENAI_COMPAT.md', 'README.md'];

// Whatever a document calls its models, they are tiny here.
const kModels = { 'SmolLM2-135M-Instruct.Q4_1': 'chat', 'all-MiniLM-L6-v2.F32': 'encoder', 'my-reranker': 'reranker' };

const kTokens = '[19556, 905]'; // the tiny models have fewer

// Members that depend on the model: a tiny one says other things than the documented one.
const kOpen = '…';

function homeWithModels(t) {
  const home = scratch(t);
  for (const [name, kind] of Object.entries(kModels)) makeModel(path.join(home, 'data', 'shimmy', 'models'), name, 1, kind);
  // curl fails where the status says so, and tells it.
  fs.writeFileSync(path.join(home, '.curlrc'), 'silent\nshow-error\nfail-with-body\nwrite-out = "%{stderr}%{http_code} "\n');
  return home;
}

const shared = sharedServer(async (t) => {
  const home = homeWithModels(t);
  const server = await Server.start(t, home);
  return { home, server, keyed: await Server.start(t, home, ['--api-key', kKey]) };
});

// The examples: {name, language, text, answer}, where the answer is the block that follows it.
function examples(document) {
  const all = blocks(read(document));
  return all.flatMap((block, i) => {
    const isExample = block.language === 'js' || (block.language === 'sh' && /^curl /m.test(block.text));
    if (!isExample) return [];
    const next = all[i + 1];
    const isAnswer = next?.heading === block.heading && ['json', 'text'].includes(next.language);
    return [{ ...block, name: `${document}, ${block.heading}: ${block.text.trim().split('\n')[0].slice(0, 80)}`, answer: isAnswer ? next : null }];
  });
}

// The keys of `documented` are those of `actual`, at every level; where "…" is one of them, there may be more.
function compare(documented, actual, place) {
  if (Array.isArray(documented)) {
    assert.ok(Array.isArray(actual), `${place} is an array`);
    if (documented.length > 0 && actual.length > 0) compare(documented[0], actual[0], `${place}[0]`);
  } else if (documented !== null && actual !== null && typeof documented === 'object') {
    assert.equal(typeof actual, 'object', place);
    for (const key of Object.keys(documented)) {
      if (key === kOpen) continue;
      assert.ok(key in actual, `the answer has no ${place}.${key}: ${JSON.stringify(actual)}`);
      compare(documented[key], actual[key], `${place}.${key}`);
    }
    if (kOpen in documented) return;
    for (const key of Object.keys(actual)) assert.ok(key in documented, `${place}.${key} is not documented`);
  } else if (documented !== null && actual !== null) {
    assert.equal(typeof actual, typeof documented, place);
  }
}

const messages = (text) => text.split('\n').map((line) => line.replace(/^data: /, '')).filter((line) => line !== '');

// Each documented line of a stream has a line of the same form, and the ends are the same.
function compareLines(documented, actual) {
  const known = messages(documented);
  const given = messages(actual);
  for (const line of known.filter((one) => one.startsWith('{'))) {
    const isAlike = given.some((other) => {
      try {
        compare(JSON.parse(line), JSON.parse(other), 'the line');
        return true;
      } catch {
        return false;
      }
    });
    assert.ok(isAlike, `nothing like ${line} in ${actual}`);
  }
  if (!known.at(-1).startsWith('{')) assert.equal(given.at(-1), known.at(-1));
}

// A server as the example starts it; what it is started with, and reached at, is moved to where a test may be.
async function ownServer(t, command, home) {
  const directory = scratch(t);
  const certificate = path.join(directory, 'cert.pem');
  const key = path.join(directory, 'key.pem');
  if (command.includes('cert.pem')) {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '1', ...subject], { stdio: 'pipe' });
  }
  const moved = (text) => text.replaceAll('cert.pem', certificate).replaceAll('key.pem', key).replaceAll('/run/shimmy.sock', path.join(directory, 'shimmy.sock'));
  const args = moved(command).replaceAll(/#.*|'/g, '').replace(':11435', ':0').trim().split(/\s+/).slice(1);
  if (!args.includes('--bind')) args.push('--port', '0');
  const shimmy = new Shimmy(home, args);
  t.after(() => shimmy.signal('SIGKILL'));
  const [, port] = await shimmy.until(({ stderr }) => /^shimmy \S+ on (?:unix:|\S+:(\d+)$)/m.exec(stderr), 'the start line');
  return (text) => moved(text).replaceAll(':11435', `:${port}`);
}

async function runShell(t, text) {
  const { home, server, keyed } = shared.server;
  const command = /^shimmy serve .*$/m.exec(text)?.[0];
  const script = text.replace(/^shimmy .*$/m, '').replaceAll(kTokens, '[65, 66]');
  const { port } = script.includes('SHIMMY_API_KEY') ? keyed : server;
  const moved = command ? (await ownServer(t, command, home))(script) : script.replaceAll(kAddress, `127.0.0.1:${port}`);
  return execute('bash', ['-euo', 'pipefail', '-c', moved], { HOME: home, CURL_HOME: home, SHIMMY_API_KEY: kKey });
}

async function runScript(text) {
  const { home, server } = shared.server;
  const file = path.join(home, 'example.mjs');
  fs.writeFileSync(file, text.replaceAll(kAddress, `127.0.0.1:${server.port}`));
  // WebSocket came with Node 22; 20 has it behind a flag.
  const flags = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-websocket'] : [];
  return execute(process.execPath, [...flags, '--no-warnings', file], { HOME: home });
}

async function tryOut(t, { language, text, answer }) {
  const { code, stdout, stderr } = language === 'sh' ? await runShell(t, text) : await runScript(text);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  if (language === 'sh') {
    const curls = text.match(/^curl /gm).length;
    assert.match(stderr, new RegExp(`^(2\\d\\d ){${curls}}$`));
  }
  if (answer?.language === 'json') compare(JSON.parse(answer.text), JSON.parse(stdout), 'the answer');
  if (answer?.language === 'text') compareLines(answer.text, stdout);
}

const hasIpv6 = Object.values(os.networkInterfaces()).flat().some(({ address }) => address === '::1');
const skipped = ({ text }) => !hasIpv6 && text.includes('[::1]') && 'this machine has no ::1';

for (const document of kDocuments) {
  const all = examples(document);
  test(`${document} has examples`, () => assert.ok(all.length > 0));
  for (const example of all) test(example.name, { skip: skipped(example) }, (t) => tryOut(t, example));
}

test('the round trip is one: the second request has the call of the first answer, in the documented form', () => {
  const parts = blocks(read('docs/OPENAI_COMPAT.md'));
  const [ask, answer, tell] = parts.filter(({ heading }) => heading === 'A round trip').map(({ text }) => text);
  const { items } = JSON.parse(parts.find(({ heading }) => heading === 'The schema of tool_calls').text);
  const [call] = JSON.parse(answer).choices[0].message.tool_calls;
  assert.deepEqual(Object.keys(call), items.required);
  assert.match(call.id, new RegExp(items.properties.id.pattern));
  const body = (text) => JSON.parse(/-d '(.*)'/s.exec(text)[1]);
  const [user, assistant, tool] = body(tell).messages;
  assert.deepEqual(user, body(ask).messages[0]);
  assert.deepEqual([assistant.tool_calls, tool.tool_call_id], [[call], call.id]);
});

test('tool_calls have the documented schema', async () => {
  const { server } = shared.server;
  const { items } = JSON.parse(blocks(read('docs/OPENAI_COMPAT.md')).find(({ heading }) => heading === 'The schema of tool_calls').text);
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Rome'] } }, required: ['city'] } } }];
  const { choices } = await (await server.chat({ model: Object.keys(kModels)[0], tools, tool_choice: 'required', parallel_tool_calls: false })).json();
  const [call] = choices[0].message.tool_calls;
  assert.deepEqual(Object.keys(call), items.required);
  assert.match(call.id, new RegExp(items.properties.id.pattern));
  assert.equal(call.type, items.properties.type.const);
  assert.deepEqual(Object.keys(call.function), items.properties.function.required);
  assert.equal(JSON.parse(call.function.arguments).city, 'Rome');
});

test('every route has an example or stands beside one', () => {
  const routes = fs.readFileSync(new URL('../../src/api/routes.cpp', import.meta.url), 'utf8');
  const paths = [...routes.matchAll(/"(\/[a-z/*-]*)"/g)].map(([, found]) => found.replace('/*', '/{id}'));
  assert.ok(paths.length > 15, paths.join(' '));
  const text = read('docs/API.md');
  for (const one of paths) assert.ok(text.includes(one), `docs/API.md does not name ${one}`);
});

const commandHelp = async (t, command) => (await run(scratch(t), [command, '--help'])).stdout;

test('every flag and variable is documented, and no other', async (t) => {
  const text = read('docs/API.md');
  const given = (await Promise.all(['serve', 'generate', 'list', 'probe', 'diag'].map((command) => commandHelp(t, command)))).join('');
  for (const pattern of [/--[a-z][a-z-]+/g, /SHIMMY_[A-Z_]+/g]) {
    const known = new Set(given.match(pattern));
    const rows = text.split('\n').filter((line) => /^\| `(-|\[MODEL\]|list|probe|diag)/.test(line));
    const documented = new Set(rows.join().match(pattern));
    assert.deepEqual([...known].filter((one) => !documented.has(one)), []);
    assert.deepEqual([...documented].filter((one) => !known.has(one) && one !== 'SHIMMY_BIND_ADDRESS'), []);
  }
});

// As GitHub makes them of headings.
const anchor = (heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

test('the links of the documents lead somewhere', () => {
  for (const document of [...kDocuments, 'ARCHITECTURE.md']) {
    const text = read(document);
    for (const [, target] of text.matchAll(/\]\((?!http)([^)]+)\)/g)) {
      const [file, fragment] = target.split('#');
      const where = file === '' ? document : path.join(path.dirname(document), file);
      assert.ok(exists(where), `${document} links to ${target}`);
      if (!fragment) continue;
      const anchors = [...read(where).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
      assert.ok(anchors.includes(fragment), `${document} links to ${target}`);
    }
  }
});

test('a documented answer with a wrong, missing or further key is noticed', () => {
  const actual = { a: 1, b: [{ c: 'x' }], d: null };
  compare(actual, actual, 'it');
  compare({ b: [{ c: '' }], [kOpen]: kOpen }, actual, 'it');
  for (const wrong of [{ a: 1 }, { ...actual, e: 1 }, { ...actual, a: 'one' }, { ...actual, b: [{ c: 'x', f: 1 }] }, { ...actual, b: {} }])
    assert.throws(() => compare(wrong, actual, 'it'), assert.AssertionError);
  compareLines('data: {"a":1}\n\ndata: [DONE]\n', 'data: {"a":2}\n\ndata: [DONE]\n');
  assert.throws(() => compareLines('data: {"a":1}\n\ndata: [DONE]\n', 'data: {"a":2}\n'), assert.AssertionError);
  assert.throws(() => compareLines('{"token":"x"}\n', '{"word":"x"}\n'), assert.AssertionError);
});
