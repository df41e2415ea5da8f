// Bytes on a socket as they stand, and the answers that come back: what fetch would not send, or would hide.
import net from 'node:net';
import tls from 'node:tls';

import { within } from './shimmy.mjs';

const kHeadEnd = '\r\n\r\n';

// An answer's head, its header names in lower case; those that came twice are joined with ", ".
function headOf(text) {
  const [line, ...lines] = text.split('\r\n');
  const headers = {};
  for (const one of lines) {
    const name = one.slice(0, one.indexOf(':')).toLowerCase();
    const value = one.slice(one.indexOf(':') + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { version: line.slice(0, 8), status: Number(line.split(' ')[1]), headers };
}

// The content of a chunked body at the start of `bytes` and how long the body is; null: it is not whole yet.
function chunkedBody(bytes) {
  const pieces = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = parseInt(bytes.toString('latin1', at, line), 16);
    if (!(size >= 0)) throw new Error(`No chunk begins with ${JSON.stringify(bytes.toString('latin1', at, line))}.`);
    const end = line + 2 + size + 2;
    if (bytes.length < end) return null;
    if (size === 0) return { body: Buffer.concat(pieces), length: end };
    pieces.push(bytes.subarray(line + 2, line + 2 + size));
    at = end;
  }
}

export class Wire {
  #received = Buffer.alloc(0);
  #watchers = new Set();
  #isDiscarding = false;
  isClosed = false; // by the server
  error = null;

  // An open connection to a Server, gone after `t`. more: of net.connect, or with `ca` of tls.connect.
  static async open(t, server, more = {}) {
    const place = server.path ? { path: server.path } : { port: server.port, host: server.host };
    const wire = new Wire();
    wire.socket = more.ca ? tls.connect({ ...place, ...more }) : net.connect({ ...place, ...more });
    t?.after(() => wire.socket.destroy());
    wire.socket.on('data', (bytes) => {
      if (wire.#isDiscarding) return;
      wire.#received = Buffer.concat([wire.#received, bytes]);
      wire.#look();
    });
    wire.socket.on('error', (error) => (wire.error = error));
    for (const event of ['end', 'close']) {
      wire.socket.on(event, () => {
        wire.isClosed = true;
        wire.#look();
      });
    }
    const opened = new Promise((resolve, reject) => {
      wire.socket.once(more.ca ? 'secureConnect' : 'connect', resolve).once('error', reject);
    });
    await within(opened, 'the connection');
    return wire;
  }

  #look() {
    for (const watcher of this.#watchers) watcher();
  }

  // `done()` until it is not null; undefined when the server has closed before.
  async #until(done, what) {
    let look;
    const seen = new Promise((resolve) => {
      look = () => {
        const value = done();
        if (value !== null || this.isClosed) resolve(value ?? undefined);
      };
      this.#watchers.add(look);
      look();
    });
    return within(seen, what).finally(() => this.#watchers.delete(look));
  }

  // Until the kernel has it all.
  send(bytes) {
    return new Promise((resolve) => this.socket.write(bytes, resolve));
  }

  // The bytes up to the end of `mark`, or whatever there was when the server closed.
  async take(mark) {
    const size = await this.#until(() => {
      const at = this.#received.indexOf(mark);
      return at < 0 ? null : at + mark.length;
    }, JSON.stringify(mark));
    return this.#taken(size ?? this.#received.length);
  }

  // So many bytes.
  async bytes(count) {
    await this.#until(() => (this.#received.length >= count ? true : null), `${count} bytes`);
    return this.#taken(count);
  }

  // Everything until the server closes.
  async rest() {
    await this.#until(() => null, 'the server to close');
    return this.#taken(this.#received.length);
  }

  #taken(size) {
    const bytes = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return bytes;
  }

  // Reads on, but keeps nothing from now on: for streams without an end.
  discard() {
    this.#isDiscarding = true;
  }

  async head() {
    const text = (await this.take(kHeadEnd)).toString('latin1');
    return text.endsWith(kHeadEnd) ? headOf(text.slice(0, -kHeadEnd.length)) : null;
  }

  // The next answer, whole; null when the server closes without one. to: the method that it answers.
  async answer(to = 'GET') {
    const head = await this.head();
    if (!head) return null;
    const body = await this.#body(head, to);
    return { ...head, body: body.toString(), json: () => JSON.parse(body.toString()) };
  }

  async #body({ status, headers }, to) {
    if (to === 'HEAD' || status < 200 || status === 204 || status === 304) return Buffer.alloc(0);
    if (headers['transfer-encoding'] === 'chunked') {
      const found = await this.#until(() => chunkedBody(this.#received), 'the end of a chunked body');
      if (!found) throw new Error('The server closed within a chunked body.');
      this.#taken(found.length);
      return found.body;
    }
    if ('content-length' in headers) return this.bytes(Number(headers['content-length']));
    return this.rest();
  }

  // One request and its answer.
  async ask(request) {
    await this.send(request);
    return this.answer(request.toString('latin1').split(' ', 1)[0]);
  }
}

// The bytes of a request. headers: lines; Host is added where it is missing, Content-Length where there is a body.
export function request(method, target, headers = [], body = '') {
  const lines = [...headers];
  const has = (name) => lines.some((line) => line.toLowerCase().startsWith(`${name}:`));
  if (!has('host')) lines.unshift('Host: 127.0.0.1');
  if (body && !has('content-length') && !has('transfer-encoding')) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1'), Buffer.from(body)]);
}

// A small chat, or what `more` makes of it, as the text of a body.
export const chatBody = (more = {}) => JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1, ...more });

// The same as a whole request.
export const chatRequest = (more = {}, headers = []) => request('POST', '/v1/chat/completions', headers, chatBody(more));
