// What the rows of docs/OPENAI_COMPAT.md are tried with, by the heading and the first column of their table. Every row needs
// an entry, and every entry a row.
//
// A field of a request: {value, wrong, allowed, beside, effect, server}
//   value     is taken where the field is supported (and changes the answer as `effect` says), refused where it is refused
//   wrong     is a 400 that names the field, or what `param` says
//   allowed   is taken where the field is refused
//   beside    further fields
//   effect    (answer, plain) => …: asserts what the value does; where it looks at it, beside the answer without it
//   server    'template': a chat model with a template that shows all it is told, and thinks
import assert from 'node:assert/strict';

const user = { role: 'user', content: 'Hi' };
export const kGreedy = { max_tokens: 24, temperature: 0, ignore_eos: true };
const kHot = { ...kGreedy, temperature: 1.5, seed: 1, top_k: 0, top_p: 1, min_p: 0 };
const kCold = { ...kHot, temperature: 0.01 };

const textOf = (answer) => answer.choices.map(({ text, message }) => text ?? message.content);
const differs = (answer, plain) => assert.notDeepEqual(textOf(answer), textOf(plain));
const is = (form) => (answer) => assert.match(textOf(answer)[0], form);
const shorter = (answer, plain) => assert.ok(answer.usage.completion_tokens < plain.usage.completion_tokens);
const tokens = (count) => (answer) => assert.equal(answer.usage.completion_tokens, count);
const callsOf = (answer) => answer.choices[0].message.tool_calls ?? [];
const hot = (value, wrong, more = {}) => ({ value, wrong, beside: { ...kHot, ...more }, effect: differs });
const cold = (value, wrong, more = {}) => ({ value, wrong, beside: { ...kCold, ...more }, effect: differs });

const kCity = { type: 'object', properties: { city: { enum: ['Rome'] } }, required: ['city'], additionalProperties: false };
const kFunction = { name: 'weather', description: 'The weather', parameters: kCity };
const kTools = [{ type: 'function', function: kFunction }];
const kCall = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } };
const kCalling = { ignore_eos: false, max_tokens: 200, tools: kTools };

const kJson = { ignore_eos: false, max_tokens: 200 };
const kDry = { dry_multiplier: 5, dry_allowed_length: 1 };
const kXtc = { xtc_probability: 1, xtc_threshold: 0.001 };

const kSampling = {
  temperature: { value: 1.5, wrong: 2.1, beside: { seed: 1, top_k: 0, top_p: 1, min_p: 0 }, effect: differs },
  stop: { value: ['e', 'a', 't', 'o', ' ', 'i', 'n', 's', 'r'], wrong: 7, effect: shorter },
  stream: { value: true, wrong: 'yes', stream: true },
};

