// Runs a program that is not shimmy, to its end.
import { spawn } from 'node:child_process';

import { within } from './shimmy.mjs';

export async function execute(program, args, environment) {
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  try {
    return { code: await within(ended, `the end of ${program}`), ...said };
  } finally {
    child.kill('SIGKILL');
  }
}
