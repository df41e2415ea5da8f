// The commands that need no server: show, alias, cp, bench, gpu-info.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { homeWithModel, run, scratch } from './shimmy.mjs';

describe('with one model', () => {
  const endings = [];
  let home;
  before(() => (home = homeWithModel({ after: (ending) => endings.push(ending) })));
  after(() => endings.forEach((ending) => ending()));

  const succeeds = async (...args) => {
    const result = await run(home, args);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  };
  const fails = async (args, code, pattern) => {
    const result = await run(home, args);
    assert.equal(result.code, code, result.stderr);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, pattern);
  };

  test('show tells what is known of a model', async () => {
    const text = await succeeds('show');
    for (const line of [/^name +tiny$/m, /^architecture +llama$/m, /^context +2048$/m, /^tensors +.*F32/m, /^path +\/.*tiny\.gguf$/m]) assert.match(text, line);
    const { name, size_bytes, path: file, chat_template, model } = JSON.parse(await succeeds('show', 'TINY', '--json'));
    assert.deepEqual([name, size_bytes], ['tiny', fs.statSync(file).size]);
    assert.ok(model.layers > 0 && model.vocabulary_size > 0);
    assert.equal((await succeeds('show', '--template')).trimEnd(), chat_template.trimEnd());
    await fails(['show', 'tinny'], 2, /Did you mean tiny\?/);
    await fails(['show', './nothing.gguf'], 2, /There is no file/);
  });

  test('alias and cp keep further names', async () => {
    await fails(['alias', 'add', 'tiny', 'tiny'], 2, /a model's own name/);
    await fails(['alias', 'add', 'a b', 'tiny'], 2, /cannot be an alias/);
    await fails(['cp', 'tinny', 'mine'], 2, /Did you mean tiny\?/);
    assert.equal(await succeeds('cp', 'tiny', 'small'), 'small stands for tiny.\n');
    await succeeds('alias', 'add', 'other:1b', 'tiny');
    assert.match(await succeeds('alias'), /^ALIAS +MODEL\nother:1b +tiny\nsmall +tiny\n$/);
    assert.deepEqual(JSON.parse(await succeeds('alias', '--json')), { aliases: { 'other:1b': 'tiny', small: 'tiny' } });
    await succeeds('alias', 'remove', 'small');
    await fails(['alias', 'remove', 'small'], 2, /There is no alias small/);
    assert.deepEqual(JSON.parse(fs.readFileSync(path.join(home, 'data', 'shimmy', 'aliases.json'))), { 'other:1b': 'tiny' });
    await succeeds('alias', 'remove', 'other:1b');
  });

  test('bench has a row for each test', async () => {
    const args = ['bench', '-p', '32', '-n', '8', '-b', '1,4', '-r', '2'];
    const table = await succeeds(...args);
    assert.match(table, /^MODEL +SIZE +PARAMS +THREADS +TEST +TOK\/S\n/);
    for (const name of ['pp32', 'tg8', 'tg8 x4']) assert.match(table, new RegExp(` ${name} +[\\d.]+ ± [\\d.]+$`, 'm'));
    const { results } = JSON.parse(await succeeds(...args, '--json'));
    assert.deepEqual(results.map(({ test: name }) => name), ['pp32', 'tg8', 'tg8 x4']);
    for (const row of results) {
      assert.equal(row.samples_ts.length, 2);
      assert.ok(row.avg_ts > 0 && row.avg_ns > 0 && row.stddev_ts >= 0);
    }
    await fails(['bench', '-b', '0'], 2, /--batch/);
  });

  test('shimmy\'s kernels can be chosen, and forced to one of their instruction sets', async () => {
    const forced = { SHIMMY_CPU: 'scalar' };
    const probe = async (env, ...args) => JSON.parse((await run(home, ['probe', '--json', ...args], { env })).stdout);
    const { ok, kernels } = await probe(forced, '--kernels', 'shimmy');
    assert.equal(ok, true);
    assert.equal(kernels.name, 'shimmy (scalar)');
    assert.equal(kernels.forced, true);
    assert.ok(kernels.weights.some(({ tensor, type, reason }) => tensor === 'output.weight' && type === 'f32' && reason !== ''));
    assert.equal((await probe({ ...forced, SHIMMY_KERNELS: 'ggml' })).kernels.name, 'ggml');
    assert.match((await run(home, ['diag'], { env: forced })).stdout, /^kernels +shimmy \(scalar\), as SHIMMY_CPU asks$/m);
  });

  test('kernels that cannot run are told before anything is loaded', async () => {
    const env = { SHIMMY_CPU: 'pentium' };
    for (const args of [['probe'], ['serve', '--port', '0'], ['generate', '-p', 'x'], ['bench', '--kernels']]) {
      const { code, stderr } = await run(home, args, { env });
      assert.ok(code > 0, args.join(' '));
      assert.match(stderr, /SHIMMY_CPU is "pentium", but must be one of scalar, /);
    }
    assert.match((await run(home, ['diag'], { env })).stdout, /! SHIMMY_CPU is "pentium"/);
    await fails(['generate', '-p', 'x', '--kernels', 'fast'], 2, /auto, ggml and shimmy are/);
  });

  test('bench --kernels measures kernels alone', async () => {
    const args = ['bench', '--kernels', '--type', 'q8_0', '--threads', '1'];
    const { kernels, peak_gmacs, products } = JSON.parse((await run(home, [...args, '--json'])).stdout);
    assert.match(kernels, /^shimmy /);
    assert.ok(peak_gmacs > 0 && products.length > 4);
    for (const row of products) assert.ok(row.type === 'q8_0' && row.gmacs > 0 && row.ggml_gmacs > 0 && row.share_of_peak > 0);
    await fails(['bench', '--kernels', '--type', 'q9'], 2, /q9.*q4_K/);
  });

  test('gpu-info shows at least the CPU', async () => {
    const { stdout, stderr } = await run(home, ['gpu-info']);
    assert.match(stdout, /^NAME +KIND +MEMORY +FREE +DESCRIPTION\n/);
    assert.match(stdout, / cpu /);
    const { gpu, devices, advice } = JSON.parse(await succeeds('gpu-info', '--json'));
    assert.ok(devices.some(({ kind }) => kind === 'cpu'));
    assert.equal(gpu, advice === '');
    assert.equal(stderr.trim(), advice);
  });
});

test('commands that need a server say how to start one', async (t) => {
  const home = scratch(t);
  for (const args of [['ps'], ['ps', '--watch'], ['load', 'x'], ['stop', 'x']]) {
    const result = await run(home, [...args, '--server', '127.0.0.1:1']);
    assert.equal(result.code, 1, args[0]);
    assert.equal(result.stdout, '');
    assert.equal(result.stderr, 'shimmy: No server is running at 127.0.0.1:1. Start one with: shimmy serve\n');
  }
  const wrong = await run(home, ['ps', '--server', 'a:b']);
  assert.equal(wrong.code, 2);
});
