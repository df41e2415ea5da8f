import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { Hub, sha256 } from './hub.mjs';
import { errorOf, events, makeModel, run, scratch, Server, Shimmy } from './shimmy.mjs';

const kKills = Number(process.env.SHIMMY_PULL_KILLS ?? 10);

// A model that loads; `bytes`: with so much behind it, that fetching it takes a while.
function modelBytes(directory, bytes = 0) {
  const file = makeModel(directory, 'source', 1);
  const model = fs.readFileSync(file);
  fs.rmSync(file);
  return bytes > model.length ? Buffer.concat([model, randomBytes(bytes - model.length)]) : model;
}

// A home, a hub with org/tiny-GGUF:Q4_K_M in it, and the path that a pull gives the model.
async function stage(t, bytes = 0) {
  const home = scratch(t);
  const hub = await Hub.start(t);
  const model = modelBytes(path.join(home, 'made'), bytes);
  hub.addFile('org/tiny-GGUF', 'tiny-Q4_K_M.gguf', model);
  const directory = path.join(home, 'data', 'shimmy', 'models');
  const file = path.join(directory, 'org', 'tiny-GGUF', 'tiny-Q4_K_M.gguf');
  const pull = (args, more = {}) => run(home, ['pull', ...args], { env: { ...hub.environment, ...more } });
  return { home, hub, model, directory, file, pull };
}

// A small disk of its own; null where this user may not mount one.
function smallDisk(t, megabytes) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'shimmy-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    fs.rmdirSync(directory);
    return null;
  }
  t.after(() => {
    execFileSync('umount', [directory]);
    fs.rmdirSync(directory);
  });
  return directory;
}

