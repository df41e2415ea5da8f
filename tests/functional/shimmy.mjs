// Runs the real binary for the tests, each time in a home of its own, and talks to its server.
// The binary and the program that makes the tiny model come from the environment; see CMakeLists.txt.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';

export const kBinary = process.env.SHIMMY_BINARY;
assert.ok(kBinary, 'SHIMMY_BINARY must name the binary to test: run these tests through ctest.');

// Only for what should take milliseconds: a hang is a failure with a name, not a timeout of ctest.
const kPatienceMs = 30_000;

// Fails after `ms` with what was waited for.
export async function within(promise, what, ms = kPatienceMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms} ms in vain for ${what}.`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// A new directory that is gone after the test or suite `t`.
export function scratch(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'shimmy-functional-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

// The path of a new tiny model. kind: 'chat', 'infill', 'split', 'encoder' or 'reranker'.
export function makeModel(directory, name = 'tiny', seed = 1, kind = 'chat') {
  fs.mkdirSync(directory, { recursive: true });
  const made = execFileSync(process.env.SHIMMY_TINY_MODEL_MAKER, [directory, name, String(seed), kind]);
  return made.toString().trim();
}

// A home that has the tiny model where a user's models are.
export function homeWithModel(t) {
  const home = scratch(t);
  makeModel(path.join(home, 'data', 'shimmy', 'models'));
  return home;
}

// No setting of whoever runs the tests but the kernels, so that all can be tried; one thread, as many would only wait for
// each other on such a model.
function environment(home, more) {
  const foreign = /^(SHIMMY_(?!KERNELS$|CPU$)|HF_|HUGGINGFACE_|OLLAMA_|LLAMA_|JAN_|XDG_)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const data = path.join(home, 'data');
  const config = path.join(home, 'config');
  return { ...Object.fromEntries(own), HOME: home, XDG_DATA_HOME: data, XDG_CONFIG_HOME: config, SHIMMY_THREADS: '1', ...more };
}

// A running shimmy, whose output is collected as it comes.
export class Shimmy {
  #child;
  #watchers = [];
  stdout = Buffer.alloc(0);
  stderr = '';

  // binary, uid: to run a copy of it as somebody else. stdout: a descriptor to write to instead.
  constructor(home, args, { env = {}, binary = kBinary, uid, stdout = 'pipe' } = {}) {
    const stdio = ['pipe', stdout, 'pipe'];
    this.#child = spawn(binary, args, { cwd: home, env: environment(home, env), uid, stdio });
    this.#child.stdin.on('error', () => {}); // it need not read what it is given
    this.#child.stdout?.on('data', (bytes) => {
      this.stdout = Buffer.concat([this.stdout, bytes]);
      this.#look();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
      this.#look();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.exited.catch(() => {}); // whoever waits for it sees it
  }

  #look() {
    this.#watchers = this.#watchers.filter((watcher) => !watcher());
  }

  // Until `done(this)` is truthy; then its value. Fails if the process ends first.
  async until(done, what) {
    const seen = new Promise((resolve, reject) => {
      const watcher = () => {
        const value = done(this);
        if (value) resolve(value);
        return value;
      };
      if (!watcher()) this.#watchers.push(watcher);
      this.exited.then(
        ({ code, signal }) => reject(new Error(`Ended with ${code ?? signal} before ${what}: ${this.stderr}`)),
        reject,
      );
    });
    return within(seen, what);
  }

  get pid() {
    return this.#child.pid;
  }

  write(input) {
    this.#child.stdin.end(input);
  }

  signal(name) {
    this.#child.kill(name);
  }

  // What reads the output goes away, as `head` does.
  closeOutput() {
    this.#child.stdout.destroy();
  }

  async end(ms = kPatienceMs) {
    return within(this.exited, `the end of shimmy, which said: ${this.stderr}`, ms);
  }
}

// Runs a command to its end. input: for its stdin.
export async function run(home, args, { input = '', ...options } = {}) {
  const shimmy = new Shimmy(home, args, options);
  shimmy.write(input);
  const { code, signal } = await shimmy.end().finally(() => shimmy.signal('SIGKILL'));
  assert.equal(signal, null, shimmy.stderr);
  return { code, stdout: shimmy.stdout.toString(), stderr: shimmy.stderr };
}

// A server on a free port, or wherever --bind says, that is ready for requests.
export class Server {
  // Killed after `t`, if it still runs. options: of Shimmy.
  static async start(t, home, args = [], options = {}) {
    const server = new Server();
    const place = args.includes('--bind') ? [] : ['--port', '0'];
    server.shimmy = new Shimmy(home, ['serve', ...place, ...args], options);
    t.after(() => server.shimmy.signal('SIGKILL'));
    const [, address] = await server.shimmy.until(({ stderr }) => /^shimmy \S+ on (\S+)$/m.exec(stderr), 'the start line');
    if (address.startsWith('unix:')) {
      server.path = address.slice('unix:'.length);
      return server;
    }
    server.port = Number(address.slice(address.lastIndexOf(':') + 1));
    server.host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
    server.url = `http${args.includes('--tls-cert') ? 's' : ''}://${address}`;
    return server;
  }

  get(target, options = {}) {
    return within(fetch(this.url + target, options), `GET ${target}`);
  }

  // `body` as it stands if it is a string, else as JSON.
  post(target, body, options = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json' };
    return within(fetch(this.url + target, { method: 'POST', headers, body: text, ...options }), `POST ${target}`);
  }

  chat(more = {}, options = {}) {
    const messages = [{ role: 'user', content: 'Hi' }];
    return this.post('/v1/chat/completions', { model: 'tiny', messages, ...more }, options);
  }

  // A request as these bytes; the whole answer as {status, headers, body}.
  async raw(request) {
    const socket = net.connect(this.port, this.host);
    const answer = new Promise((resolve, reject) => {
      let text = '';
      socket.setEncoding('utf8').on('data', (more) => (text += more));
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    socket.write(request);
    const [head, ...rest] = (await within(answer, 'the raw answer')).split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), headers: head.toLowerCase(), body: rest.join('\r\n\r\n') };
  }

  // Asks for an end, as Ctrl-C and service managers do, and expects a clean one.
  async stop(signal = 'SIGTERM') {
    this.shimmy.signal(signal);
    assert.deepEqual(await this.shimmy.end(), { code: 0, signal: null }, this.shimmy.stderr);
  }
}

// One server for all tests of a file or suite: `.server`, there from the first test on.
export function sharedServer(start) {
  const shared = {};
  const endings = [];
  before(async () => {
    shared.server = await start({ after: (ending) => endings.unshift(ending) });
  });
  after(() => endings.forEach((ending) => ending()));
  return shared;
}

// The error that every refusal carries, checked for its shape.
export async function errorOf(response, status) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  const body = JSON.parse(text);
  assert.deepEqual(Object.keys(body), ['error']);
  assert.deepEqual(Object.keys(body.error), ['message', 'type', 'param', 'code', 'details']);
  assert.match(body.error.message, /\S/);
  return body.error;
}

// The data of each server-sent event of a response, "[DONE]" included.
export async function* events(response) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      assert.match(block, /^data: [^\n]*$/);
      yield block.slice('data: '.length);
    }
  }
  assert.equal(text, '', 'the stream ends within an event');
}

// All chunks of a stream that must end well.
export async function chunks(response) {
  assert.equal(response.status, 200);
  const all = [];
  for await (const event of events(response)) all.push(event);
  assert.equal(all.pop(), '[DONE]');
  return all.map((event) => JSON.parse(event));
}

export function contentOf(all) {
  return all.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}
