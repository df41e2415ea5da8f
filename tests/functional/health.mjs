// How long GET /health takes while a server works.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { within } from './shimmy.mjs';

// The percentiles of the time to the answer of GET /health, in ms, from a process of its own until it is told to end.
export function watchHealth(t, server) {
  const watcher = spawn('python3', [fileURLToPath(new URL('health_times.py', import.meta.url)), String(server.port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => watcher.kill('SIGKILL'));
  let text = '';
  const ended = new Promise((resolve) => watcher.stdout.on('data', (more) => (text += more)).on('end', resolve));
  return async () => {
    watcher.stdin.end();
    await within(ended, 'the times of /health');
    return JSON.parse(text);
  };
}