// Waits until the unfinished file has so many bytes.
async function partOf(file, bytes) {
  while (!fs.existsSync(`${file}.part`) || fs.statSync(`${file}.part`).size < bytes) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// Every file below a directory, with its bytes.
function tree(directory) {
  if (!fs.existsSync(directory)) return {};
  const files = fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const of = ({ parentPath, path: older, name }) => path.join(parentPath ?? older, name);
  return Object.fromEntries(files.map((entry) => [path.relative(directory, of(entry)), fs.readFileSync(of(entry))]));
}

// The model is whole, its origin beside it, and nothing else is there.
function assertWhole({ directory, file, model }) {
  const there = tree(directory);
  const name = path.relative(directory, file);
  assert.deepEqual(Object.keys(there).sort(), [name, `${name}.origin.json`].sort());
  assert.equal(sha256(there[name]), sha256(model));
}

test('a model of the hub is pulled, named, listed and run', async (t) => {
  const at = await stage(t);
  const { code, stdout, stderr } = await at.pull(['org/tiny-GGUF']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Pulling org\/tiny-GGUF:Q4_K_M \(\d/);
  assert.doesNotMatch(stderr, /\x1b/);
  assertWhole(at);
  const [, name] = /^ {2}shimmy serve (\S+)$/m.exec(stdout);
  const listed = await run(at.home, ['list', '--short']);
  assert.equal(listed.stdout, `${name}\n`);
  const generated = await run(at.home, ['generate', '-m', name, '-p', 'Hi', '-n', '3']);
  assert.equal(generated.code, 0, generated.stderr);
});

test('a second pull fetches nothing', async (t) => {
  const at = await stage(t);
  await at.pull(['org/tiny-GGUF']);
  const again = await at.pull(['hf.co/org/tiny-GGUF:q4_k_m']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /is there already/);
  assert.equal(at.hub.downloads.length, 1);
  assertWhole(at);
});

test('a file that has changed on the hub replaces the one that was pulled', async (t) => {
  const at = await stage(t);
  await at.pull(['org/tiny-GGUF']);
  at.model = modelBytes(path.join(at.home, 'made'), at.model.length + 5000);
  at.hub.addFile('org/tiny-GGUF', 'tiny-Q4_K_M.gguf', at.model);
  const { code, stderr } = await at.pull(['org/tiny-GGUF']);
  assert.equal(code, 0, stderr);
  assertWhole(at);
});

test('a file that somebody else put there is left alone', async (t) => {
  const at = await stage(t);
  fs.mkdirSync(path.dirname(at.file), { recursive: true });
  fs.writeFileSync(at.file, 'mine');
  const { code, stderr } = await at.pull(['org/tiny-GGUF']);
  assert.equal(code, 1);
  assert.match(stderr, /is there already, and is another file/);
  assert.deepEqual(Object.keys(tree(at.directory)), [path.relative(at.directory, at.file)]);
});

test('of several quantisations the usual one is taken, or the one that is named', async (t) => {
  const at = await stage(t);
  for (const name of ['tiny-Q8_0.gguf', 'tiny-Q2_K.gguf', 'tiny-F16.gguf']) at.hub.addFile('org/tiny-GGUF', name, Buffer.concat([at.model, Buffer.from(name)]));
  assert.match((await at.pull(['org/tiny-GGUF'])).stdout, /Q4_K_M is there now/);
  assert.match((await at.pull(['org/tiny-GGUF:q8_0'])).stdout, /Q8_0 is there now/);
  assert.match((await at.pull(['org/tiny-GGUF', '--quant', 'Q2_K'])).stdout, /Q2_K is there now/);
  assert.match((await at.pull([`${at.hub.url}/org/tiny-GGUF/resolve/main/tiny-F16.gguf`])).stdout, /is there now/);
  const wrong = await at.pull(['org/tiny-GGUF:Q5_K_M']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /has no Q5_K_M.*Did you mean.*There is .*Q4_K_M \(/);
});

test('shards and a projector come together', async (t) => {
  const { home, hub, directory, pull, model } = await stage(t);
  const parts = [1, 2, 3, 4].map((number) => `big/big-Q6_K-0000${number}-of-00004.gguf`);
  parts.forEach((part, i) => hub.addFile('org/big', part, Buffer.concat([model, Buffer.from([i])])));
  hub.addFile('org/big', 'mmproj-F32.gguf', Buffer.concat([model, Buffer.from('f32')]));
  hub.addFile('org/big', 'mmproj-F16.gguf', Buffer.concat([model, Buffer.from('f16')]));
  const { code, stdout, stderr } = await pull(['org/big']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /in 5 files/);
  const there = tree(path.join(directory, 'org', 'big'));
  assert.deepEqual(Object.keys(there).sort(), [...parts, `${parts[0]}.origin.json`, 'big/mmproj-F16.gguf'].sort());
  assert.equal(hub.downloads.length, 5);
  const [, name] = /^ {2}shimmy serve (\S+)$/m.exec(stdout);
  const removed = await run(home, ['rm', '--yes', name]);
  assert.equal(removed.code, 0, removed.stderr);
  assert.deepEqual(tree(directory), {});
});

test('a model of the registry is pulled with its texts', async (t) => {
  const { hub, directory, model, pull } = await stage(t);
  hub.addModel('library/qwen3:0.6b', { model, template: '{{ .Prompt }}', params: '{"stop":["x"]}' });
  const { code, stderr } = await pull(['qwen3:0.6b']);
  assert.equal(code, 0, stderr);
  const there = tree(path.join(directory, 'library', 'qwen3'));
  assert.equal(sha256(there['qwen3-0.6b.gguf']), sha256(model));
  const origin = JSON.parse(there['qwen3-0.6b.gguf.origin.json']);
  assert.equal(origin.reference, 'qwen3:0.6b');
  assert.deepEqual(origin.texts, [{ kind: 'template', text: '{{ .Prompt }}' }, { kind: 'params', text: '{"stop":["x"]}' }]);
  const missing = await pull(['qwen3:9b']);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /qwen3:9b does not exist/);
});

test('a .gguf file of any server is pulled', async (t) => {
  const { hub, directory, model, pull } = await stage(t);
  const { code, stderr } = await pull([`${hub.url}/org/tiny-GGUF/resolve/main/tiny-Q4_K_M.gguf?download=true`]);
  assert.equal(code, 0, stderr);
  assert.equal(sha256(tree(directory)['127.0.0.1/tiny-Q4_K_M.gguf']), sha256(model));
});

test('the token goes to the hub and nowhere else', async (t) => {
  const at = await stage(t);
  at.hub.repositories.get('org/tiny-GGUF').gated = true;
  const without = await at.pull(['org/tiny-GGUF']);
  assert.equal(without.code, 1);
  assert.match(without.stderr, /HF_TOKEN/);
  assert.match(without.stderr, /no org\/tiny-GGUF for you/);
  assert.deepEqual(tree(at.directory), {});
  const withToken = await at.pull(['org/tiny-GGUF'], { HF_TOKEN: 'hf_good' });
  assert.equal(withToken.code, 0, withToken.stderr);
  assertWhole(at);
  for (const { at: place, headers } of at.hub.requests.slice(1)) {
    assert.equal(headers.authorization, place === 'hub' ? 'Bearer hf_good' : undefined);
  }
  assert.doesNotMatch(JSON.stringify(tree(at.directory)['org/tiny-GGUF/tiny-Q4_K_M.gguf.origin.json'].toString()), /hf_good|secret/);
});

test('a server that pulls hands on what the hub says', async (t) => {
  const at = await stage(t);
  const server = await Server.start(t, at.home, ['--allow-pull'], { env: at.hub.environment });
  const refused = async (model, status) => {
    const error = await errorOf(await server.post('/api/models/pull', { model }), status);
    const sent = [];
    for await (const event of events(await server.post('/api/models/pull', { model, stream: true }))) sent.push(event);
    const streamed = JSON.parse(sent.at(-1)).error;
    assert.deepEqual([streamed.code, streamed.param, streamed.message], [error.code, error.param, error.message]);
    return error;
  };
  const missing = await refused('qwen3:9b', 404);
  assert.deepEqual([missing.code, missing.param], ['model_not_found', 'model']);
  const private_ = await refused('org/nothing', 403);
  assert.deepEqual([private_.code, private_.param], ['invalid_request', 'model']);
  assert.match(private_.message, /HF_TOKEN/);
  at.hub.repositories.get('org/tiny-GGUF').gated = true;
  const gated = await refused('org/tiny-GGUF', 403);
  assert.match(gated.message, /accept its terms/);
  assert.match(gated.details, /no org\/tiny-GGUF for you/);
  at.hub.refusals = Array(2).fill({ status: 418 });
  assert.equal((await refused('org/tiny-GGUF', 502)).code, 'server_error');
  at.hub.refusals = Array(2).fill({ status: 429, headers: { 'Retry-After': '9999' } });
  assert.equal((await refused('org/tiny-GGUF', 503)).code, 'server_error');
  assert.deepEqual(tree(at.directory), {});
});

test('what does not exist is said to be so', async (t) => {
  const { hub, pull, directory } = await stage(t);
  const unknown = await pull(['org/nothing']);
  assert.match(unknown.stderr, /org\/nothing is not given to everybody \(401\)/);
  hub.addFile('org/safetensors', 'model.bin', Buffer.from('x'));
  const none = await pull(['org/safetensors']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /has no \.gguf files/);
  for (const wrong of ['', '../x', 'a/../b', 'http://host/readme.md', 'file:///etc/passwd']) {
    assert.equal((await pull([wrong])).code, 2, wrong);
  }
  assert.deepEqual(tree(directory), {});
});

for (const [trouble, of] of [
  ['cuts the line', { cutAfter: 1_000_000 }],
  ['fails with 500', { status: 500 }],
  ['asks for a pause', { status: 429, headers: { 'Retry-After': '1' } }],
  ['corrupts a byte', { corrupt: true }],
  ['ignores the range', { cutAfter: 1_000_000, then: { ignoreRange: true } }],
  ['says a wrong length', { tooLong: true }],
  ['sends no length and cuts', { chunked: true, cutAfter: 100_000 }],
]) {
  test(`a server that ${trouble} is survived`, async (t) => {
    const at = await stage(t, 3 << 20);
    at.hub.troubles = of.then ? [of, of.then] : [of];
    const { code, stderr } = await at.pull(['org/tiny-GGUF']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Trying again/);
    assertWhole(at);
  });
}

test('a cut is taken up where it was', async (t) => {
  const at = await stage(t, 3 << 20);
  at.hub.troubles = [{ cutAfter: 1_500_000 }];
  assert.equal((await at.pull(['org/tiny-GGUF'])).code, 0);
  assert.equal(at.hub.downloads[1].headers.range, 'bytes=1500000-');
  assert.ok(at.hub.downloads[1].headers['if-range']);
});

test('a file that changes between two parts is begun anew', async (t) => {
  const at = await stage(t, 3 << 20);
  at.hub.troubles = [{ cutAfter: 1_500_000 }];
  at.hub.pauseMs = 1;
  const pulling = at.pull(['org/tiny-GGUF']);
  await at.hub.downloading();
  at.hub.etagMark = 'new';
  assert.equal((await pulling).code, 0);
  assertWhole(at);
});

test('a server that always corrupts is refused, and nothing of it stays', async (t) => {
  const at = await stage(t);
  at.hub.troubles = Array(5).fill({ corrupt: true });
  const { code, stderr } = await at.pull(['org/tiny-GGUF']);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`SHA-256 is [0-9a-f]{64}, not ${sha256(at.model)}`));
  assert.deepEqual(tree(at.directory), {});
  assert.equal(at.hub.downloads.length, 2);
});

