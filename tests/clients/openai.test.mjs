// OpenAI's own package, whose stream helpers are the strictest reader of the API.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';

import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import { homeWithModel, makeModel, Server } from '../functional/shimmy.mjs';
import { assertWeather, kLongContext, kWeather, openai, sharedServer, tinyServer, within } from './clients.mjs';

const shared = sharedServer((t) => tinyServer(t, kLongContext));
const client = () => openai(shared.server);
const messages = [{ role: 'user', content: 'Hi' }];
const kShort = { model: 'tiny', messages, max_tokens: 8, temperature: 0, ignore_eos: true };
const kEndless = { model: 'tiny', messages, stream: true, ignore_eos: true };
const kForced = {
  model: 'tiny',
  messages,
  temperature: 0,
  tools: [{ type: 'function', function: { name: 'weather', description: 'The weather of a city.', parameters: kWeather } }],
  tool_choice: { type: 'function', function: { name: 'weather' } },
};

const Weather = z.object({ city: z.enum(['Paris', 'Rome']), days: z.union([z.literal(1), z.literal(2), z.literal(3)]) });

test('no network is needed', { skip: !process.env.SHIMMY_NO_NETWORK && 'the network is not cut off here' }, async () => {
  const refused = new Promise((resolve) => net.connect(443, '192.0.2.1').on('error', (error) => resolve(error.code)));
  assert.equal(await within(refused, 'the outside world to be unreachable'), 'ENETUNREACH');
  assert.equal((await client().chat.completions.create(kShort)).model, 'tiny');
});

test('models.list pages through the models', async () => {
  const ids = [];
  for await (const model of client().models.list()) ids.push(model.id);
  assert.deepEqual(ids, ['tiny']);
});

test('models.retrieve gets one', async () => {
  const model = await client().models.retrieve('tiny');
  assert.equal(model.object, 'model');
  assert.equal(model.owned_by, 'shimmy');
});

test('models.retrieve gets one whose id has slashes', async (t) => {
  const home = homeWithModel(t);
  const models = `${home}/data/shimmy/models`;
  makeModel(`${models}/models`, 'tiny', 2);
  const server = await Server.start(t, home);
  const ids = (await openai(server).models.list()).data.map((model) => model.id);
  const id = ids.find((name) => name.includes('/'));
  assert.ok(id, ids.join(', '));
  assert.equal((await openai(server).models.retrieve(id)).id, id);
  assert.equal((await openai(server).chat.completions.create({ ...kShort, model: id })).model, id);
});

test('chat.completions.create answers', async () => {
  const answer = await client().chat.completions.create(kShort);
  assert.equal(answer.choices[0].finish_reason, 'length');
  assert.equal(answer.usage.completion_tokens, 8);
  assert.match(answer._request_id, /^req_/);
});

test('chat.completions.create streams', async () => {
  const whole = await client().chat.completions.create(kShort);
  const stream = await client().chat.completions.create({ ...kShort, stream: true, stream_options: { include_usage: true } });
  let text = '';
  let last;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    last = chunk;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(last.usage.completion_tokens, 8);
});

test('chat.completions.stream puts the answer together', async () => {
  const stream = client().chat.completions.stream({ ...kShort, stream_options: { include_usage: true } });
  const seen = [];
  stream.on('content.delta', ({ delta }) => seen.push(delta));
  const answer = await stream.finalChatCompletion();
  assert.equal(seen.join(''), answer.choices[0].message.content);
  assert.equal(await stream.finalContent(), answer.choices[0].message.content);
  assert.equal((await stream.totalUsage()).completion_tokens, 8);
});

test('chat.completions.stream keeps several choices apart', async () => {
  const answer = await client().chat.completions.stream({ ...kShort, n: 3, temperature: 1, seed: 1 }).finalChatCompletion();
  assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1, 2]);
  assert.equal(new Set(answer.choices.map((choice) => choice.message.content)).size, 3);
});

test('chat.completions.stream collects logprobs', async () => {
  const stream = client().chat.completions.stream({ ...kShort, logprobs: true, top_logprobs: 2 });
  let deltas = 0;
  stream.on('logprobs.content.delta', ({ content }) => (deltas += content.length));
  const { choices } = await stream.finalChatCompletion();
  assert.equal(choices[0].logprobs.content.length, 8);
  assert.equal(deltas, 8);
  assert.ok(choices[0].logprobs.content.every((token) => token.top_logprobs.length === 2));
});

test('chat.completions.stream puts tool calls together', async () => {
  const stream = client().chat.completions.stream(kForced);
  const done = [];
  stream.on('tool_calls.function.arguments.done', (event) => done.push(event));
  const { choices } = await stream.finalChatCompletion();
  assert.equal(choices[0].finish_reason, 'tool_calls');
  assert.equal(choices[0].message.tool_calls.length, 1);
  assert.equal(done.length, 1);
  assert.equal(done[0].name, 'weather');
  assertWeather(JSON.parse(done[0].arguments));
});

