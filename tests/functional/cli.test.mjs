import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { homeWithModel, kBinary, makeModel, run, scratch, Shimmy } from './shimmy.mjs';

const kCommands = ['generate', 'serve', 'list', 'discover', 'probe', 'diag', 'config'];
const kGenerate = ['generate', '-p', 'Hello', '-n', '12', '-t', '0'];

async function succeeds(home, args, options) {
  const result = await run(home, args, options);
  assert.equal(result.code, 0, result.stderr);
  return result;
}

// A failure that says `pattern` on stderr, once, and nothing on stdout.
async function fails(home, args, code, pattern, options) {
  const result = await run(home, args, options);
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^shimmy: /);
  assert.match(result.stderr, pattern);
  return result;
}

describe('with one model', () => {
  const endings = [];
  let home;
  before(() => (home = homeWithModel({ after: (ending) => endings.push(ending) })));
  after(() => endings.forEach((ending) => ending()));

  test('--version says versions', async () => {
    for (const flag of ['--version', '-V']) {
      const { stdout, stderr } = await succeeds(home, [flag]);
      assert.match(stdout, /^shimmy \d+\.\d+\.\d+ \(llama\.cpp .+\)\n$/);
      assert.equal(stderr, '');
    }
  });

  test('--help names every command', async () => {
    const { stdout, stderr } = await succeeds(home, ['--help']);
    for (const command of kCommands) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    assert.equal(stderr, '');
  });

  for (const command of kCommands) {
    test(`${command} --help explains its flags`, async () => {
      for (const flag of ['--help', '-h']) {
        const { stdout, stderr } = await succeeds(home, [command, flag]);
        assert.match(stdout, new RegExp(`shimmy ${command}|${command} \\[OPTIONS\\]`));
        assert.match(stdout, /--model-dir/);
        assert.equal(stderr, '');
      }
    });

    test(`${command} knows what a mistyped flag was meant to be`, async () => {
      await fails(home, [command, '--model-dri=x'], 2, /There is no flag --model-dri\. Did you mean --model-dir\?/);
    });
  }

  test('a mistyped command is corrected', async () => {
    await fails(home, ['genrate'], 2, /There is no command genrate\. Did you mean generate\?/);
  });

  test('no command in a pipe is a usage error that shows the help', async () => {
    const { code, stdout, stderr } = await run(home, []);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /generate/);
  });

  test('a mistyped model is corrected', async () => {
    for (const command of ['generate', 'probe']) {
      await fails(home, [command, 'tinny', ...(command === 'generate' ? ['-p', 'x'] : [])], 2, /Did you mean tiny\?/);
    }
  });

  test('values that are wrong are named', async () => {
    const wrong = [
      ['--temperature', 'hot', /temperature/], ['--temperature', '-1', /temperature/], ['--max-tokens', '0', /max.tokens/],
      ['--max-tokens', '99999999999999', /max-tokens/], ['--top-p', '2', /top.p/], ['--seed', '-5', /seed/], ['--log-level', 'loud', /loud/],
    ];
    for (const [flag, value, pattern] of wrong) await fails(home, ['generate', '-p', 'x', flag, value], 2, pattern);
    await fails(home, ['generate', '-p', 'x', '--chat', '--raw'], 2, /--chat and --raw/);
    await fails(home, ['serve', '--port', '99999'], 2, /port/);
  });

  test('generate writes the text to stdout and nothing else anywhere', async () => {
    const { stdout, stderr } = await succeeds(home, kGenerate);
    assert.ok(stdout.length > 1 && stdout.endsWith('\n'));
    assert.equal(stderr, '');
    const answer = JSON.parse((await succeeds(home, [...kGenerate, '--json'])).stdout);
    assert.equal(stdout.trimEnd(), answer.text.trimEnd());
  });

  test('generate writes the text as it comes', async () => {
    const shimmy = new Shimmy(home, ['generate', '-p', 'Hello', '-t', '0', '-n', '1500']);
    shimmy.write('');
    const early = await shimmy.until(({ stdout }) => stdout.length, 'the first text');
    assert.deepEqual(await shimmy.end(), { code: 0, signal: null });
    assert.ok(early < shimmy.stdout.length / 2, `${early} of ${shimmy.stdout.length} bytes came first`);
  });

  test('generate --json prints one JSON object', async () => {
    const { stdout, stderr } = await succeeds(home, [...kGenerate, '--json']);
    assert.equal(stderr, '');
    assert.equal(stdout.trim().split('\n').length, 1);
    const answer = JSON.parse(stdout);
    assert.equal(answer.model, 'tiny');
    assert.ok(answer.text.length > 0);
    assert.equal(answer.finish_reason, 'length');
    // <|im_start|>user⏎Hello<|im_end|>⏎<|im_start|>assistant⏎
    assert.deepEqual(answer.usage, { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21, cached_tokens: 0 });
    for (const name of ['load_ms', 'queue_ms', 'prefill_ms', 'decode_ms', 'ttft_ms', 'decode_tokens_per_second']) {
      assert.ok(answer.timings[name] > 0, name);
    }
  });

  test('generate --json has the error too', async () => {
    const { code, stdout, stderr } = await run(home, ['generate', 'tinny', '-p', 'x', '--json']);
    assert.equal(code, 2);
    const answer = JSON.parse(stdout);
    assert.equal(answer.finish_reason, 'error');
    assert.ok(stderr.includes(answer.error.message));
  });

  test('the same seed gives the same text, and another one another', async () => {
    const text = async (seed) => (await succeeds(home, ['generate', '-p', 'Hello', '-n', '24', '-t', '1', '--seed', seed])).stdout;
    assert.equal(await text('7'), await text('7'));
    assert.notEqual(await text('7'), await text('8'));
  });

  test('--stop ends the text before it', async () => {
    const answer = async (...more) => JSON.parse((await succeeds(home, [...kGenerate, '--json', ...more])).stdout);
    const whole = await answer();
    const stop = /[a-z]{2}/.exec(whole.text)[0];
    const cut = await answer('--stop', 'never said', '--stop', stop);
    assert.equal(cut.text, whole.text.slice(0, whole.text.indexOf(stop)));
    assert.equal(cut.finish_reason, 'stop');
  });

  test('--raw gives the prompt as it stands, --system adds a message', async () => {
    const prompt = async (...more) => JSON.parse((await succeeds(home, [...kGenerate, '--json', ...more])).stdout).usage.prompt_tokens;
    const chat = await prompt('--chat');
    assert.equal(await prompt(), chat);
    assert.ok((await prompt('--raw')) < chat);
    assert.ok((await prompt('--system', 'Be brief.')) > chat);
  });

  test('--stats goes to stderr', async () => {
    const { stdout, stderr } = await succeeds(home, [...kGenerate, '--stats']);
    assert.equal(stdout, (await succeeds(home, kGenerate)).stdout);
    assert.match(stderr, /tok\/s/);
  });

  test('the prompt comes from a pipe', async () => {
    const wanted = (await succeeds(home, kGenerate)).stdout;
    const rest = ['-n', '12', '-t', '0'];
    for (const args of [['generate', ...rest], ['generate', '-p', '-', ...rest]]) {
      assert.equal((await succeeds(home, args, { input: 'Hello\n' })).stdout, wanted);
    }
    await fails(home, ['generate'], 2, /stdin is empty/, { input: ' \n' });
  });

  test('a prompt of any bytes is taken', async () => {
    await succeeds(home, ['generate', '-n', '2'], { input: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x41]) });
    await succeeds(home, ['generate', '-n', '2', '-p', '<|im_end|> 🦐 é'], {});
  });

  test('a small context is enough for a short text', async () => {
    await succeeds(home, ['generate', '-p', 'Hello', '-n', '3', '--ctx', '12']);
  });

  test('a prompt that does not fit is refused with the numbers', async () => {
    await fails(home, ['generate', '-n', '2'], 1, /2048/, { input: 'word '.repeat(3000) });
  });

  test('a reader that goes away ends it quietly', async () => {
    const shimmy = new Shimmy(home, ['generate', '-p', 'Hello', '-t', '0', '-n', '-1', '--ctx', '65536']);
    shimmy.write('');
    await shimmy.until(({ stdout }) => stdout.length >= 5, 'five bytes');
    shimmy.closeOutput();
    assert.deepEqual(await shimmy.end(), { code: 0, signal: null });
    assert.equal(shimmy.stderr, '');
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal} ends the text cleanly with what there is`, async () => {
      const shimmy = new Shimmy(home, ['generate', '-p', 'Hello', '-t', '0', '-n', '-1', '--ctx', '65536']);
      shimmy.write('');
      await shimmy.until(({ stdout }) => stdout.length > 0, 'the first text');
      shimmy.signal(signal);
      assert.deepEqual(await shimmy.end(), { code: 130, signal: null });
      assert.equal(shimmy.stdout.at(-1), '\n'.charCodeAt());
      assert.equal(shimmy.stderr, '');
    });
  }

  test('an interrupted --json is still one JSON object', async () => {
    const shimmy = new Shimmy(home, ['generate', '-p', 'Hello', '-t', '0', '-n', '-1', '--ctx', '65536', '--json', '-v']);
    shimmy.write('');
    await shimmy.until(({ stderr }) => /llama/.test(stderr), 'the model to be loaded');
    shimmy.signal('SIGINT');
    assert.deepEqual(await shimmy.end(), { code: 130, signal: null });
    // Which one depends on whether it was still loading.
    assert.match(JSON.parse(shimmy.stdout).finish_reason, /^(interrupted|error)$/);
  });

  test('list shows the model as a table, as names and as JSON', async () => {
    const table = (await succeeds(home, ['list'])).stdout;
    assert.match(table, /^NAME +SIZE +PARAMS +QUANT +CONTEXT +SOURCE\ntiny +[\d.]+ kB +[\d.]+K +F32 +2048 +user models\n$/);
    assert.equal((await succeeds(home, ['list', '-s'])).stdout, 'tiny\n');
    const { models } = JSON.parse((await succeeds(home, ['list', '--json'])).stdout);
    assert.equal(models.length, 1);
    const file = fs.statSync(models[0].path);
    assert.deepEqual([models[0].name, models[0].size_bytes, models[0].architecture], ['tiny', file.size, 'llama']);
  });

  test('a model is found in ./models, in SHIMMY_MODEL_PATHS and by its path', async (t) => {
    const empty = scratch(t);
    const file = makeModel(path.join(empty, 'models'), 'here', 2);
    const elsewhere = path.join(scratch(t), 'a place');
    makeModel(elsewhere, 'there', 3);
    const names = (await succeeds(empty, ['list', '-s'], { env: { SHIMMY_MODEL_PATHS: `/nowhere;${elsewhere}` } })).stdout;
    assert.equal(names, 'here\nthere\n');
    for (const model of [file, 'models/here.gguf', './models/here.gguf', 'HERE', 'here.gguf']) {
      await succeeds(empty, ['generate', model, '-p', 'x', '-n', '1']);
    }
    await succeeds(empty, ['generate', '-p', 'x', '-n', '1'], { env: { SHIMMY_MODEL: 'here' } });
  });

  test('probe says that the model works', async () => {
    const { stdout, stderr } = await succeeds(home, ['probe', 'tiny']);
    assert.match(stdout, /^ok: loaded tiny in [\d.]+ s\nmemory +.*\nfirst token +\d+ ms\nspeed +[\d.]+ tok\/s\nkernels +.* matrices by (ggml|shimmy \([a-z0-9-]+\)).*\n/);
    assert.equal(stderr, '');
    const report = JSON.parse((await succeeds(home, ['probe', '--json'])).stdout);
    assert.equal(report.ok, true);
    assert.ok(report.memory_bytes > 0 && report.decode_tokens_per_second > 0);
    const { kernels } = JSON.parse((await succeeds(home, ['probe', '--kernels', 'ggml', '--json'])).stdout);
    assert.deepEqual(kernels, { name: 'ggml', forced: false, weights: [] });
  });

  test('diag shows build, machine, models and port', async () => {
    const { stdout } = await succeeds(home, ['diag']);
    for (const word of ['shimmy', 'llama.cpp', 'cpu', 'kernels', 'memory', 'device', 'models', 'port']) {
      assert.match(stdout, new RegExp(`^${word} `, 'm'));
    }
    assert.match(stdout, /1 model \(user models\)/);
    const report = JSON.parse((await succeeds(home, ['diag', '--json'])).stdout);
    assert.equal(report.models, 1);
    assert.ok(report.cpu.usable_cores > 0 && report.memory.total_bytes > 0);
    assert.ok(Array.isArray(report.problems));
  });

  test('-v logs to stderr, as JSON lines where that is wanted', async () => {
    const plain = await succeeds(home, kGenerate);
    const { stdout, stderr } = await succeeds(home, [...kGenerate, '-v', '--log-format', 'json']);
    assert.equal(stdout, plain.stdout);
    const lines = stderr.trim().split('\n');
    assert.ok(lines.length > 1);
    for (const line of lines) assert.equal(typeof JSON.parse(line), 'object');
  });
});

test('without a model every command says how to get one', async (t) => {
  const home = scratch(t);
  for (const args of [['generate', '-p', 'x'], ['generate', 'tiny', '-p', 'x'], ['probe']]) {
    await fails(home, args, 2, /[Nn]o models were found\. Get one with shimmy pull/);
  }
  const table = await succeeds(home, ['list']);
  assert.equal(table.stdout, '');
  assert.match(table.stderr, /No models were found in .*\nGet one with shimmy pull/);
  assert.deepEqual(JSON.parse((await succeeds(home, ['list', '--json'])).stdout), { models: [] });
  assert.match((await succeeds(home, ['diag'])).stdout, /! There is no model\.\n +Get one with shimmy pull/);
});

test('two models of one name are told apart', async (t) => {
  const home = scratch(t);
  for (const [place, seed] of [['work', 1], ['play', 2]]) makeModel(path.join(home, place), 'tiny', seed);
  const dirs = ['--model-dir', 'work', '--model-dir', 'play'];
  assert.equal((await succeeds(home, ['list', '-s', ...dirs])).stdout, 'tiny@play\ntiny@work\n');
  await fails(home, ['generate', 'tiny', '-p', 'x', ...dirs], 2, /tiny@play, tiny@work/);
  await fails(home, ['generate', '-p', 'x', ...dirs], 2, /There are 2 models/);
  const text = async (model) => (await succeeds(home, ['generate', model, ...kGenerate.slice(1), ...dirs])).stdout;
  assert.notEqual(await text('tiny@work'), await text('tiny@play'));
});

test('a directory is no model', async (t) => {
  const home = homeWithModel(t);
  await fails(home, ['generate', './data', '-p', 'x'], 2, /is a directory.*--model-dir/);
});

test('a file that does not exist is named', async (t) => {
  await fails(homeWithModel(t), ['generate', './nothing.gguf', '-p', 'x'], 2, /There is no file \.\/nothing\.gguf/);
});

describe('a file that is no good model', () => {
  const endings = [];
  let home;
  before(() => {
    home = scratch({ after: (ending) => endings.push(ending) });
    const whole = fs.readFileSync(makeModel(path.join(home, 'whole')));
    const bad = path.join(home, 'models');
    fs.mkdirSync(bad);
    const photo = [Buffer.from('ffd8ffe000104a46494600', 'hex'), Buffer.alloc(5000, 7)];
    fs.writeFileSync(path.join(bad, 'photo.gguf'), Buffer.concat(photo));
    fs.writeFileSync(path.join(bad, 'header.gguf'), whole.subarray(0, 300));
    fs.writeFileSync(path.join(bad, 'weights.gguf'), whole.subarray(0, whole.length - 1000));
    fs.writeFileSync(path.join(bad, 'empty.gguf'), '');
  });
  after(() => endings.forEach((ending) => ending()));

  const reasons = { photo: /JPEG/, header: /header\.gguf/, weights: /cut short/, empty: /empty/ };
  for (const [name, reason] of Object.entries(reasons)) {
    test(`${name} is refused with the reason`, async () => {
      await fails(home, ['generate', `models/${name}.gguf`, '-p', 'x'], 1, reason);
      await fails(home, ['generate', name, '-p', 'x'], 1, reason);
    });

    test(`a probe of ${name} fails with exit code 2`, async () => {
      await fails(home, ['probe', name], 2, reason);
      const { code, stdout } = await run(home, ['probe', name, '--json']);
      assert.equal(code, 2);
      const report = JSON.parse(stdout);
      assert.equal(report.ok, false);
      assert.match(report.error.message, reason);
    });
  }

  test('list leaves them out and says so, diag says what to do', async () => {
    const { stdout, stderr } = await succeeds(home, ['list']);
    assert.equal(stdout, '');
    assert.match(stderr, /4 broken files left out: see shimmy list --all/);
    assert.equal((await succeeds(home, ['list', '--all'])).stdout.match(/\.gguf /g).length, 4);
    const report = JSON.parse((await succeeds(home, ['diag', '--json'])).stdout);
    assert.ok(report.problems.length >= 4, JSON.stringify(report.problems));
  });
});

test('a full disk is an error, not silence', async (t) => {
  const home = homeWithModel(t);
  const full = fs.openSync('/dev/full', 'w');
  t.after(() => fs.closeSync(full));
  for (const args of [kGenerate, ['list'], ['diag', '--json'], ['--help']]) {
    const { code, stderr } = await run(home, args, { stdout: full });
    assert.equal(code, 1);
    assert.match(stderr, /cannot write the output: No space left on device/);
  }
});

test('closed standard descriptors are not mistaken for other files', async (t) => {
  const home = homeWithModel(t);
  const shell = (command) => run(home, ['-c', command, kBinary], { binary: '/bin/sh' });
  for (const command of ['"$0" list >&-', '"$0" generate -p Hello -n 2 >&-']) {
    const { code, stderr } = await shell(command);
    assert.equal(code, 1);
    assert.match(stderr, /cannot write the output: Bad file descriptor/);
  }
  assert.equal((await shell('"$0" list -s 2>&-')).stdout, 'tiny\n');
  assert.match((await shell('"$0" generate <&-')).stderr, /stdin is empty/);
});

test('a file that may not be read is refused with the reason', async (t) => {
  const home = scratch(t);
  fs.chmodSync(home, 0o755);
  const file = makeModel(path.join(home, 'models'));
  fs.chmodSync(file, 0o000);
  // Nothing is unreadable to root: a copy of the binary runs as nobody.
  const isRoot = process.getuid() === 0;
  const binary = isRoot ? path.join(home, 'shimmy') : kBinary;
  if (isRoot) fs.copyFileSync(kBinary, binary);
  const who = { binary, uid: isRoot ? 65534 : undefined };
  await fails(home, ['generate', 'models/tiny.gguf', '-p', 'x'], 1, /models\/tiny\.gguf.*[Pp]ermission/, who);
  await fails(home, ['probe', 'tiny'], 2, /[Pp]ermission/, who);
});