test('a page in place of the file is refused at once', async (t) => {
  const at = await stage(t);
  at.hub.troubles = Array(5).fill({ content: Buffer.from('<!DOCTYPE html>'.padEnd(at.model.length)) });
  const { code, stderr } = await at.pull(['org/tiny-GGUF']);
  assert.equal(code, 1);
  assert.match(stderr, /is no GGUF file: it looks like a web page/);
  assert.deepEqual(tree(at.directory), {});
  assert.equal(at.hub.downloads.length, 1);
});

test('a hub that fails for a moment is asked again', async (t) => {
  const at = await stage(t);
  at.hub.refusals = [{ status: 503 }, { status: 429, headers: { 'Retry-After': '1' } }];
  const { code, stderr } = await at.pull(['org/tiny-GGUF']);
  assert.equal(code, 0, stderr);
  assertWhole(at);
});

test('without a network it says so in a few seconds', async (t) => {
  const { pull } = await stage(t);
  const { code, stderr } = await pull(['org/tiny-GGUF'], { HF_ENDPOINT: 'http://127.0.0.1:9' });
  assert.equal(code, 1);
  assert.match(stderr, /Cannot connect to http:\/\/127\.0\.0\.1:9/);
});

test('Ctrl-C keeps what is there, and says so', async (t) => {
  const at = await stage(t, 4 << 20);
  at.hub.pauseMs = 20;
  const shimmy = new Shimmy(at.home, ['pull', 'org/tiny-GGUF'], { env: at.hub.environment });
  await partOf(at.file, 300_000);
  shimmy.signal('SIGINT');
  assert.deepEqual(await shimmy.end(), { code: 130, signal: null });
  assert.match(shimmy.stderr, /Stopped\. .* are kept/);
  const kept = fs.statSync(`${at.file}.part`).size;
  assert.ok(kept >= 300_000);
  at.hub.pauseMs = 0;
  assert.equal((await at.pull(['org/tiny-GGUF'])).code, 0);
  assert.equal(at.hub.downloads[1].headers.range, `bytes=${kept}-`);
  assertWhole(at);
});

