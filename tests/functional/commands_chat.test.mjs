// shimmy run, in a pipe and on a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Hub } from './hub.mjs';
import { homeWithModel, kBinary, makeModel, run, scratch, Server, Shimmy, within } from './shimmy.mjs';

const kNoServer = { SHIMMY_BIND: 'unix:/nonexistent/shimmy.sock' };
const kShort = ['-t', '0', '-n', '8'];
// Written once for each line that is read, when keys are taken.
const kPrompt = '\x1b[?2004h';
const kAnswering = '\x1b[?2004l'; // what was typed is behind it

// The keys of `steps` on a terminal: [what to wait for, what to type].
async function onTerminal(home, args, steps, env = kNoServer) {
  const child = spawn(path.join(import.meta.dirname, 'terminal.py'), [kBinary, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: path.join(home, 'data'), SHIMMY_THREADS: '1', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => (text += more));
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  child.stdin.end(JSON.stringify(steps));
  await within(ended, 'the end of the session', 90_000).finally(() => child.kill('SIGKILL'));
  return JSON.parse(text);
}

describe('shimmy run', () => {
  const endings = [];
  let home;
  before(() => (home = homeWithModel({ after: (ending) => endings.push(ending) })));
  after(() => endings.forEach((ending) => ending()));

  const answer = async (args, options = {}) => {
    const result = await run(home, ['run', ...args], { env: kNoServer, ...options });
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  };

  test('answers one question, without a word beside it', async () => {
    const result = await run(home, ['run', 'tiny', 'Hello', ...kShort], { env: kNoServer });
    assert.equal(result.code, 0, result.stderr);
    assert.ok(result.stdout.length > 1 && result.stdout.endsWith('\n'));
    assert.equal(result.stderr, '');
    assert.ok(!result.stdout.includes('\x1b'));
    const generated = await run(home, ['generate', 'tiny', '-p', 'Hello', ...kShort]);
    assert.equal(result.stdout, generated.stdout);
  });

  test('takes what is piped in, alone and behind a question', async () => {
    assert.equal(await answer(['tiny', ...kShort], { input: 'Hello\n' }), await answer(['tiny', 'Hello', ...kShort]));
    const both = await answer(['tiny', 'Sum', 'up.', ...kShort], { input: 'some notes\n' });
    assert.equal(both, await answer(['tiny', 'Sum up.\n\nsome notes', ...kShort]));
  });

  test('says what is missing or wrong', async () => {
    for (const [args, code, pattern] of [
      [['run', 'tiny'], 2, /There is no prompt/],
      [['run', 'tinny', 'x'], 2, /Did you mean tiny\?/],
      [['run', 'tiny', 'x', '-t', '-1'], 2, /temperature/],
      [['run', 'tiny', 'x', '--server', '127.0.0.1:1'], 1, /No server is running at 127\.0\.0\.1:1\. Start one with: shimmy serve/],
    ]) {
      const result = await run(home, args, { env: kNoServer });
      assert.equal(result.code, code, result.stderr);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, pattern);
    }
  });

  test('--verbose tells speeds', async () => {
    const { stderr } = await run(home, ['run', 'tiny', 'Hello', '--verbose', ...kShort], { env: kNoServer });
    assert.match(stderr, /^prompt +\d+ tokens .*tok\/s$/m);
    assert.match(stderr, /^generated +8 tokens/m);
  });

  test('Ctrl-C ends one answer with 130', async () => {
    const shimmy = new Shimmy(home, ['run', 'tiny', 'Hello', '-t', '0', '--ctx', '65536'], { env: kNoServer });
    shimmy.write('');
    await shimmy.until(({ stdout }) => stdout.length > 0, 'the first text');
    shimmy.signal('SIGINT');
    assert.deepEqual(await shimmy.end(), { code: 130, signal: null });
  });

  test('is a chat on a terminal, with a line that can be edited', async () => {
    const { code, output } = await onTerminal(home, ['run', ...kShort], [
      [kPrompt, 'Hellp\x7fo\r'],
      [kPrompt, '\x1b[200~two\nlines\x1b[201~\r'],
      [kPrompt, '/show messages\r'],
      [kPrompt, '/bye\r'],
    ]);
    assert.equal(code, 0, output);
    assert.match(output, /tiny \(in this process\)/);
    assert.match(output, /user:\r\nHello\r\n/);
    assert.match(output, /user:\r\ntwo\r\nlines\r\n/);
    assert.equal(output.match(/assistant:/g).length, 2);
  });

  test('Ctrl-C stops the answer and not the chat, however often', async () => {
    const { code, output } = await onTerminal(home, ['run', '-t', '0', '--ctx', '65536'], [
      [kPrompt, 'Hello\r'],
      [kAnswering, ''],
      ['e', '\x03'],
      // Beside an answer that was cut somewhere, the next one may end by itself.
      [kPrompt, '/clear\r'],
      [kPrompt, 'Hello\r'],
      [kAnswering, ''],
      ['e', '\x03'],
      ['^C', '\x03'],
      [kPrompt, '\x03'],
      [kPrompt, '\x04'],
    ]);
    assert.equal(code, 0, output);
  });

  test('keeps a chat in a file and takes it up again', async () => {
    const { code, output } = await onTerminal(home, ['run', ...kShort], [
      [kPrompt, '"""one\r'],
      [kPrompt, 'two"""\r'],
      [kPrompt, '/set parameter top_k 3\r'],
      [kPrompt, '/save chat.json\r'],
      [kPrompt, '/clear\r'],
      [kPrompt, '/load chat.json\r'],
      [kPrompt, '/show\r'],
      [kPrompt, '/regen\r'],
      [kPrompt, '\x04'],
    ]);
    assert.equal(code, 0, output);
    const file = path.join(home, 'chat.json');
    const saved = JSON.parse(fs.readFileSync(file));
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.equal(saved.messages[0].content, 'one\ntwo');
    assert.deepEqual([saved.model, saved.parameters.top_k, saved.messages.length], ['tiny', 3, 2]);
  });

  test('leaves the terminal as it was', async () => {
    const { output } = await onTerminal(home, ['run', ...kShort], [[kPrompt, '\x04']]);
    assert.ok(output.lastIndexOf('\x1b[?2004l') > output.lastIndexOf('\x1b[?2004h'));
  });
});