const kChat = {
  model: { value: 'tiny', wrong: 7 },
  messages: { value: [user, { role: 'assistant', content: 'Hello' }, user], wrong: [], effect: (answer, plain) => assert.ok(answer.usage.prompt_tokens > plain.usage.prompt_tokens) },
  max_completion_tokens: { value: 3, wrong: 0, effect: tokens(3) },
  max_tokens: { value: 3, wrong: 0, effect: tokens(3) },
  n: { value: 2, wrong: 129, effect: ({ choices }) => assert.deepEqual(choices.map(({ index }) => index), [0, 1]) },
  ...kSampling,
  top_p: hot(0.001, 1.5),
  seed: hot(2, 'two'),
  presence_penalty: { value: 2, wrong: 3, beside: kCold, effect: differs },
  frequency_penalty: { value: 2, wrong: -3, beside: kCold, effect: differs },
  logit_bias: { value: { 65: 100 }, wrong: { many: 1 }, effect: differs },
  logprobs: { value: true, wrong: 'yes', effect: ({ choices }) => assert.equal(choices[0].logprobs.content.length, 24) },
  top_logprobs: { value: 2, wrong: 21, beside: { logprobs: true }, effect: ({ choices }) => assert.equal(choices[0].logprobs.content[0].top_logprobs.length, 2) },
  response_format: { value: { type: 'json_schema', json_schema: { name: 'x', schema: kCity } }, wrong: { type: 'xml' }, param: 'response_format.type', beside: kJson, effect: is(/^\{\s*"city":\s*"Rome"\s*\}$/) },
  tools: { value: kTools, wrong: [{ type: 'function' }], param: 'tools[0].function', effect: (answer, plain) => assert.ok(answer.usage.prompt_tokens > plain.usage.prompt_tokens) },
  tool_choice: { value: 'required', wrong: 'maybe', beside: { ...kCalling, parallel_tool_calls: false }, effect: (answer) => assert.deepEqual(callsOf(answer).map((call) => JSON.parse(call.function.arguments)), [{ city: 'Rome' }]) },
  parallel_tool_calls: { value: false, wrong: 'no', beside: { ...kCalling, tool_choice: 'required', seed: 3, temperature: 1 }, effect: (answer) => assert.equal(callsOf(answer).length, 1) },
  functions: { value: [kFunction], wrong: [{}], param: 'functions[0].name', beside: { ...kJson, function_call: 'auto' }, effect: (answer, plain) => assert.ok(answer.usage.prompt_tokens > plain.usage.prompt_tokens) },
  function_call: { value: { name: 'weather' }, wrong: 'maybe', beside: { ...kJson, functions: [kFunction] }, effect: ({ choices }) => assert.equal(choices[0].message.function_call.name, 'weather') },
  reasoning_effort: { value: 'high', wrong: 'huge', server: 'template' },
  verbosity: { value: 'low', wrong: 'loud', server: 'template' },
  stream_options: { value: { include_usage: true }, wrong: { include_usage: 'yes' }, param: 'stream_options.include_usage' },
  modalities: { value: ['text', 'audio'], allowed: ['text'], code: 'unsupported_value' },
  audio: { value: { voice: 'alloy', format: 'wav' } },
  user: {}, safety_identifier: {}, metadata: {}, store: {}, service_tier: {}, prediction: {}, prompt_cache_key: {}, prompt_cache_retention: {}, web_search_options: {},
};

