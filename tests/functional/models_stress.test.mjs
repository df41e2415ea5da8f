// Three models in memory for two, clients that ask at random, loads and unloads by others: no request fails, no stream is
// cut, memory stays in its bounds. SHIMMY_STRESS_SECONDS: for how long (10).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { makeModel, scratch, Server } from './shimmy.mjs';

const kSeconds = Number(process.env.SHIMMY_STRESS_SECONDS ?? 10);
const kClients = 8;
const kNames = ['one', 'two', 'three'];
const kTokens = 24;
// Beside the models: work space of the libraries, vocabularies, connections.
const kMarginBytes = 96e6;

function homeWithModels(t) {
  const home = scratch(t);
  kNames.forEach((name, i) => makeModel(path.join(home, 'data', 'shimmy', 'models'), name, i + 1));
  return home;
}

const post = (server, target, body = {}) => server.post(target, body);

// The bytes that one model needs, as the refusal of a server that has none for it says.
async function needOfOne(t, home) {
  const server = await Server.start(t, home, ['--memory', '1KB']);
  const response = await post(server, '/api/models/one/load');
  const { error } = await response.json();
  const [, number, unit] = error.message.match(/needs ([\d.]+) ([kMG]?B)/);
  await server.stop();
  return Number(number) * { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit];
}

function residentBytes(pid) {
  const [, kilobytes] = fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/);
  return Number(kilobytes) * 1024;
}

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function askForStream(server, name) {
  const body = { model: name, prompt: 'Once', max_tokens: kTokens, ignore_eos: true, temperature: 0, stream: true };
  const response = await post(server, '/v1/completions', body);
  assert.equal(response.status, 200, `${name}: ${response.status === 200 ? '' : await response.text()}`);
  const text = await response.text();
  assert.match(text, /data: \[DONE\]\s*$/, `the stream of ${name} was cut: ${text.slice(-300)}`);
  assert.doesNotMatch(text, /"error"/);
  assert.match(text, /"finish_reason":\s*"length"/);
}

async function askForText(server, name) {
  const body = { model: name, prompt: 'Once', max_tokens: kTokens, ignore_eos: true, temperature: 0 };
  const response = await post(server, '/v1/completions', body);
  assert.equal(response.status, 200, `${name}: ${response.status === 200 ? '' : await response.text()}`);
  const { usage } = await response.json();
  assert.equal(usage.completion_tokens, kTokens);
}

async function loadOrUnload(server, name) {
  const verb = pick(['load', 'unload']);
  const response = await post(server, `/api/models/${name}/${verb}`);
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  for (const key of ['message', 'status', 'model', 'loaded']) assert.ok(key in body, `${verb} gives no ${key}`);
}

test('no request fails while models swap in memory for two of three', { timeout: (kSeconds + 90) * 1000 }, async (t) => {
  const home = homeWithModels(t);
  const budget = Math.ceil((await needOfOne(t, home)) * 2.5);
  const server = await Server.start(t, home, ['--memory', String(budget), '--log-level', 'warning']);
  const bound = residentBytes(server.shimmy.pid) + budget + kMarginBytes;
  const end = Date.now() + kSeconds * 1000;
  let served = 0;
  let swapped = 0;
  let most = 0;
  const until = async (work) => {
    while (Date.now() < end) await work();
  };
  const client = () =>
    until(async () => {
      await pick([askForStream, askForText])(server, pick(kNames));
      served += 1;
    });
  const operator = () =>
    until(async () => {
      await loadOrUnload(server, pick(kNames));
      swapped += 1;
      await rest(50);
    });
  const watcher = () =>
    until(async () => {
      most = Math.max(most, residentBytes(server.shimmy.pid));
      await rest(20);
    });
  await Promise.all([...Array.from({ length: kClients }, client), operator(), watcher()]);
  t.diagnostic(`${served} requests, ${swapped} loads and unloads, at most ${Math.round(most / 1e6)} MB resident`);
  assert.ok(served > kSeconds, `only ${served} requests were served in ${kSeconds} s`);
  assert.ok(swapped > 0);
  assert.ok(most < bound, `${most} bytes were resident, where ${bound} are the bound`);
});
