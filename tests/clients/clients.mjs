// What the tests of several clients share: the server, and the one tool that they offer.
import assert from 'node:assert/strict';
import path from 'node:path';

import OpenAI from 'openai';

import { homeWithModel, Server } from '../functional/shimmy.mjs';

export { chunks, sharedServer, within } from '../functional/shimmy.mjs';

// For requests whose prompts or answers are long.
export const kLongContext = ['tiny', '--ctx', '65536'];

// A server with the tiny model, which says nonsense in the right form.
export function tinyServer(t, args = []) {
  return Server.start(t, homeWithModel(t), args);
}

// A server with the model that the product is shown with, by its path in the environment.
export async function meaningfulServer(t) {
  const file = process.env.SHIMMY_TEST_MODEL;
  assert.ok(file, 'SHIMMY_TEST_MODEL names no model: run scripts/fetch-model and set it, or use `make test`.');
  const server = await Server.start(t, homeWithModel(t), ['--model-dir', path.dirname(file)]);
  server.model = path.basename(file, '.gguf');
  return server;
}

export function openai(server, more = {}) {
  return new OpenAI({ apiKey: 'none', baseURL: `${server.url}/v1`, maxRetries: 0, timeout: 120_000, ...more });
}

// A value of it is short, whatever model writes it.
export const kWeather = {
  type: 'object',
  properties: { city: { enum: ['Paris', 'Rome'] }, days: { enum: [1, 2, 3] } },
  required: ['city', 'days'],
  additionalProperties: false,
};

export function assertWeather(value) {
  assert.deepEqual(Object.keys(value), ['city', 'days']);
  assert.ok(['Paris', 'Rome'].includes(value.city), value.city);
  assert.ok([1, 2, 3].includes(value.days), value.days);
}
