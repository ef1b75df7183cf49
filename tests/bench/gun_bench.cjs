'use strict';
// Usage: node gun_bench.cjs FRAMES.jsonl text|objects [DUMP.json], in a folder that holds node_modules/gun.
// Feeds the frames to GUN's own merge and prints {cpu, ok}: seconds of CPU, and whether all arrived.
const fs = require('fs');
const print = console.log;
console.log = () => {};
const Gun = require(require.resolve('gun/gun.js', { paths: [process.cwd()] }));

const [file, form, dump] = process.argv.slice(2);
const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
const messages = form === 'objects' ? lines.map((line) => JSON.parse(line)) : null;
const off = { localStorage: false, radisk: false, file: false, multicast: false, axe: false, WebSocket: false, stats: false };
const root = Gun({ ...off, peers: [] })._;

const newest = new Map();
for (const line of lines) {
  for (const node of Object.values(JSON.parse(line).put)) {
    for (const [field, state] of Object.entries(node._['>'])) {
      const key = node._['#'] + '/' + field;
      if (!(newest.get(key) > state)) newest.set(key, state);
    }
  }
}
const arrived = () => [...newest].every(([key, state]) => {
  const [soul, field] = key.split('/');
  return root.graph[soul] && root.graph[soul]._['>'][field] === state;
});
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));
const turn = () => new Promise((wake) => setImmediate(wake));

async function main() {
  await pause(50);
  const before = process.cpuUsage();
  if (messages) for (const message of messages) root.on('in', message);
  else for (const line of lines) root.on('in', JSON.parse(line));
  while (((setTimeout.turn || '').s || []).length) await turn();
  const used = process.cpuUsage(before);
  for (let tries = 0; tries < 100 && !arrived(); tries++) await pause(20);
  if (dump) {
    const graph = {};
    for (const soul of Object.keys(root.graph)) {
      const { _: meta, ...fields } = root.graph[soul];
      graph[soul] = Object.fromEntries(Object.keys(fields).map((f) => [f, [meta['>'][f], fields[f]]]));
    }
    fs.writeFileSync(dump, JSON.stringify(graph));
  }
  print(JSON.stringify({ cpu: (used.user + used.system) / 1e6, ok: arrived() }));
  process.exit(0);
}
main();
