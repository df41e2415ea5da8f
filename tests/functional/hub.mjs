// A hub and a registry on this machine, with a second server where the files really are. Both do what the real ones
// do, and whatever trouble a test asks for.
import { createHash } from 'node:crypto';
import http from 'node:http';

import { within } from './shimmy.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const kPieceBytes = 64 << 10;

function listening(handler) {
  const server = http.createServer(handler);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const originOf = (server) => `http://127.0.0.1:${server.address().port}`;

export class Hub {
  requests = []; // {at: 'hub' or 'store', method, path, headers}
  repositories = new Map(); // 'org/repo' -> {files: Map of path -> bytes, gated}
  models = new Map(); // 'library/name:tag' -> manifest
  blobs = new Map(); // sha256 -> bytes
  troubles = []; // of the next downloads, one each: see #send
  refusals = []; // of the next requests to the hub: {status, headers}
  pauseMs = 0; // between two pieces of a download
  etagMark = ''; // changes the ETag of every file

  static async start(t) {
    const hub = new Hub();
    hub.front = await listening((request, response) => hub.#atHub(request, response));
    hub.store = await listening((request, response) => hub.#atStore(request, response));
    t.after(() => {
      for (const server of [hub.front, hub.store]) {
        server.closeAllConnections();
        server.close();
      }
    });
    hub.url = originOf(hub.front);
    return hub;
  }

  // For a shimmy that knows no other hub and registry than this one.
  get environment() {
    return { HF_ENDPOINT: this.url, SHIMMY_OLLAMA_REGISTRY: this.url, HF_TOKEN: '', no_proxy: '*' };
  }

  addFile(repository, path, bytes) {
    if (!this.repositories.has(repository)) this.repositories.set(repository, { files: new Map(), gated: false });
    this.repositories.get(repository).files.set(path, bytes);
    this.blobs.set(sha256(bytes), bytes);
  }

  // layers: {model: bytes, template: text, …}
  addModel(name, layers) {
    const listed = Object.entries(layers).map(([kind, content]) => {
      const bytes = Buffer.from(content);
      this.blobs.set(sha256(bytes), bytes);
      const mediaType = `application/vnd.ollama.image.${kind}`;
      return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
    });
    this.models.set(name, { schemaVersion: 2, layers: listed });
  }

  // Requests for a file's content.
  get downloads() {
    return this.requests.filter(({ at, method }) => at === 'store' && method === 'GET');
  }

  // Until so many downloads have begun.
  async downloading(count = 1) {
    const begun = async () => {
      while (this.downloads.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    await within(begun(), `${count} downloads`);
  }

  #note(at, request) {
    this.requests.push({ at, method: request.method, path: request.url, headers: request.headers });
  }

  #atHub(request, response) {
    this.#note('hub', request);
    const refusal = this.refusals.shift();
    if (refusal) return response.writeHead(refusal.status, refusal.headers).end('refused');
    const path = decodeURIComponent(request.url.split('?')[0]);
    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/main$/.exec(path);
    if (tree) return this.#list(tree[1], response, request);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(path);
    if (file) return this.#lead(file[1], file[2], response, request);
    const manifest = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(path);
    if (manifest) return this.#manifest(`${manifest[1]}:${manifest[2]}`, response);
    const blob = /^\/v2\/.+\/blobs\/sha256:([0-9a-f]{64})$/.exec(path);
    if (blob) return this.#blob(blob[1], response);
    response.writeHead(404).end();
  }

  #repository(name, request, response) {
    const repository = this.repositories.get(name);
    if (repository && (!repository.gated || request.headers.authorization === 'Bearer hf_good')) return repository;
    const code = repository ? 'GatedRepo' : 'RepoNotFound';
    response.writeHead(repository ? 403 : 401, { 'X-Error-Code': code, 'X-Error-Message': `no ${name} for you` }).end();
    return null;
  }

  #list(name, response, request) {
    const repository = this.#repository(name, request, response);
    if (!repository) return;
    const entries = [...repository.files].map(([path, bytes]) => ({
      type: 'file', path, size: bytes.length, oid: 'x', lfs: { oid: sha256(bytes), size: bytes.length },
    }));
    entries.unshift({ type: 'directory', path: 'folder', oid: 'x', size: 0 }, { type: 'file', path: 'README.md', size: 5 });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(entries));
  }

  #lead(name, path, response, request) {
    const bytes = this.#repository(name, request, response)?.files.get(path);
    if (response.writableEnded) return;
    if (!bytes) return response.writeHead(404).end();
    const hash = sha256(bytes);
    response.writeHead(302, {
      'Location': `${originOf(this.store)}/${hash}?signature=secret`,
      'X-Linked-Etag': `"${hash}"`,
      'X-Linked-Size': bytes.length,
    }).end('moved');
  }

  #manifest(name, response) {
    const manifest = this.models.get(name);
    if (!manifest) return response.writeHead(404).end('{"errors":[]}');
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(manifest));
  }

  // The registry gives small blobs itself and sends for large ones to the store.
  #blob(hash, response) {
    const bytes = this.blobs.get(hash);
    if (!bytes) return response.writeHead(404).end();
    if (bytes.length < 1024) return response.writeHead(200).end(bytes);
    response.writeHead(307, { Location: `${originOf(this.store)}/${hash}?signature=secret` }).end();
  }

  #atStore(request, response) {
    this.#note('store', request);
    const hash = request.url.slice(1).split('?')[0];
    const bytes = this.blobs.get(hash);
    if (!bytes) return response.writeHead(404).end();
    if (request.method === 'HEAD') return response.writeHead(200, { 'Content-Length': bytes.length }).end();
    this.#send(request, response, bytes, this.troubles.shift() ?? {}).catch(() => response.destroy());
  }

  // cutAfter, stallAfter: bytes; status, headers: in place of the file; corrupt, ignoreRange, tooLong: true;
  // content: other bytes; chunked: no length.
  async #send(request, response, whole, trouble) {
    if (trouble.status) return response.writeHead(trouble.status, trouble.headers).end('trouble');
    const etag = `"${sha256(whole).slice(0, 16)}${this.etagMark}"`;
    let bytes = trouble.content ?? whole;
    if (trouble.corrupt) bytes = Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) ^ 1])]);
    if (trouble.tooLong) bytes = Buffer.concat([bytes, bytes]);
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const mayContinue = !request.headers['if-range'] || request.headers['if-range'] === etag;
    const first = range && mayContinue && !trouble.ignoreRange ? Number(range[1]) : 0;
    const headers = trouble.chunked ? { ETag: etag } : { ETag: etag, 'Content-Length': bytes.length - first };
    if (first > 0) headers['Content-Range'] = `bytes ${first}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(first > 0 ? 206 : 200, headers);
    let sent = 0;
    for (let at = first; at < bytes.length; at += kPieceBytes) {
      let piece = bytes.subarray(at, at + kPieceBytes);
      const limit = trouble.cutAfter ?? trouble.stallAfter ?? Infinity;
      if (sent + piece.length > limit) piece = piece.subarray(0, limit - sent);
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      sent += piece.length;
      if (sent >= limit) {
        if (trouble.stallAfter !== undefined) return;
        // What was written is to arrive before the end does.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return response.destroy();
      }
      if (this.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
      if (response.destroyed) return;
    }
    response.end();
  }
}