const kExtensions = {
  top_k: hot(1, -1),
  min_p: hot(1, 2),
  typical_p: hot(0.01, 2),
  repeat_penalty: cold(50, 0),
  repetition_penalty: cold(50, 0),
  repeat_last_n: cold(0, -2, { repeat_penalty: 50 }),
  xtc_probability: hot(1, 2, { xtc_threshold: 0.001 }),
  xtc_threshold: hot(0.9, 2, kXtc),
  dry_multiplier: cold(5, -1, { dry_allowed_length: 1 }),
  dry_base: { value: 50, wrong: 0.5, beside: kDry }, // seen to be read; a difference takes more text
  dry_allowed_length: cold(20, -1, kDry),
  dry_penalty_last_n: cold(0, -2, kDry),
  dry_sequence_breakers: { value: ['x'], wrong: [7], param: 'dry_sequence_breakers[0]', beside: kDry },
  mirostat: hot(2, 3),
  mirostat_tau: hot(0.1, 101, { mirostat: 2 }),
  mirostat_eta: hot(1, 2, { mirostat: 2 }),
  ignore_eos: { value: true, wrong: 'yes', beside: { ...kHot, max_tokens: 400, ignore_eos: false, logit_bias: {} }, effect: tokens(400) },
  n_predict: { value: 3, wrong: 0, beside: { max_tokens: null }, effect: tokens(3) },
  grammar: { value: 'root ::= "yes"', wrong: 7, beside: kJson, effect: is(/^yes$/) },
  json_schema: { value: kCity, wrong: 'x', beside: kJson, effect: is(/^\{\s*"city"/) },
  guided_json: { value: kCity, wrong: 7, beside: kJson, effect: is(/^\{\s*"city"/) },
  guided_regex: { value: '[ab]{3}', wrong: 7, beside: kJson, effect: is(/^[ab]{3}$/) },
  guided_choice: { value: ['red', 'green'], wrong: 'red', beside: kJson, effect: is(/^(red|green)$/) },
  guided_grammar: { value: 'root ::= "yes"', wrong: 7, beside: kJson, effect: is(/^yes$/) },
  structured_outputs: { value: { choice: ['red', 'green'] }, wrong: { regex: 7 }, param: 'structured_outputs.regex', beside: kJson, effect: is(/^(red|green)$/) },
  cache_prompt: {}, id_slot: {},
  min_tokens: { value: 5, wrong: -1 },
  stop_token_ids: { value: [7], wrong: [-7], param: 'stop_token_ids[0]' },
  keep_alive: { value: '10m', wrong: 'soon' },
  use_beam_search: { value: true, allowed: false },
  length_penalty: { value: 2, allowed: 1 },
  samplers: { value: ['top_k'], allowed: [] },
  top_n_sigma: { value: 1.5, allowed: -1 },
  dynatemp_range: { value: 0.5, allowed: 0 },
  guided_whitespace_pattern: { value: ' ', allowed: '' },
  lora: { value: [{ id: 0, scale: 1 }], allowed: [] },
};

const kChatExtensions = {
  chat_template_kwargs: { value: { mood: 'cheerful' }, wrong: { enable_thinking: 'yes' }, param: 'chat_template_kwargs.enable_thinking', server: 'template' },
  reasoning: { value: { effort: 'high' }, wrong: { effort: 'huge' }, param: 'reasoning.effort', server: 'template' },
  reasoning_format: { value: 'none', wrong: 'all', server: 'template', effect: ({ choices }, plain) => assert.deepEqual([choices[0].message.reasoning_content, plain.choices[0].message.content], [undefined, '']) },
  continue_final_message: { value: true, wrong: 'yes', beside: { messages: [user, { role: 'assistant', content: 'Once upon' }] }, effect: (answer, plain) => assert.ok(answer.usage.prompt_tokens < plain.usage.prompt_tokens) },
  add_generation_prompt: { value: false, wrong: 'no', effect: (answer, plain) => assert.ok(answer.usage.prompt_tokens < plain.usage.prompt_tokens) },
  return_token_ids: { value: true, wrong: 'yes', effect: ({ choices, prompt_token_ids, usage }) => assert.deepEqual([choices[0].token_ids.length, prompt_token_ids.length], [24, usage.prompt_tokens]) },
};

const kCompletions = {
  model: { value: 'tiny', wrong: 7 },
  prompt: { value: ['a', 'b'], wrong: [1, 'b'], param: 'prompt[1]', effect: ({ choices }) => assert.equal(choices.length, 2) },
  max_tokens: { value: 3, wrong: 0, effect: tokens(3) },
  n: { value: 2, wrong: 129, effect: ({ choices }) => assert.equal(choices.length, 2) },
  best_of: { value: 3, wrong: 21, effect: tokens(72) },
  echo: { value: true, wrong: 'yes', effect: ({ choices }, plain) => assert.equal(choices[0].text, `Once${plain.choices[0].text}`) },
  logprobs: { value: 2, wrong: 6, effect: ({ choices }) => assert.equal(choices[0].logprobs.tokens.length, 24) },
  suffix: { value: 'end', wrong: 7, refusal: /not trained to fill in/ },
  ...kSampling,
  user: {},
  lora: { value: [{ id: 0 }], allowed: [] },
};

const kEmbeddings = {
  model: { value: 'encoder', wrong: 7 },
  input: { value: ['a', 'b'], wrong: '', effect: ({ data }) => assert.equal(data.length, 2) },
  encoding_format: { value: 'base64', wrong: 'int8', effect: ({ data }) => assert.equal(typeof data[0].embedding, 'string') },
  dimensions: { value: 8, wrong: 65, effect: ({ data }) => assert.equal(data[0].embedding.length, 8) },
  keep_alive: { value: -1, wrong: true },
  user: {},
};

const kRerank = {
  model: { value: 'reranker', wrong: 7 },
  query: { value: 'cat', wrong: '' },
  documents: { value: [{ text: 'a' }, 'b', 'c'], wrong: [7], param: 'documents[0]', effect: ({ results }) => assert.equal(results.length, 3) },
  top_n: { value: 1, wrong: 0, effect: ({ results }) => assert.equal(results.length, 1) },
  return_documents: { value: true, wrong: 'yes', effect: ({ results }) => assert.equal(typeof results[0].document.text, 'string') },
  keep_alive: { value: 0.5, wrong: '' },
};

// A field of a message: what a message is with it, and without.
const kMessages = {
  role: { message: { role: 'tool', content: 'Hi' }, plain: user, wrong: { role: 'friend', content: 'Hi' }, same: [[{ role: 'developer', content: 'Hi' }, { role: 'system', content: 'Hi' }], [{ role: 'function', content: 'Hi' }, { role: 'tool', content: 'Hi' }]] },
  content: { message: { role: 'user', content: [{ type: 'text', text: 'Hi' }, { type: 'text', text: 'there' }] }, plain: user, wrong: { role: 'user', content: 7 }, same: [[{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }, user]] },
  name: { message: { ...user, name: 'Ann' }, plain: user, wrong: { ...user, name: 7 } },
  refusal: { message: { role: 'assistant', refusal: 'No.' }, plain: { role: 'assistant', content: '' }, wrong: { role: 'assistant', refusal: 7 } },
  tool_calls: { message: { role: 'assistant', content: null, tool_calls: [kCall] }, plain: { role: 'assistant', content: '' }, wrong: { role: 'assistant', tool_calls: 7 } },
  function_call: { message: { role: 'assistant', content: null, function_call: kCall.function }, plain: { role: 'assistant', content: '' }, wrong: { role: 'assistant', function_call: 7 } },
  tool_call_id: { message: { role: 'tool', content: 'sunny', tool_call_id: 'call_1' }, plain: { role: 'tool', content: 'sunny' }, wrong: { role: 'tool', content: 'sunny', tool_call_id: 7 } },
  reasoning_content: { message: { role: 'assistant', content: 'x', reasoning_content: 'hm' }, plain: { role: 'assistant', content: 'x' }, wrong: { role: 'assistant', content: 'x', reasoning_content: 7 } },
  reasoning: { message: { role: 'assistant', content: 'x', reasoning: 'hm' }, plain: { role: 'assistant', content: 'x' }, wrong: { role: 'assistant', content: 'x', reasoning: 7 } },
  audio: { message: { role: 'assistant', content: 'x', audio: { id: 'a' } }, plain: { role: 'assistant', content: 'x' } },
  annotations: { message: { role: 'assistant', content: 'x', annotations: [7] }, plain: { role: 'assistant', content: 'x' } },
};

const kParts = {
  text: { type: 'text', text: 'Hi' },
  refusal: { type: 'refusal', refusal: 'No.' },
  image_url: { type: 'image_url', image_url: { url: 'data:image/png;base64,aaaa' } },
  input_audio: { type: 'input_audio', input_audio: { data: 'aaaa', format: 'wav' } },
  file: { type: 'file', file: { file_data: 'aaaa' } },
};

// A member of the answer, or of a chunk: the request that brings it.
const kForced = { ...kCalling, tool_choice: 'required', parallel_tool_calls: false };
const kForcedFunction = { ...kJson, functions: [kFunction], function_call: { name: 'weather' } };
const kAnswer = Object.fromEntries([
  'id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier', 'choices[].index', 'choices[].message.role', 'choices[].message.content', 'choices[].message.refusal',
  'choices[].message.annotations', 'choices[].logprobs', 'choices[].finish_reason', 'usage', 'usage.prompt_tokens_details.cached_tokens',
  'usage.completion_tokens_details.reasoning_tokens', 'timings', 'choices[].message.audio',
].map((path) => [path, {}]));
Object.assign(kAnswer, {
  'choices[].message.reasoning_content': { server: 'template' },
  'choices[].message.tool_calls': { ask: kForced },
  'choices[].message.function_call': { ask: kForcedFunction },
  'choices[].token_ids': { ask: { return_token_ids: true } },
  prompt_token_ids: { ask: { return_token_ids: true } },
});

const kStream = {
  'delta.role': {}, 'delta.content': {}, 'delta.refusal': {}, logprobs: { ask: { logprobs: true } }, finish_reason: {}, '[DONE]': {}, obfuscation: { ask: { stream_options: { include_obfuscation: true } } },
  'delta.reasoning_content': { server: 'template' },
  'delta.tool_calls': { ask: kForced },
  'delta.function_call': { ask: kForcedFunction },
  usage: { ask: { stream_options: { include_usage: true } } },
};

// A keyword: a schema with it, and whether a value keeps it. Where it is refused: any schema with it.
const within = (low, high) => (value) => value >= low && value <= high;
const object = (more) => ({ type: 'object', ...more });
const choices = { enum: [1, 2] };
const kSchemas = {
  type: [{ type: ['boolean', 'null'] }, (value) => value === null || typeof value === 'boolean'],
  enum: [{ enum: ['a', 3] }, (value) => ['a', 3].includes(value)],
  const: [{ const: 'fixed' }, (value) => value === 'fixed'],
  anyOf: [{ anyOf: [{ const: 1 }, { const: 'x' }] }, (value) => [1, 'x'].includes(value)],
  oneOf: [{ oneOf: [{ type: 'boolean' }, { type: 'null' }] }, (value) => value === null || typeof value === 'boolean'],
  allOf: [{ allOf: [{ type: 'integer', minimum: 3 }, { maximum: 5 }] }, within(3, 5)],
  $ref: [{ $ref: '#/properties/other' }, (value) => value === 'other'],
  properties: [object({ properties: { a: choices }, required: ['a'], additionalProperties: false }), ({ a }) => choices.enum.includes(a)],
  required: [object({ properties: { a: choices, b: choices }, required: ['b'], additionalProperties: false }), (value) => 'b' in value],
  additionalProperties: [object({ additionalProperties: choices, maxProperties: 2 }), (value) => Object.values(value).every((one) => choices.enum.includes(one))],
  patternProperties: [object({ patternProperties: { '^[ab]$': choices }, additionalProperties: false, minProperties: 1, maxProperties: 2 }), (value) => Object.keys(value).every((key) => 'ab'.includes(key))],
  propertyNames: [object({ propertyNames: { enum: ['a', 'b'] }, additionalProperties: choices, minProperties: 1, maxProperties: 2 }), (value) => Object.keys(value).every((key) => 'ab'.includes(key))],
  minProperties: [object({ additionalProperties: choices, propertyNames: { pattern: '^[a-z]{1,3}$' }, minProperties: 2, maxProperties: 3 }), (value) => Object.keys(value).length >= 1],
  maxProperties: [object({ additionalProperties: choices, propertyNames: { pattern: '^[a-z]{1,3}$' }, maxProperties: 2 }), (value) => Object.keys(value).length <= 2],
  items: [{ type: 'array', items: choices, maxItems: 3 }, (value) => value.every((one) => choices.enum.includes(one))],
  prefixItems: [{ type: 'array', prefixItems: [{ const: 1 }, { const: 'x' }], items: false, minItems: 2 }, (value) => value[0] === 1 && value[1] === 'x'],
  minItems: [{ type: 'array', items: choices, minItems: 3, maxItems: 4 }, (value) => value.length >= 3],
  maxItems: [{ type: 'array', items: choices, maxItems: 2 }, (value) => value.length <= 2],
  minLength: [{ type: 'string', minLength: 3, maxLength: 5 }, (value) => [...value].length >= 3],
  maxLength: [{ type: 'string', maxLength: 3 }, (value) => [...value].length <= 3],
  pattern: [{ type: 'string', pattern: '^[a-c]{3}$' }, (value) => /^[a-c]{3}$/.test(value)],
  format: [{ type: 'string', format: 'date' }, (value) => !Number.isNaN(Date.parse(value))],
  minimum: [{ type: 'integer', minimum: 7, maximum: 12 }, within(7, 12)],
  maximum: [{ type: 'number', minimum: 0, maximum: 2 }, within(0, 2)],
  exclusiveMinimum: [{ type: 'integer', exclusiveMinimum: 7, maximum: 9 }, within(8, 9)],
  exclusiveMaximum: [{ type: 'integer', minimum: 7, exclusiveMaximum: 9 }, within(7, 8)],
  multipleOf: [{ type: 'integer', minimum: 1, maximum: 99, multipleOf: 7 }, (value) => value % 7 === 0],
  not: [{ type: 'boolean', not: { const: true } }],
  if: [{ type: 'boolean', if: {} }],
  then: [{ type: 'boolean', then: {} }],
  else: [{ type: 'boolean', else: {} }],
  uniqueItems: [{ type: 'array', items: choices, maxItems: 2, uniqueItems: true }],
  contains: [{ type: 'array', items: choices, maxItems: 2, contains: { const: 1 } }],
  minContains: [{ type: 'array', items: choices, maxItems: 2, minContains: 1 }],
  maxContains: [{ type: 'array', items: choices, maxItems: 2, maxContains: 1 }],
  additionalItems: [{ type: 'array', items: choices, maxItems: 2, additionalItems: false }],
  unevaluatedItems: [{ type: 'array', items: choices, maxItems: 2, unevaluatedItems: false }],
  unevaluatedProperties: [object({ properties: { a: choices }, unevaluatedProperties: false })],
  dependentRequired: [object({ properties: { a: choices }, dependentRequired: { a: ['b'] } })],
  dependentSchemas: [object({ properties: { a: choices }, dependentSchemas: {} })],
  dependencies: [object({ properties: { a: choices }, dependencies: {} })],
  $dynamicRef: [{ type: 'boolean', $dynamicRef: '#x' }],
  $recursiveRef: [{ type: 'boolean', $recursiveRef: '#' }],
  title: [{ type: 'boolean', title: 'T' }, (value) => typeof value === 'boolean'],
};

// An endpoint: what it is asked with.
const kEndpoints = {
  'POST /v1/chat/completions': { model: 'tiny', messages: [user], max_tokens: 1 },
  'POST /v1/completions': { model: 'tiny', prompt: 'a', max_tokens: 1 },
  'POST /v1/embeddings': { model: 'encoder', input: 'a' },
  'POST /v1/rerank': { model: 'reranker', query: 'a', documents: ['b'] },
  'GET /v1/models': undefined,
  'GET /v1/models/{id}': undefined,
  'DELETE /v1/models/{id}': undefined,
  'POST /v1/responses': { model: 'tiny', input: 'Hi' },
  'GET /v1/chat/completions/{id}': undefined,
  'POST /v1/moderations': { input: 'Hi' },
  'POST /v1/images/generations': { prompt: 'a cat' },
  'POST /v1/audio/transcriptions': {},
  'GET /v1/files': undefined,
  'POST /v1/fine_tuning/jobs': {},
  'GET /v1/assistants': undefined,
  'GET /v1/realtime': undefined,
};

// A code: who is asked, and what. A function asks in its own way.
const chat = (more) => ({ path: '/v1/chat/completions', body: { model: 'tiny', messages: [user], max_tokens: 1, ...more } });
const kErrors = {
  missing_required_parameter: chat({ messages: undefined }),
  invalid_type: chat({ temperature: 'hot' }),
  invalid_value: chat({ tool_choice: 'maybe' }),
  decimal_above_max_value: chat({ temperature: 3 }),
  empty_array: chat({ messages: [] }),
  empty_string: { path: '/v1/embeddings', body: { model: 'encoder', input: '' } },
  array_above_max_length: chat({ stop: Array(17).fill('x') }),
  unsupported_parameter: chat({ audio: {} }),
  context_length_exceeded: chat({ messages: [{ role: 'user', content: 'word '.repeat(9000) }] }),
  null: chat({ model: undefined }),
  invalid_api_key: { server: 'keyed', path: '/v1/models' },
  host_not_allowed: { path: '/v1/models', headers: { Host: 'evil.example' } },
  origin_not_allowed: { path: '/v1/completions', body: {}, headers: { Origin: 'https://evil.example' } },
  model_not_found: chat({ model: 'none' }),
  unknown_url: { path: '/v1/nothing' },
  method_not_supported: { path: '/v1/chat/completions' },
  request_too_large: { path: '/v1/chat/completions', method: 'POST', headers: { 'Content-Length': '70000000' } },
  rate_limit_exceeded: { server: 'limited', path: '/v1/models', times: 2 },
  model_load_failed: { path: '/v1/completions', body: { model: 'gone', prompt: 'a' } },
  server_overloaded: { ...chat({ n: 128, max_tokens: 2000, ignore_eos: true }), times: 8 },
};

export const kProbes = {
  'Endpoints/endpoint': kEndpoints,
  'Chat completions: the request/field': kChat,
  'Extensions/field': kExtensions,
  'Extensions of chat/field': kChatExtensions,
  'Messages/field': kMessages,
  'Messages/part': kParts,
  'Chat completions: the answer/field': kAnswer,
  'The stream/chunk': kStream,
  'JSON Schema/keyword': kSchemas,
  'Completions: the request/field': kCompletions,
  'Embeddings: the request/field': kEmbeddings,
  'Rerank: the request/field': kRerank,
  'Errors/code': kErrors,
};
