// The line that each request leaves in the log, in both forms.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Frames } from './frames.mjs';
import { homeWithModel, Server, sharedServer } from './shimmy.mjs';
import { chatRequest, request, Wire } from './wire.mjs';

// The fields of a line of text: key=value, a value with blanks quoted.
const fieldsOf = (line) => Object.fromEntries([...line.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S+)/g)].map(([, key, value]) => [key, value.replace(/^"|"$/g, '')]));

const forms = {
  text: { args: [], parse: fieldsOf },
  json: { args: ['--log-format', 'json'], parse: JSON.parse },
};
for (const [form, { args, parse }] of Object.entries(forms)) {
  describe(`in ${form}`, () => {
    const shared = sharedServer((t) => Server.start(t, homeWithModel(t), ['tiny', '--ctx', '16384', '--parallel', '1', ...args]));
    const lineWith = (mark) => shared.server.shimmy.until(({ stderr }) => stderr.split('\n').slice(0, -1).find((line) => line.includes(mark)), mark);

    // The fields of the line that this request left, found by its id.
    async function logged(t, bytes) {
      const answer = await (await Wire.open(t, shared.server)).ask(bytes);
      const id = answer.headers['x-request-id'];
      const fields = parse(await lineWith(id));
      assert.equal(fields.id, id);
      return { answer, fields };
    }

    for (const stream of [false, true]) {
      test(`E37 ${stream ? 'a stream' : 'an answer'} tells model, tokens and times`, async (t) => {
        const usage = stream ? { stream_options: { include_usage: true } } : {};
        const { answer, fields } = await logged(t, chatRequest({ stream, ...usage, max_tokens: 6, ignore_eos: true }, ['User-Agent: a "test" agent', 'X-Client-Request-Id: mine-1']));
        assert.equal(fields.method, 'POST');
        assert.equal(fields.path, '/v1/chat/completions');
        assert.equal(Number(fields.status), 200);
        assert.equal(fields.model, 'tiny');
        assert.equal(Number(fields.prompt_tokens), 10);
        assert.equal(Number(fields.completion_tokens), 6);
        assert.ok(Number(fields.cached_tokens) <= 10);
        assert.ok(Number(fields.ttft_ms) >= 0 && Number(fields.ttft_ms) <= Number(fields.duration_ms) + 1);
        assert.ok(Number(fields.bytes) >= Buffer.byteLength(answer.body));
        assert.ok(Number(fields.first_byte_ms) <= Number(fields.duration_ms));
        assert.match(fields.peer, /^127\.0\.0\.1/);
        assert.match(fields.user_agent, /^a \\?"test\\?" agent$/);
        assert.equal(fields.client_request_id, 'mine-1');
      });
    }

    test('E37 a refusal is logged with its status', async (t) => {
      assert.equal(Number((await logged(t, request('GET', '/nothing'))).fields.status), 404);
      assert.equal(Number((await logged(t, chatRequest({ model: 'none' }))).fields.status), 404);
      assert.equal(Number((await logged(t, request('GET', '/health', ['Host: evil.example']))).fields.status), 403);
      assert.equal(Number((await logged(t, Buffer.from('nonsense\r\n\r\n'))).fields.status), 400);
    });

    test('nobody writes lines of their own into it', async (t) => {
      const { fields } = await logged(t, request('GET', '/a%0Ab%0d%1b%5b31m%20status=200%20x=%22', ['User-Agent: a status=200 \\" id=none']));
      assert.equal(Number(fields.status), 404);
      assert.match(fields.user_agent, /status=200/);
      for (const line of shared.server.shimmy.stderr.split('\n')) assert.doesNotMatch(line, /^b|\x1b|\r/);
    });

    test('E24 a client that goes away in mid-stream is told as such, at once', async (t) => {
      const wire = await Wire.open(t, shared.server);
      await wire.send(chatRequest({ stream: true, max_tokens: -1, ignore_eos: true }));
      const { headers } = await wire.head();
      await wire.take('data: ');
      const before = performance.now();
      wire.socket.destroy();
      const fields = parse(await lineWith(headers['x-request-id']));
      assert.ok(performance.now() - before < 50, `${performance.now() - before} ms`);
      assert.match(form === 'json' ? fields.message : shared.server.shimmy.stderr, /not finished/);
      // And the only sequence is free again.
      assert.equal((await shared.server.chat({ max_tokens: 1 })).status, 200);
      assert.ok(performance.now() - before < 1000);
    });

    test('E24 a client that goes away before any answer is a 499', async (t) => {
      const running = await Wire.open(t, shared.server);
      await running.send(chatRequest({ stream: true, max_tokens: -1, ignore_eos: true }));
      await running.take('data: ');
      const wire = await Wire.open(t, shared.server);
      await wire.send(chatRequest({ max_tokens: 50 }, ['X-Client-Request-Id: leaves-early']));
      assert.equal((await shared.server.get('/live')).status, 200);
      wire.socket.destroy();
      assert.equal(Number(parse(await lineWith('leaves-early')).status), 499);
      running.socket.destroy();
    });

    test('NAT-4 a WebSocket is logged when it begins', async (t) => {
      const { head } = await Frames.open(t, shared.server);
      assert.equal(Number(parse(await lineWith(head.headers['x-request-id'])).status), 101);
    });
  });
}

test('the access lines are silent from warning on', async (t) => {
  const server = await Server.start(t, homeWithModel(t), ['--log-level', 'warning']);
  assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
  await server.stop();
  assert.doesNotMatch(server.shimmy.stderr, /status=/);
});

test('E37 every line of the JSON log is JSON, from the start on', async (t) => {
  const server = await Server.start(t, homeWithModel(t), ['tiny', '--log-format', 'json', '--log-level', 'debug']);
  assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
  await server.stop();
  const lines = server.shimmy.stderr.split('\n').filter((line) => line.startsWith('{'));
  assert.ok(lines.length >= 2);
  for (const line of lines) assert.equal(typeof JSON.parse(line).message, 'string');
});