test('a disk without room is said to be so before anything is fetched', async (t) => {
  const at = await stage(t, 4 << 20);
  const disk = smallDisk(t, 2);
  if (!disk) return t.skip('no disk can be mounted here');
  const { code, stderr } = await at.pull(['org/tiny-GGUF', '--dir', disk]);
  assert.equal(code, 1);
  assert.match(stderr, /Not enough room: 4\.2 MB are still to be fetched, and the disk of \S+ has 2\.1 MB free/);
  assert.equal(at.hub.downloads.length, 0);
  assert.deepEqual(tree(disk), {});
});

test('a disk that fills up meanwhile loses nothing', async (t) => {
  const at = await stage(t, 4 << 20);
  const disk = smallDisk(t, 6);
  if (!disk) return t.skip('no disk can be mounted here');
  at.hub.pauseMs = 5;
  const pulling = at.pull(['org/tiny-GGUF', '--dir', disk]);
  const file = path.join(disk, 'org', 'tiny-GGUF', 'tiny-Q4_K_M.gguf');
  await partOf(file, 100_000);
  try {
    fs.writeFileSync(path.join(disk, 'filler'), Buffer.alloc(8 << 20));
  } catch {
    // It is as large as it can be.
  }
  const { code, stderr } = await pulling;
  assert.equal(code, 1);
  assert.match(stderr, /No space left on device\. What was fetched so far is kept/);
  fs.rmSync(path.join(disk, 'filler'));
  assert.ok(fs.statSync(`${file}.part`).size >= 100_000);
  at.hub.pauseMs = 0;
  assert.equal((await at.pull(['org/tiny-GGUF', '--dir', disk])).code, 0);
  assert.match(at.hub.downloads.at(-1).headers.range, /^bytes=\d{6,}-$/);
  assertWhole({ ...at, directory: disk, file });
});

