// The client's side of a WebSocket, frame by frame (RFC 6455), for what no library would send.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { request, Wire } from './wire.mjs';

export const kContinuation = 0;
export const kText = 1;
export const kBinary = 2;
export const kClose = 8;
export const kPing = 9;
export const kPong = 10;

export const kUpgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

// more: {isFinal, isMasked, reserved (bits), length (said, if not the payload's)}
export function frame(opcode, payload = '', { isFinal = true, isMasked = true, reserved = 0, length } = {}) {
  const content = Buffer.from(payload);
  const said = length ?? content.length;
  const head = [(isFinal ? 0x80 : 0) | (reserved << 4) | opcode];
  const masked = isMasked ? 0x80 : 0;
  if (said < 126) head.push(masked | said);
  else if (said < 65536) head.push(masked | 126, said >> 8, said & 255);
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt(said));
    head.push(masked | 127, ...wide);
  }
  if (!isMasked) return Buffer.concat([Buffer.from(head), content]);
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from(head), mask, content.map((byte, i) => byte ^ mask[i % 4])]);
}

export const closing = (code, reason = '') => frame(kClose, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

export class Frames {
  static async open(t, server, { headers = [], path = '/ws/generate', ...more } = {}) {
    const frames = new Frames();
    frames.wire = await Wire.open(t, server, more);
    await frames.wire.send(request('GET', path, [...kUpgrade, ...headers]));
    frames.head = await frames.wire.head();
    assert.equal(frames.head?.status, 101);
    return frames;
  }

  send(...what) {
    return this.wire.send(frame(...what));
  }

  ask(more) {
    return this.send(kText, JSON.stringify({ model: 'tiny', prompt: 'Hi', max_tokens: 8, temperature: 0, ignore_eos: true, ...more }));
  }

  // The next frame; null at the end of the connection.
  async next() {
    const head = await this.wire.bytes(2);
    if (head.length < 2) return null;
    assert.equal(head[1] & 0x80, 0, 'a server does not mask');
    assert.equal(head[0] & 0x70, 0, 'nothing was negotiated');
    let length = head[1] & 0x7f;
    if (length === 126) length = (await this.wire.bytes(2)).readUInt16BE();
    else if (length === 127) length = Number((await this.wire.bytes(8)).readBigUInt64BE());
    const payload = await this.wire.bytes(length);
    return { opcode: head[0] & 15, isFinal: head[0] >= 0x80, payload };
  }

  // The next message, which must be one of text.
  async message() {
    const { opcode, isFinal, payload } = await this.next();
    assert.deepEqual([opcode, isFinal], [kText, true], payload.toString());
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  }

  // The text of one generation and its last frame.
  async answer() {
    for (let text = ''; ;) {
      const message = await this.message();
      if (message.done) return { text, done: message };
      assert.deepEqual(Object.keys(message), ['token'], JSON.stringify(message));
      text += message.token;
    }
  }

  // The code with which the server closes, which is answered; what it still says before is passed over.
  async closed() {
    for (;;) {
      const got = await this.next();
      assert.ok(got, 'the connection ended without a close frame');
      if (got.opcode !== kClose) continue;
      if (!this.wire.isClosed) await this.send(kClose, got.payload);
      return got.payload.length === 0 ? null : got.payload.readUInt16BE();
    }
  }
}