test('chat.completions.parse reads a zod schema', async () => {
  const answer = await client().chat.completions.parse({ model: 'tiny', messages, temperature: 0, response_format: zodResponseFormat(Weather, 'weather') });
  assertWeather(answer.choices[0].message.parsed);
});

test('chat.completions.stream reads a zod schema', async () => {
  const stream = client().chat.completions.stream({ model: 'tiny', messages, temperature: 0, response_format: zodResponseFormat(Weather, 'weather') });
  assertWeather((await stream.finalChatCompletion()).choices[0].message.parsed);
});

test('chat.completions.parse says when the answer was cut', async () => {
  const cut = client().chat.completions.parse({ ...kShort, max_tokens: 2, response_format: zodResponseFormat(Weather, 'weather') });
  await assert.rejects(cut, OpenAI.LengthFinishReasonError);
});

test('chat.completions.parse reads the arguments of a zod function', async () => {
  const tools = [zodFunction({ name: 'weather', parameters: Weather })];
  const answer = await client().chat.completions.parse({ ...kForced, tools });
  assertWeather(answer.choices[0].message.tool_calls[0].function.parsed_arguments);
});

const runnable = (called) => ({
  type: 'function',
  function: { ...kForced.tools[0].function, parse: JSON.parse, function: (given) => { called.push(given); return 'sunny'; } },
});

for (const stream of [false, true]) {
  test(`runTools calls the forced tool${stream ? ' of a stream' : ''}`, async () => {
    const called = [];
    await client().chat.completions.runTools({ ...kForced, stream, tools: [runnable(called)] }).done();
    assert.equal(called.length, 1);
    assertWeather(called[0]);
  });
}

test('runTools sends the result back', async () => {
  const called = [];
  const asked = { ...kForced, tools: [runnable(called)], tool_choice: 'required', parallel_tool_calls: false };
  const runner = client().chat.completions.runTools(asked, { maxChatCompletions: 2 });
  await runner.done();
  assert.deepEqual(runner.messages.map((message) => message.role), ['user', 'assistant', 'tool', 'assistant', 'tool']);
  assert.equal(called.length, 2);
});

test('completions.create answers and streams', async () => {
  const asked = { model: 'tiny', prompt: 'Once', max_tokens: 6, temperature: 0, logprobs: 1 };
  const whole = await client().completions.create(asked);
  assert.equal(whole.object, 'text_completion');
  assert.equal(whole.choices[0].logprobs.tokens.join(''), whole.choices[0].text);
  let text = '';
  for await (const chunk of await client().completions.create({ ...asked, stream: true })) text += chunk.choices[0].text;
  assert.equal(text, whole.choices[0].text);
});

// Without encoding_format the package asks for base64 by itself.
for (const encoding_format of [undefined, 'float', 'base64']) {
  test(`embeddings.create answers, as ${encoding_format ?? 'the package likes it'}`, async () => {
    const { data, usage } = await client().embeddings.create({ model: 'tiny', input: ['one', 'two'], encoding_format });
    assert.deepEqual(data.map((item) => item.index), [0, 1]);
    assert.ok(usage.prompt_tokens > 0);
    if (encoding_format === 'base64') return assert.equal(typeof data[0].embedding, 'string');
    const length = Math.hypot(...data[0].embedding);
    assert.ok(Math.abs(length - 1) < 1e-3, `length ${length}`);
  });
}

test('embeddings.create cuts dimensions', async () => {
  const { data } = await client().embeddings.create({ model: 'tiny', input: 'one', dimensions: 8 });
  assert.equal(data[0].embedding.length, 8);
});

test('leaving a stream frees the engine', async (t) => {
  const server = await tinyServer(t, [...kLongContext, '--parallel', '1']);
  for (let i = 0; i < 3; ++i) {
    for await (const chunk of await openai(server).chat.completions.create(kEndless)) {
      if (chunk.choices[0].delta.content) break;
    }
  }
  const stream = openai(server).chat.completions.stream(kEndless);
  stream.on('content.delta', () => stream.abort());
  await assert.rejects(stream.done(), OpenAI.APIUserAbortError);
  assert.equal((await openai(server).chat.completions.create(kShort)).usage.completion_tokens, 8);
});

test('an answer that is not waited for frees the engine', async (t) => {
  const server = await tinyServer(t, [...kLongContext, '--parallel', '1']);
  const aborted = new AbortController();
  const whole = openai(server).chat.completions.create({ ...kEndless, stream: false }, { signal: aborted.signal });
  const rejected = assert.rejects(whole, OpenAI.APIUserAbortError);
  assert.equal((await server.get('/health')).status, 200);
  aborted.abort();
  await rejected;
  await assert.rejects(openai(server, { timeout: 100 }).chat.completions.create({ ...kEndless, stream: false }), OpenAI.APIConnectionTimeoutError);
  assert.equal((await openai(server).chat.completions.create(kShort)).usage.completion_tokens, 8);
});