test('what a stopped pull left can be removed', async (t) => {
  const at = await stage(t, 2 << 20);
  at.hub.pauseMs = 20;
  const shimmy = new Shimmy(at.home, ['pull', 'org/tiny-GGUF'], { env: at.hub.environment });
  await at.hub.downloading();
  shimmy.signal('SIGKILL');
  await shimmy.end();
  assert.notDeepEqual(tree(at.directory), {});
  const removed = await run(at.home, ['rm', '--yes', 'org/tiny-GGUF']);
  assert.equal(removed.code, 0, removed.stderr);
  assert.deepEqual(tree(at.directory), {});
});

test('two processes that pull the same file fetch it once', async (t) => {
  const at = await stage(t, 2 << 20);
  at.hub.pauseMs = 10;
  const first = at.pull(['org/tiny-GGUF']);
  await at.hub.downloading();
  const second = await at.pull(['org/tiny-GGUF']);
  assert.equal((await first).code, 0);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /another pull of it is under way/);
  assert.match(second.stdout, /is there already/);
  assert.equal(at.hub.downloads.length, 1);
  assertWhole(at);
});

test('--json gives one object a line', async (t) => {
  const at = await stage(t);
  const { code, stdout, stderr } = await at.pull(['org/tiny-GGUF', '--json']);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.some(({ status, completed, total }) => status === 'downloading' && completed === total));
  assert.deepEqual(lines.at(-2), { status: 'done', file: 'tiny-Q4_K_M.gguf', was_there: false });
  assert.equal(lines.at(-1).status, 'success');
  assert.deepEqual(lines.at(-1).files, [at.file]);
  const failed = await at.pull(['org/nothing', '--json']);
  assert.equal(JSON.parse(failed.stdout).status, 'error');
});

test('--dir puts the model elsewhere', async (t) => {
  const at = await stage(t);
  const elsewhere = path.join(at.home, 'else where');
  const { code, stdout } = await at.pull(['org/tiny-GGUF', '--dir', elsewhere]);
  assert.equal(code, 0);
  assert.match(stdout, /--model-dir ".*else where"/);
  assert.equal(sha256(tree(elsewhere)['org/tiny-GGUF/tiny-Q4_K_M.gguf']), sha256(at.model));
});

test('rm removes what shimmy keeps, and only that', async (t) => {
  const at = await stage(t);
  const { stdout } = await at.pull(['org/tiny-GGUF']);
  const [, name] = /^ {2}shimmy serve (\S+)$/m.exec(stdout);
  const asked = await run(at.home, ['rm', name]);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /--yes/);
  assertWhole(at);
  makeModel(path.join(at.home, 'models'), 'foreign', 2);
  const foreign = await run(at.home, ['rm', '--yes', name, 'foreign']);
  assert.equal(foreign.code, 2);
  assert.match(foreign.stderr, /not shimmy's to remove.*models/);
  assertWhole(at);
  const removed = await run(at.home, ['rm', '--yes', name]);
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(removed.stdout, /^Removed .* \(/);
  assert.deepEqual(fs.readdirSync(at.directory), []);
  assert.equal((await run(at.home, ['rm', '--yes', name])).code, 2);
});

test(`after a kill -9 at any point the next pull completes, ${kKills} times`, { timeout: 120_000 }, async (t) => {
  const at = await stage(t, 6 << 20);
  const states = { nothing: 0, part: 0, whole: 0 };
  for (let round = 0; round < kKills; ++round) {
    at.hub.pauseMs = 1;
    const shimmy = new Shimmy(at.home, ['pull', 'org/tiny-GGUF'], { env: at.hub.environment });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 350));
    shimmy.signal('SIGKILL');
    await shimmy.end();
    const there = Object.keys(tree(at.directory));
    const hasPart = there.some((name) => name.endsWith('.part'));
    states[hasPart ? 'part' : there.length > 0 ? 'whole' : 'nothing'] += 1;
    at.hub.pauseMs = 0;
    const { code, stderr } = await at.pull(['org/tiny-GGUF']);
    assert.equal(code, 0, `round ${round}: ${stderr}`);
    assertWhole(at);
    fs.rmSync(at.directory, { recursive: true });
  }
  t.diagnostic(`killed with ${JSON.stringify(states)}`);
});
