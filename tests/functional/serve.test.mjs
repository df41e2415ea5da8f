import assert from 'node:assert/strict';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { chunks, contentOf, errorOf, events, homeWithModel, makeModel, run, scratch, Server, Shimmy, within } from './shimmy.mjs';

// A stream that only ends when it is cut: hours, at the pace of any machine.
const kEndless = { stream: true, ignore_eos: true, max_tokens: -1 };
const kLongContext = ['tiny', '--ctx', '65536'];

async function firstEvent(response) {
  assert.equal(response.status, 200);
  const stream = events(response);
  const { value } = await within(stream.next(), 'the first event');
  return { stream, value };
}

describe('a server', () => {
  const endings = [];
  const suite = { after: (ending) => endings.unshift(ending) };
  let home;
  let server;
  before(async () => {
    home = homeWithModel(suite);
    server = await Server.start(suite, home);
  });
  after(() => endings.forEach((ending) => ending()));

  test('says that it is healthy', async () => {
    const response = await server.get('/api/health');
    assert.equal(response.status, 200);
    const health = await response.json();
    assert.equal(health.status, 'healthy');
    assert.equal(health.service, 'shimmy');
    assert.equal(typeof health.models_loaded, 'number');
    assert.match(health.memory_usage, /^[\d.]+[kMGT]?B$/);
    assert.match(health.version, /^\d+\.\d+\.\d+$/);
  });

  test('is ready and alive', async () => {
    assert.equal((await server.get('/ready')).status, 200);
    assert.equal((await server.get('/live')).status, 200);
  });

  test('lists its models', async () => {
    const list = await (await server.get('/v1/models')).json();
    assert.equal(list.object, 'list');
    assert.deepEqual(list.data.map((model) => [model.id, model.object]), [['tiny', 'model']]);
  });

  test('shows one model', async () => {
    const model = await (await server.get('/v1/models/tiny')).json();
    assert.equal(model.id, 'tiny');
    await errorOf(await server.get('/v1/models/tinny'), 404);
  });

  test('answers a chat in the documented shape and order', async () => {
    const asked = Math.floor(Date.now() / 1000);
    const answer = await (await server.chat({ temperature: 0, max_tokens: 8 })).json();
    assert.deepEqual(Object.keys(answer), ['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier', 'system_fingerprint', 'timings']);
    assert.match(answer.id, /^chatcmpl-\w+$/);
    assert.equal(answer.object, 'chat.completion');
    assert.ok(Math.abs(answer.created - asked) <= 60);
    assert.equal(answer.model, 'tiny');
    assert.match(answer.system_fingerprint, /^fp_/);
    const [{ message, ...choice }] = answer.choices;
    assert.deepEqual(choice, { index: 0, logprobs: null, finish_reason: 'length' });
    assert.ok(message.content.length > 0);
    assert.deepEqual(message, { role: 'assistant', content: message.content, refusal: null, annotations: [] });
  });

  test('streams the role first, then the text, then the reason of the end', async () => {
    const all = await chunks(await server.chat({ stream: true, temperature: 0, max_tokens: 8 }));
    const choices = all.map((chunk) => chunk.choices[0]);
    assert.deepEqual(choices.at(0).delta, { role: 'assistant', content: '', refusal: null });
    assert.deepEqual(choices.at(-1), { index: 0, delta: {}, logprobs: null, finish_reason: 'length' });
    for (const choice of choices.slice(1, -1)) {
      assert.deepEqual(Object.keys(choice.delta), ['content']);
      assert.equal(choice.finish_reason, null);
    }
    assert.equal(new Set(all.map((chunk) => `${chunk.id} ${chunk.created} ${chunk.model}`)).size, 1);
    assert.ok(all.every((chunk) => chunk.object === 'chat.completion.chunk' && !('usage' in chunk)));
  });

  test('streams as server-sent events', async () => {
    const response = await server.chat({ stream: true, max_tokens: 1 });
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    await chunks(response);
  });

  test('streams the same text that it answers in one piece', async () => {
    const wanted = { temperature: 0, max_tokens: 40 };
    const whole = await (await server.chat(wanted)).json();
    const all = await chunks(await server.chat({ ...wanted, stream: true }));
    assert.equal(contentOf(all), whole.choices[0].message.content);
  });

  test('counts the tokens exactly', async () => {
    const wanted = { temperature: 0, max_tokens: 8, ignore_eos: true };
    const { usage } = await (await server.chat(wanted)).json();
    // <|im_start|>user⏎H i<|im_end|>⏎<|im_start|>assistant⏎
    assert.equal(usage.prompt_tokens, 10);
    assert.equal(usage.completion_tokens, 8);
    assert.equal(usage.total_tokens, 18);
    const all = await chunks(await server.chat({ ...wanted, stream: true, stream_options: { include_usage: true } }));
    const last = all.pop();
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.prompt_tokens, usage.prompt_tokens);
    assert.equal(last.usage.completion_tokens, usage.completion_tokens);
    assert.ok(all.every((chunk) => chunk.usage === null));
    const generated = await run(home, ['generate', '--json', '-p', 'Hi', '-n', '1']);
    assert.equal(JSON.parse(generated.stdout).usage.prompt_tokens, usage.prompt_tokens);
  });

  test('repeats an answer for the same seed', async () => {
    const text = async (seed) => (await (await server.chat({ seed, temperature: 1, max_tokens: 24, ignore_eos: true })).json()).choices[0].message.content;
    assert.equal(await text(7), await text(7));
    assert.notEqual(await text(7), await text(8));
  });

  test('ends at a stop string and does not show it', async () => {
    const wanted = { temperature: 0, max_tokens: 24 };
    const whole = (await (await server.chat(wanted)).json()).choices[0].message.content;
    const stop = /[a-z]{2}/.exec(whole)[0];
    const cut = (await (await server.chat({ ...wanted, stop: [stop] })).json()).choices[0];
    assert.equal(cut.message.content, whole.slice(0, whole.indexOf(stop)));
    assert.equal(cut.finish_reason, 'stop');
  });

  const wrongTypes = {
    max_tokens: 'eight', temperature: 'hot', top_p: [], seed: 1.5, stop: 7, stream: 'yes', messages: 'Hi', model: 3,
  };
  for (const [field, value] of Object.entries(wrongTypes)) {
    test(`names the field when ${field} has the wrong type`, async () => {
      const error = await errorOf(await server.chat({ [field]: value }), 400);
      assert.equal(error.param, field);
      assert.ok(error.message.includes(field));
    });
  }

  test('names the message whose role is wrong', async () => {
    const messages = [{ role: 'user', content: 'a' }, { role: 'king', content: 'b' }];
    assert.match((await errorOf(await server.chat({ messages }), 400)).param, /^messages\[1\]\.role$/);
  });

  test('refuses values out of range', async () => {
    for (const wrong of [{ temperature: -1 }, { max_tokens: 0 }, { top_p: 1.5 }, { max_tokens: 1e30 }]) {
      assert.equal((await errorOf(await server.chat(wrong), 400)).param, Object.keys(wrong)[0]);
    }
  });

  test('suggests the model that was meant', async () => {
    const error = await errorOf(await server.chat({ model: 'tinny' }), 404);
    assert.equal(error.code, 'model_not_found');
    assert.match(error.message, /tinny.*Did you mean .*tiny/);
  });

  test('explains a body that is no JSON object', async () => {
    for (const body of ['{"model":', '', '[]', 'hello', '{"model":"tiny"} more', '\0', '['.repeat(10_000)]) {
      const error = await errorOf(await server.post('/v1/chat/completions', body), 400);
      assert.match(error.message, /JSON|object/i);
    }
  });

  test('answers an unknown path with 404', async () => {
    await errorOf(await server.get('/v1/nothing'), 404);
    await errorOf(await server.post('/nothing', {}), 404);
  });

  test('answers a wrong method with 405 and the right one', async () => {
    const response = await server.get('/v1/chat/completions');
    assert.equal(response.headers.get('allow'), 'POST');
    await errorOf(response, 405);
    await errorOf(await server.post('/api/health', {}), 405);
  });

  test('tells how many tokens fit and how many were sent', async () => {
    const messages = [{ role: 'user', content: 'word '.repeat(3000) }];
    const error = await errorOf(await server.chat({ messages }), 400);
    assert.equal(error.code, 'context_length_exceeded');
    const [limit, sent] = error.message.match(/\d+/g).map(Number);
    assert.equal(limit, 2048);
    assert.ok(sent >= 3000 && sent < 20_000, error.message);
  });

  const chatHead = (headers) => `POST /v1/chat/completions HTTP/1.1\r\nContent-Type: application/json\r\nConnection: close\r\n${headers}\r\n`;
  const smallChat = '{"model":"tiny","max_tokens":1,"messages":[{"role":"user","content":"Hi"}]}';

  test('refuses a foreign Host', async () => {
    const foreign = await server.raw(`GET /v1/models HTTP/1.1\r\nHost: rebound.example:${server.port}\r\nConnection: close\r\n\r\n`);
    assert.equal(foreign.status, 403);
    assert.match(JSON.parse(foreign.body).error.message, /rebound\.example/);
    const own = await server.raw(`GET /v1/models HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n\r\n`);
    assert.equal(own.status, 200);
  });

  test('refuses a POST from a foreign page', async () => {
    const post = (origin) => server.raw(chatHead(`Host: 127.0.0.1\r\nOrigin: ${origin}\r\nContent-Length: ${smallChat.length}\r\n`) + smallChat);
    const foreign = await post('https://page.example');
    assert.equal(foreign.status, 403);
    assert.match(JSON.parse(foreign.body).error.message, /page\.example/);
    assert.equal((await post('http://localhost:3000')).status, 200);
  });

  test('survives what is no HTTP', async () => {
    const answer = await server.raw('\x16\x03\x01 hello\r\n\r\n');
    assert.equal(answer.status, 400);
    assert.equal((await server.get('/api/health')).status, 200);
  });

  test('takes a body in chunks', async () => {
    const body = `${smallChat.length.toString(16)}\r\n${smallChat}\r\n0\r\n\r\n`;
    const answer = await server.raw(chatHead('Host: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n') + body);
    assert.equal(answer.status, 200);
  });
});

