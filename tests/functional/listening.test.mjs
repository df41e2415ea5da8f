// Where a server listens: TLS, Unix sockets, IPv6, sockets of a service manager.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { describe, test } from 'node:test';

import { closing, Frames, kPing } from './frames.mjs';
import { homeWithModel, kBinary, run, scratch, Server, sharedServer, within } from './shimmy.mjs';
import { chatRequest, request, Wire } from './wire.mjs';

// A key and a certificate that it signed itself, as PEM files.
function certificate(directory, name = 'server', how = ['-newkey', 'rsa:2048']) {
  const [key, cert] = [path.join(directory, `${name}.key`), path.join(directory, `${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert, ...how], { stdio: 'ignore' });
  return { key, cert, flags: ['--tls-cert', cert, '--tls-key', key], ca: fs.readFileSync(cert) };
}

describe('TLS', () => {
  let pair;
  const shared = sharedServer((t) => {
    const home = homeWithModel(t);
    pair = certificate(home);
    return Server.start(t, home, ['tiny', '--ctx', '32768', '--parallel', '1', '--log-level', 'warning', ...pair.flags]);
  });
  const open = (t, more = {}) => Wire.open(t, shared.server, { ca: pair.ca, ...more });

  test('requests are answered, over and over', async (t) => {
    const wire = await open(t);
    assert.match(wire.socket.getProtocol(), /^TLSv1\.[23]$/);
    for (let i = 0; i < 5; ++i) assert.equal((await wire.ask(chatRequest())).status, 200);
    await wire.send(Buffer.concat([request('GET', '/live'), chatRequest({ stream: true, max_tokens: 3 })]));
    assert.equal((await wire.answer()).status, 200);
    assert.match((await wire.answer()).body, /\[DONE\]\n\n$/);
  });

  test('an https client that knows the certificate is content', async () => {
    const answer = new Promise((resolve, reject) => {
      https.get(`https://localhost:${shared.server.port}/v1/models`, { ca: pair.ca, lookup: (_, options, found) => found(null, options.all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4) }, (response) => {
        let text = '';
        response.on('data', (more) => (text += more)).on('end', () => resolve(JSON.parse(text)));
      }).on('error', reject);
    });
    assert.equal((await within(answer, 'the models')).data[0].id, 'tiny');
  });

  test('a large body and a large answer go through', async (t) => {
    const wire = await open(t);
    const answer = await wire.ask(chatRequest({ padding: 'x'.repeat(8 << 20) }));
    assert.equal(answer.status, 200);
    const list = await wire.ask(request('POST', '/tokenize', [], JSON.stringify({ model: 'tiny', content: 'word '.repeat(50_000) })));
    assert.ok(list.json().tokens.length > 50_000);
  });

  test('NAT-4 a WebSocket is a wss', async (t) => {
    const socket = await Frames.open(t, shared.server, { ca: pair.ca });
    await socket.ask();
    assert.equal((await socket.answer()).done.usage.completion_tokens, 8);
    await socket.send(kPing, 'x');
    assert.equal((await socket.next()).payload.toString(), 'x');
    await socket.wire.send(closing(1000));
    assert.equal(await socket.closed(), 1000);
  });

  test('E24 a client that goes away frees the engine', async (t) => {
    for (const leave of [(wire) => wire.socket.destroy(), (wire) => wire.socket.end()]) {
      const wire = await open(t);
      await wire.send(chatRequest({ stream: true, max_tokens: -1, ignore_eos: true }));
      assert.equal((await wire.head()).status, 200);
      leave(wire);
      assert.equal((await (await open(t)).ask(chatRequest())).status, 200);
    }
  });

  test('who speaks no TLS is not served, and harms nobody', async (t) => {
    const wire = await Wire.open(t, shared.server);
    await wire.send(request('GET', '/health'));
    const answered = (await wire.rest()).toString('latin1');
    assert.doesNotMatch(answered, /"status"/);
    const silent = await Wire.open(t, shared.server);
    await silent.send(Buffer.from([0x16, 3, 1]));
    silent.socket.destroy();
    assert.equal((await (await open(t)).ask(request('GET', '/health'))).status, 200);
  });

  test('TLS 1.1 is not spoken', async () => {
    const socket = tls.connect({ port: shared.server.port, host: '127.0.0.1', ca: pair.ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' });
    const outcome = new Promise((resolve) => socket.on('secureConnect', () => resolve('spoken')).on('error', () => resolve('refused')));
    assert.equal(await within(outcome, 'the refusal'), 'refused');
    socket.destroy();
  });

  test('the start text gives the https address and the certificate to trust', () => {
    const { stderr } = shared.server.shimmy;
    assert.match(stderr, /OpenAI base URL: https:\/\/127\.0\.0\.1:\d+\/v1/);
    assert.match(stderr, /curl -N --cacert /);
  });

  test('an elliptic key is taken as well', async (t) => {
    const home = homeWithModel(t);
    const other = certificate(home, 'ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']);
    const server = await Server.start(t, home, other.flags);
    assert.equal((await (await Wire.open(t, server, { ca: other.ca })).ask(chatRequest())).status, 200);
  });

  test('what is wrong with the files is said before anything is served', async (t) => {
    const home = homeWithModel(t);
    const one = certificate(home, 'one');
    const two = certificate(home, 'two');
    const empty = path.join(home, 'empty');
    fs.writeFileSync(empty, '');
    const wrong = [[one.cert, two.key], [one.key, one.cert], [empty, one.key], [one.cert, empty], [`${one.cert}-none`, one.key], [one.cert, '']];
    for (const [cert, key] of wrong) {
      const flags = ['--tls-cert', cert, ...(key ? ['--tls-key', key] : [])];
      const { code, stderr } = await run(home, ['serve', '--port', '0', ...flags]);
      assert.notEqual(code, 0);
      assert.match(stderr, /key|certificate/i);
      assert.doesNotMatch(stderr, /^shimmy \S+ on/m);
    }
  });
});

