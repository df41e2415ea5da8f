// Reads the documents in docs/ for the tests that keep them true.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const kRoot = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export function read(document) {
  return fs.readFileSync(path.join(kRoot, document), 'utf8');
}

export const exists = (file) => fs.existsSync(path.join(kRoot, file));

// The lines of a document with the heading that each stands under; code fences open and close with {fence}.
function* lines(markdown) {
  let heading = '';
  let isCode = false;
  for (const text of markdown.split('\n')) {
    const fence = /^```(.*)$/.exec(text);
    if (fence) isCode = !isCode;
    const title = isCode ? null : /^#+ (.*)$/.exec(text);
    if (title) heading = title[1];
    yield { heading, text, isCode: isCode && !fence, fence: fence?.[1] };
  }
}

// The code blocks: {heading, language, text}.
export function blocks(markdown) {
  const all = [];
  let isOpen = false;
  for (const { heading, text, isCode, fence } of lines(markdown)) {
    if (fence !== undefined) {
      isOpen = !isOpen;
      if (isOpen) all.push({ heading, language: fence, text: '' });
    } else if (isCode) {
      all.at(-1).text += `${text}\n`;
    }
  }
  return all;
}

const cells = (row) => row.replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim());

// The tables: {heading, columns, rows}, where a row is an object by column.
export function tables(markdown) {
  const all = [];
  let isTable = false;
  for (const { heading, text, isCode } of lines(markdown)) {
    if (isCode || !text.startsWith('|')) {
      isTable = false;
    } else if (!isTable) {
      isTable = true;
      all.push({ heading, columns: cells(text), rows: [] });
    } else if (!/^[|\s:-]+$/.test(text)) {
      const { columns, rows } = all.at(-1);
      rows.push(Object.fromEntries(cells(text).map((cell, i) => [columns[i], cell])));
    }
  }
  return all;
}

// What a cell names: its code spans.
export const names = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map((span) => span[1]);