test('ten streams advance together', async (t) => {
  const server = await Server.start(t, homeWithModel(t), kLongContext);
  const log = [];
  const stream = async (id) => {
    const response = await server.chat({ stream: true, ignore_eos: true, max_tokens: 600, seed: id, temperature: 1 });
    const all = [];
    for await (const event of events(response)) {
      if (all.length === 1) log.push('first text');
      all.push(event);
    }
    log.push('end');
    assert.equal(all.pop(), '[DONE]');
    assert.equal(JSON.parse(all.at(-1)).choices[0].finish_reason, 'length');
    return contentOf(all.map((event) => JSON.parse(event)));
  };
  const texts = await within(Promise.all(Array.from({ length: 10 }, (_, id) => stream(id))), 'ten streams', 60_000);
  assert.equal(log.indexOf('end'), 10, `the order was ${log.join(', ')}`);
  assert.equal(new Set(texts).size, 10);
  await server.stop();
});

test('a client that goes away frees the engine', async (t) => {
  // One at a time: the next one is only answered when the endless one is gone.
  const server = await Server.start(t, homeWithModel(t), [...kLongContext, '--parallel', '1']);
  for (let i = 0; i < 3; ++i) {
    const gone = new AbortController();
    const { stream } = await firstEvent(await server.chat(kEndless, { signal: gone.signal }));
    gone.abort();
    await assert.rejects(async () => { while (!(await stream.next()).done); }, { name: 'AbortError' });
    assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
  }
  await server.stop();
  assert.doesNotMatch(server.shimmy.stderr, /were cut/);
});

