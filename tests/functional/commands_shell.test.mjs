// What shells and man(1) get: completions and the manual page. Shells that are not installed are passed over.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { execute } from './commands.mjs';
import { homeWithModel, kBinary, makeModel, run } from './shimmy.mjs';

const isThere = (program) => spawnSync(program, ['--version']).error === undefined;

describe('completion', () => {
  const endings = [];
  let home;
  before(() => {
    home = homeWithModel({ after: (ending) => endings.push(ending) });
    // Scripts call it by its name.
    fs.mkdirSync(path.join(home, 'bin'));
    fs.symlinkSync(kBinary, path.join(home, 'bin', 'shimmy'));
  });
  after(() => endings.forEach((ending) => ending()));

  const script = async (shell) => {
    const { code, stdout, stderr } = await run(home, ['completion', shell]);
    assert.equal(code, 0, stderr);
    const file = path.join(home, shell === 'zsh' ? '_shimmy' : `shimmy.${shell}`);
    fs.writeFileSync(file, stdout);
    return file;
  };
  const environment = () => ({ HOME: home, XDG_DATA_HOME: path.join(home, 'data'), PATH: `${home}/bin:${process.env.PATH}` });

  const kCases = [
    ['shimmy sho', ['show']],
    ['shimmy show ', ['tiny']],
    ['shimmy generate --model ', ['tiny']],
    ['shimmy completion ', ['bash', 'fish', 'zsh']],
    ['shimmy list --sho', ['--short']],
  ];

  test('bash completes commands, flags, models and files', async () => {
    const file = await script('bash');
    const files = [...kCases, ['shimmy serve --tls-cert ./_shim', ['./_shimmy']], ['shimmy list --model-dir ./da', ['./data']]];
    fs.writeFileSync(path.join(home, '_shimmy'), '');
    for (const [line, wanted] of files) {
      const ask = `cd ${home}; source ${file}; COMP_LINE='${line}'; COMP_POINT=${line.length}; _shimmy; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = await execute('bash', ['-c', ask], environment());
      assert.deepEqual(stdout.trim().split('\n').sort(), wanted, line);
      assert.equal(stderr, '');
    }
  });

  test('bash completes names with a colon', async () => {
    const file = await script('bash');
    await run(home, ['alias', 'add', 'org:small', 'tiny']);
    const ask = `source ${file}; shimmy() { printf 'org:small\\norg:large\\n'; }; COMP_LINE='shimmy show org:s'; COMP_POINT=17; _shimmy; echo "\${COMPREPLY[@]}"`;
    // Bash itself takes "org:" for the word before: only what comes behind it is to be given.
    assert.equal((await execute('bash', ['-c', ask], environment())).stdout, 'small\n');
  });

  test('bash runs nothing that a file is named after, and lets nobody run it', async (t) => {
    const file = await script('bash');
    const evil = makeModel(path.join(home, 'evil'), 'x$(touch pwned)');
    t.after(() => fs.rmSync(evil));
    const ask = `cd ${home}; export SHIMMY_MODEL_PATHS=evil; source ${file}; COMP_LINE='shimmy show x'; COMP_POINT=13; _shimmy; echo "\${COMPREPLY[@]}"`;
    assert.equal((await execute('bash', ['-c', ask], environment())).stdout, 'x\\$\\(touch\\ pwned\\)\n');
    assert.ok(!fs.existsSync(path.join(home, 'pwned')));
  });

  test('fish completes the same', { skip: !isThere('fish') }, async () => {
    const file = await script('fish');
    for (const [line, wanted] of kCases) {
      const { stdout } = await execute('fish', ['-c', `source ${file}; complete -C '${line}'`], environment());
      assert.deepEqual(stdout.trim().split('\n').map((offer) => offer.split('\t')[0]).sort(), wanted, line);
    }
  });

  test('zsh takes the script', { skip: !isThere('zsh') }, async () => {
    const file = await script('zsh');
    assert.deepEqual(await execute('zsh', ['-n', file], environment()), { code: 0, stdout: '', stderr: '' });
    const load = `fpath=(${home} $fpath); autoload -Uz compinit && compinit -u -D; print $_comps[shimmy]; source ${file}; print $_comps[shimmy]`;
    const { stdout, stderr } = await execute('zsh', ['-f', '-c', load], environment());
    assert.equal(stdout, '_shimmy\n_shimmy\n');
    assert.equal(stderr, '');
  });

  test('another shell is refused', async () => {
    const { code, stdout, stderr } = await run(home, ['completion', 'tcsh']);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /"tcsh" is no shell/);
  });
});

describe('man', () => {
  test('names every command and flag of the help', async (t) => {
    const home = homeWithModel(t);
    const page = (await run(home, ['man'])).stdout.replaceAll('\\-', '-');
    const commands = [...(await run(home, ['--help'])).stdout.split('Subcommands:')[1].split('Examples:')[0].matchAll(/^ {2}([a-z][\w-]*) /gm)].map(([, name]) => name);
    assert.ok(commands.length >= 15);
    for (const command of commands) {
      assert.match(page, new RegExp(`^\\.SS "${command}"$`, 'm'));
      for (const [flag] of (await run(home, [command, '--help'])).stdout.matchAll(/^ {2}\S*(--[\w-]+)/gm)) {
        assert.ok(page.includes(flag.trim().split(',').at(-1)), `${command} ${flag}`);
      }
    }
  });

  test('is roff without a warning', { skip: !isThere('groff') }, async (t) => {
    const home = homeWithModel(t);
    const file = path.join(home, 'shimmy.1');
    fs.writeFileSync(file, (await run(home, ['man'])).stdout);
    const { code, stdout, stderr } = await execute('groff', ['-man', '-ww', '-Tutf8', file], {});
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(stdout.replaceAll(/.\x08/g, ''), /^EXIT STATUS$/m); // groff prints bold letters twice
  });
});