describe('a Unix socket', () => {
  const start = (t, home, file) => Server.start(t, home, ['--bind', `unix:${file}`]);

  test('serves as a port does, for its owner only', async (t) => {
    const home = homeWithModel(t);
    const file = path.join(home, 'shimmy.sock');
    const server = await start(t, home, file);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const wire = await Wire.open(t, server);
    assert.equal((await wire.ask(chatRequest())).status, 200);
    assert.match((await wire.ask(chatRequest({ stream: true }))).body, /\[DONE\]/);
    const socket = await Frames.open(t, server);
    await socket.ask({ max_tokens: 1 });
    await socket.answer();
    socket.wire.socket.destroy();
    await server.stop();
    assert.equal(fs.existsSync(file), false);
  });

  test('curl finds it as the start text says', async (t) => {
    const home = homeWithModel(t);
    const file = path.join(home, 'shimmy.sock');
    const server = await start(t, home, file);
    const [, said] = /Try it:\n {2}(curl .*)\n/.exec(server.shimmy.stderr);
    const answer = execFileSync('bash', ['-c', said.replace('"stream":true', '"max_tokens":3,"stream":true')], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    assert.match(answer, /data: \[DONE\]/);
  });

  test('takes the place of one whose server is dead, not of a living one or a file', async (t) => {
    const home = homeWithModel(t);
    const file = path.join(home, 'shimmy.sock');
    const dead = await start(t, home, file);
    dead.shimmy.signal('SIGKILL');
    await dead.shimmy.end();
    assert.equal(fs.existsSync(file), true);
    const server = await start(t, home, file);
    const second = await run(home, ['serve', '--bind', `unix:${file}`]);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /already answers/);
    assert.equal((await (await Wire.open(t, server)).ask(request('GET', '/live'))).status, 200);
    const precious = path.join(home, 'precious');
    fs.writeFileSync(precious, 'kept');
    assert.equal((await run(home, ['serve', '--bind', `unix:${precious}`])).code, 1);
    assert.equal(fs.readFileSync(precious, 'utf8'), 'kept');
  });

  test('must have a path that can be one', async (t) => {
    const home = homeWithModel(t);
    for (const file of ['', path.join(home, 'x'.repeat(200)), path.join(home, 'none', 's')]) assert.notEqual((await run(home, ['serve', '--bind', `unix:${file}`])).code, 0);
  });
});