test('a client that goes away before the first token frees the engine', async (t) => {
  const server = await Server.start(t, homeWithModel(t), [...kLongContext, '--parallel', '1']);
  const socket = net.connect(server.port, '127.0.0.1');
  const messages = [{ role: 'user', content: 'word '.repeat(8000) }];
  const body = JSON.stringify({ model: 'tiny', messages, ...kEndless });
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await within(new Promise((resolve) => socket.end(resolve)), 'the request to be sent');
  socket.destroy();
  assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
  await server.stop();
});

test('SIGTERM lets a running stream end properly', async (t) => {
  const server = await Server.start(t, homeWithModel(t), kLongContext);
  const { stream } = await firstEvent(await server.chat({ stream: true, ignore_eos: true, max_tokens: 1500 }));
  server.shimmy.signal('SIGTERM');
  await server.shimmy.until(({ stderr }) => /stopping/.test(stderr), 'the word that it stops');
  const rest = [];
  for await (const event of stream) rest.push(event);
  assert.equal(rest.at(-1), '[DONE]');
  assert.equal(JSON.parse(rest.at(-2)).choices[0].finish_reason, 'length');
  assert.deepEqual(await server.shimmy.end(), { code: 0, signal: null });
});

test('a server that drains takes no new clients, and ends with the last one', async (t) => {
  const server = await Server.start(t, homeWithModel(t), [...kLongContext, '--drain-timeout', '3600']);
  const last = new AbortController();
  const { stream } = await firstEvent(await server.chat(kEndless, { signal: last.signal }));
  server.shimmy.signal('SIGTERM');
  const refused = async () => {
    for (;;) {
      const connected = await new Promise((resolve) => {
        const socket = net.connect(server.port, '127.0.0.1', () => resolve(socket.destroy()));
        socket.on('error', () => resolve(null));
      });
      if (connected === null) return;
    }
  };
  await within(refused(), 'the port to be closed');
  assert.equal((await stream.next()).done, false);
  last.abort();
  assert.deepEqual(await server.shimmy.end(), { code: 0, signal: null });
  assert.doesNotMatch(server.shimmy.stderr, /were cut/);
});