test('several requests of one client share its connections', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, seed) => client().chat.completions.create({ ...kShort, temperature: 1, seed })));
  assert.equal(new Set(answers.map((answer) => answer.id)).size, 12);
});

test('a key is sent, and a wrong one is an AuthenticationError', async (t) => {
  const server = await tinyServer(t, ['--api-key', 'sk-right', '--rate-limit-requests', '2']);
  assert.equal((await openai(server, { apiKey: 'sk-right' }).models.list()).data.length, 1);
  await assert.rejects(openai(server, { apiKey: 'sk-wrong' }).models.list(), (error) => error instanceof OpenAI.AuthenticationError && error.code === 'invalid_api_key');
  assert.equal((await openai(server, { apiKey: 'sk-right' }).chat.completions.create(kShort)).model, 'tiny');
  await assert.rejects(openai(server, { apiKey: 'sk-right' }).models.list(), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError, error);
    assert.equal(error.code, 'rate_limit_exceeded');
    assert.match(error.headers.get('retry-after'), /^\d+$/);
    return true;
  });
});

test('a server that stops in mid-stream is an APIError with its reason', async (t) => {
  const server = await tinyServer(t, [...kLongContext, '--drain-timeout', '0']);
  const read = async () => {
    let isTold = false;
    for await (const chunk of await openai(server).chat.completions.create(kEndless)) {
      if (!isTold && chunk.choices[0].delta.content) server.shimmy.signal('SIGTERM');
      isTold ||= Boolean(chunk.choices[0].delta.content);
    }
  };
  await assert.rejects(read(), (error) => error instanceof OpenAI.APIError && /stopping/.test(error.message));
});

test('an overloaded server is tried again', async (t) => {
  const server = await tinyServer(t, [...kLongContext, '--parallel', '1']);
  const crowd = new AbortController();
  t.after(() => crowd.abort());
  // One runs for ever, the others fill the queue. The headers of each are its acceptance.
  const enter = () => server.chat(kEndless, { signal: crowd.signal });
  let refused;
  for (let i = 0; i < 200 && !refused; ++i) {
    const answers = await Promise.all(Array.from({ length: 16 }, enter));
    refused = answers.find((answer) => answer.status === 503);
  }
  assert.ok(refused, 'the queue has no end');
  assert.match(refused.headers.get('retry-after'), /^\d+$/);

  const rejected = openai(server).chat.completions.create(kShort);
  await assert.rejects(rejected, (error) => error instanceof OpenAI.InternalServerError && error.status === 503 && error.code === 'server_overloaded');

  const statuses = [];
  const watched = async (...request) => {
    const answer = await fetch(...request);
    statuses.push(answer.status);
    crowd.abort();
    return answer;
  };
  const patient = openai(server, { maxRetries: 4, fetch: watched });
  assert.equal((await patient.chat.completions.create(kShort)).usage.completion_tokens, 8);
  assert.equal(statuses[0], 503);
  assert.equal(statuses.at(-1), 200);
});

const refusals = [
  ['a wrong value', () => ({ ...kShort, temperature: 9 }), OpenAI.BadRequestError, 400, 'decimal_above_max_value', 'temperature'],
  ['a long prompt', () => ({ ...kShort, messages: [{ role: 'user', content: 'word '.repeat(80_000) }] }), OpenAI.BadRequestError, 400, 'context_length_exceeded', 'messages'],
  ['an unknown model', () => ({ ...kShort, model: 'org/none' }), OpenAI.NotFoundError, 404, 'model_not_found', null],
];
for (const [what, request, kind, status, code, param] of refusals) {
  for (const stream of [false, true]) {
    test(`${what} is a ${kind.name}${stream ? ', before a stream begins' : ''}`, async () => {
      const refused = client().chat.completions.create({ ...request(), stream });
      await assert.rejects(refused, (error) => {
        assert.ok(error instanceof kind, error);
        assert.deepEqual([error.status, error.code, error.param, error.type], [status, code, param, 'invalid_request_error']);
        return true;
      });
    });
  }
}

test('an unknown route is a NotFoundError', async () => {
  await assert.rejects(client().images.generate({ prompt: 'a cat', model: 'tiny' }), (error) => error instanceof OpenAI.NotFoundError && error.code === 'unknown_url');
});

test('a server that is gone is an APIConnectionError', async () => {
  const gone = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:9/v1', maxRetries: 0 });
  await assert.rejects(gone.models.list(), OpenAI.APIConnectionError);
});