const hasIpv6 = await new Promise((resolve) => {
  const probe = net.createServer().on('error', () => resolve(false)).listen(0, '::1', () => probe.close(() => resolve(true)));
});
describe('IPv6', { skip: !hasIpv6 && 'this machine has no ::1' }, () => {
  test('the loopback address is served', async (t) => {
    const server = await Server.start(t, homeWithModel(t), ['--bind', '[::1]:0']);
    assert.match(server.shimmy.stderr, /OpenAI base URL: http:\/\/\[::1\]:\d+\/v1/);
    assert.equal((await server.chat({ max_tokens: 1 })).status, 200);
    const wire = await Wire.open(t, server);
    assert.equal((await wire.ask(request('GET', '/health', [`Host: [::1]:${server.port}`]))).status, 200);
    assert.equal((await (await Wire.open(t, server)).ask(request('GET', '/health', ['Host: evil.example']))).status, 403);
  });

  test('all addresses serve both families', async (t) => {
    const server = await Server.start(t, homeWithModel(t), ['--bind', '[::]:0']);
    for (const host of ['::1', '127.0.0.1']) assert.equal((await (await Wire.open(t, { ...server, host })).ask(request('GET', '/health'))).status, 200, host);
    assert.match(server.shimmy.stderr, /Warning: other machines can reach this address/);
  });
});

test('several names of the address mean what they say', async (t) => {
  const home = homeWithModel(t);
  for (const bind of ['127.0.0.1:0', 'localhost:0', '0.0.0.0:0', '127.0.0.5:0']) {
    const server = await Server.start(t, home, ['--bind', bind]);
    assert.equal(/Warning: other machines/.test(server.shimmy.stderr), bind.startsWith('0.'), bind);
    await server.stop();
  }
  for (const bind of ['127.0.0.1:99999', '127.0.0.1:http', '[::1', 'a b:1', '300.1.1.1:0', '::1:']) assert.notEqual((await run(home, ['serve', '--bind', bind])).code, 0, bind);
});

describe('a service manager', () => {
  // Plays systemd: listens, hands the socket over as descriptor 3 and hears what is notified.
  const kManager = `
import os, socket, sys
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen()
print(listening.getsockname()[1], flush=True)
if listening.fileno() != 3: os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[1], sys.argv[1:])
`;

  test('hands over a socket that listens already', async (t) => {
    const home = homeWithModel(t);
    const child = spawn('python3', ['-c', kManager, kBinary, 'serve'], { env: { ...process.env, HOME: home, XDG_DATA_HOME: path.join(home, 'data') }, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    const exited = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
    const port = Number(await within(new Promise((resolve) => child.stdout.once('data', resolve)), 'the port'));
    // Before the server runs: the connection waits for it.
    const wire = await Wire.open(t, { port, host: '127.0.0.1' });
    assert.equal((await wire.ask(chatRequest())).status, 200);
    child.kill('SIGTERM');
    assert.equal(await within(exited, 'the end'), 0);
  });

  const hearing = `
import socket, sys
place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place.bind(sys.argv[1])
print("listening", flush=True)
while True: print(repr(place.recv(4096).decode()), flush=True)
`;
  test('is told when the server is ready and when it stops', async (t) => {
    const home = homeWithModel(t);
    const file = path.join(scratch(t), 'notify');
    const manager = spawn('python3', ['-c', hearing, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => manager.kill('SIGKILL'));
    let heard = '';
    let look = () => {};
    manager.stdout.on('data', (text) => {
      heard += text;
      look();
    });
    const hear = (pattern) => within(new Promise((resolve) => { look = () => pattern.test(heard) && resolve(); look(); }), String(pattern));
    await hear(/listening/);
    const server = await Server.start(t, home, [], { env: { NOTIFY_SOCKET: file } });
    await hear(/READY=1\\nSTATUS=Serving on 127/);
    await server.stop();
    await hear(/STOPPING=1/);
  });
});