test('a second signal ends the server at once', async (t) => {
  const server = await Server.start(t, homeWithModel(t), [...kLongContext, '--drain-timeout', '3600']);
  const { stream } = await firstEvent(await server.chat(kEndless));
  server.shimmy.signal('SIGTERM');
  await server.shimmy.until(({ stderr }) => /stopping/.test(stderr), 'the word that it stops');
  server.shimmy.signal('SIGTERM');
  assert.deepEqual(await server.shimmy.end(), { code: 143, signal: null });
  await assert.rejects(async () => { while (!(await stream.next()).done); });
});

test('a stream that outlasts the drain is cut', async (t) => {
  const server = await Server.start(t, homeWithModel(t), [...kLongContext, '--drain-timeout', '0']);
  const { stream } = await firstEvent(await server.chat(kEndless));
  await server.stop('SIGINT');
  assert.match(server.shimmy.stderr, /were cut/);
  const ended = async () => {
    let last;
    for (let next = await stream.next(); !next.done; next = await stream.next()) last = next.value;
    return last;
  };
  // Cut in the middle or told of an error, but never as if it had come to its end.
  assert.notEqual(await ended().catch(() => 'cut'), '[DONE]');
});

test('a taken port is named, with its owner and a free one', async (t) => {
  const home = homeWithModel(t);
  const server = await Server.start(t, home);
  const { code, stdout, stderr } = await run(home, ['serve', '--port', String(server.port)]);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.ok(stderr.includes(String(server.port)), stderr);
  const free = Number(/shimmy serve --port (\d+)/.exec(stderr)[1]);
  assert.notEqual(free, server.port);
  const second = new Shimmy(home, ['serve', '--port', String(free)]);
  t.after(() => second.signal('SIGKILL'));
  await second.until(({ stderr: text }) => text.includes(`127.0.0.1:${free}`), 'the second server');
  await server.stop();
});

test('a server without a model says how to get one', async (t) => {
  const server = await Server.start(t, scratch(t));
  assert.match(server.shimmy.stderr, /No models were found\. Get one with shimmy pull/);
  assert.deepEqual((await (await server.get('/v1/models')).json()).data, []);
  await errorOf(await server.chat(), 404);
  await server.stop();
});

test('a server does not start with a model that does not exist', async (t) => {
  const { code, stderr } = await run(homeWithModel(t), ['serve', 'tinny', '--port', '0']);
  assert.equal(code, 2);
  assert.match(stderr, /Did you mean tiny\?/);
});

test('a model that comes later is found', async (t) => {
  const home = homeWithModel(t);
  const server = await Server.start(t, home);
  makeModel(`${home}/data/shimmy/models`, 'late', 2);
  const answered = async () => {
    // The directories are looked through at most once a second.
    for (;;) {
      const response = await server.chat({ model: 'late', max_tokens: 1 });
      if (response.status === 200) return;
      await errorOf(response, 404);
    }
  };
  await within(answered(), 'the new model');
  await server.stop();
});

test('the example to try is of the model that was named', async (t) => {
  const home = scratch(t);
  const directory = path.join(home, 'data', 'shimmy', 'models');
  for (const [i, name] of ['first', 'second'].entries()) makeModel(directory, name, i + 1);
  for (const [named, tried] of [[[], 'first'], [['SECOND'], 'second'], [[path.join(directory, 'second.gguf')], 'second']]) {
    const server = await Server.start(t, home, named);
    await server.shimmy.until(({ stderr }) => /Say hello/.exec(stderr), 'the example');
    assert.ok(server.shimmy.stderr.includes(`"model":"${tried}"`), server.shimmy.stderr);
    await server.stop();
  }
  const nowhere = await Server.start(t, scratch(t), [path.join(directory, 'second.gguf')]);
  await nowhere.shimmy.until(({ stderr }) => /Say hello/.exec(stderr), 'the example');
  assert.match(nowhere.shimmy.stderr, /^1 model: second$/m);
});