test('shimmy run gets a model that is not there, if the user wants it', async (t) => {
  const home = scratch(t);
  const hub = await Hub.start(t);
  const made = makeModel(path.join(home, 'made'), 'source', 1);
  hub.addFile('org/tiny-GGUF', 'tiny-Q4_K_M.gguf', fs.readFileSync(made));
  fs.rmSync(made);
  const env = { ...kNoServer, ...hub.environment };
  const piped = await run(home, ['run', 'org/tiny-GGUF', 'Hello', ...kShort], { env });
  assert.equal(piped.code, 2);
  assert.match(piped.stderr, /shimmy pull org\/tiny-GGUF\n/);
  assert.equal(hub.requests.length, 0);
  const declined = await onTerminal(home, ['run', 'org/tiny-GGUF', 'Hello', ...kShort], [['[Y/n] ', 'n\r']], env);
  assert.equal(declined.code, 2, declined.output);
  assert.match(declined.output, /Pull org\/tiny-GGUF:Q4_K_M \(\d\S* .B\)\? \[Y\/n\]/);
  assert.equal(hub.downloads.length, 0);
  const unknown = await onTerminal(home, ['run', 'org/nothing', 'Hello'], [], env);
  assert.equal(unknown.code, 2, unknown.output);
  assert.match(unknown.output, /It cannot be pulled: org\/nothing is not given to everybody/);
  const pulled = await onTerminal(home, ['run', 'org/tiny-GGUF', ...kShort], [['[Y/n] ', '\r'], [kPrompt, 'Hello\r'], [kPrompt, '/bye\r']], env);
  assert.equal(pulled.code, 0, pulled.output);
  assert.match(pulled.output, /tiny-Q4_K_M \(in this process\)/);
  assert.equal(hub.downloads.length, 1);
  const again = await run(home, ['run', 'org/tiny-GGUF', 'Hello', ...kShort], { env });
  assert.equal(again.code, 0, again.stderr);
});

test('shimmy run asks a server, over TCP and over a Unix socket', async (t) => {
  const home = homeWithModel(t);
  const empty = scratch(t);
  const wanted = (await run(home, ['run', 'tiny', 'Hello', ...kShort], { env: kNoServer })).stdout;
  const tcp = await Server.start(t, home, ['--api-key', 'secret-secret-1']);
  const socket = path.join(home, 's.sock');
  await Server.start(t, home, ['--bind', `unix:${socket}`]);
  const key = { SHIMMY_API_KEY: 'secret-secret-1' };
  // No model is in this home: whoever answers is the server.
  for (const [place, env] of [[tcp.url, key], [`${tcp.url}/v1`, key], [`127.0.0.1:${tcp.port}`, key], [`unix:${socket}`, {}]]) {
    const result = await run(empty, ['run', 'tiny', 'Hello', '--verbose', ...kShort], { env: { ...env, SHIMMY_HOST: place } });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, wanted);
    assert.match(result.stderr, /generated +8 tokens/);
  }
  const refused = await run(empty, ['run', 'tiny', 'Hello'], { env: { SHIMMY_HOST: tcp.url } });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /Set SHIMMY_API_KEY/);
  const unknown = await run(empty, ['run', 'tinny', 'Hello'], { env: { ...key, SHIMMY_HOST: tcp.url } });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /tinny/);
});
