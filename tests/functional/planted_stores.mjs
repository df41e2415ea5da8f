// The stores of other programs as they lie on a disk, each with a tiny model that can be loaded.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { makeModel } from './shimmy.mjs';

function plant(file, bytes) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  return file;
}

const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

// The bytes of a tiny model; another seed is another model.
function modelBytes(home, seed) {
  return fs.readFileSync(makeModel(path.join(home, '.made'), `m${seed}`, seed));
}

// name: 'host/namespace/model/tag'. more: further layers, media type -> text.
export function plantOllama(home, name, seed, more = {}) {
  const root = path.join(home, '.ollama', 'models');
  const layers = Object.entries({ model: modelBytes(home, seed), ...more }).map(([kind, content]) => {
    const digest = digestOf(content);
    plant(path.join(root, 'blobs', `sha256-${digest}`), content);
    return { mediaType: `application/vnd.ollama.image.${kind}`, digest: `sha256:${digest}`, size: content.length };
  });
  return plant(path.join(root, 'manifests', name), JSON.stringify({ schemaVersion: 2, layers }));
}

export function plantHub(home, repository, file, seed) {
  const root = path.join(home, '.cache', 'huggingface', 'hub', `models--${repository.replace('/', '--')}`);
  const bytes = modelBytes(home, seed);
  const digest = digestOf(bytes);
  const revision = digest.slice(0, 40);
  plant(path.join(root, 'blobs', digest), bytes);
  plant(path.join(root, 'refs', 'main'), revision);
  const snapshot = path.join(root, 'snapshots', revision);
  fs.mkdirSync(snapshot, { recursive: true });
  fs.symlinkSync(path.join('..', '..', 'blobs', digest), path.join(snapshot, file));
}

// A store of plain files: `file` below the home.
export function plantFile(home, file, seed) {
  return plant(path.join(home, file), modelBytes(home, seed));
}

// parts: the bytes of each file of the model.
export function plantDocker(home, tags, parts) {
  const root = path.join(home, '.docker', 'models');
  const layers = parts.map((bytes) => {
    const digest = digestOf(bytes);
    plant(path.join(root, 'blobs', 'sha256', digest), bytes);
    return { mediaType: 'application/vnd.docker.ai.gguf.v3', digest: `sha256:${digest}`, size: bytes.length };
  });
  const manifest = JSON.stringify({ schemaVersion: 2, layers });
  const id = digestOf(manifest);
  plant(path.join(root, 'manifests', 'sha256', id), manifest);
  plant(path.join(root, 'models.json'), JSON.stringify({ models: [{ id: `sha256:${id}`, tags, files: [] }] }));
}

// One of each, named as their users know them: source -> name.
export function plantAll(home) {
  plantOllama(home, 'registry.ollama.ai/library/tiny/1b', 1);
  plantHub(home, 'org/Tiny-GGUF', 'Tiny-F32.gguf', 2);
  plantFile(home, '.lmstudio/models/pub/Studio-GGUF/Studio-F32.gguf', 3);
  plantFile(home, '.cache/llama.cpp/o_cpp-GGUF_cpp-F32.gguf', 4);
  plantFile(home, 'data/Jan/data/llamacpp/models/jan-one/model.gguf', 5);
  plantFile(home, 'data/nomic.ai/GPT4All/All.F32.gguf', 6);
  plantDocker(home, ['ai/dock:latest'], [modelBytes(home, 7)]);
  plantFile(home, 'text-generation-webui/user_data/models/Webui.gguf', 8);
  plantFile(home, 'models/mine.gguf', 9);
  return {
    ollama: 'tiny:1b',
    'hugging face': 'org/Tiny-GGUF:F32',
    'lm studio': 'Studio-F32',
    'llama.cpp': 'o/cpp-GGUF:F32',
    jan: 'jan-one',
    gpt4all: 'All.F32',
    docker: 'ai/dock:latest',
    'text-generation-webui': 'Webui',
    './models': 'mine', // ~/models, but the tests run in the home
  };
}
