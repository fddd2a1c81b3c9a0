// Sends one burst of requests and prints what came of it as JSON. The times are those that autocannon takes of each response;
// its own percentiles are in whole milliseconds, and it ends on a whole second.
// usage: node load.mjs URL REQUESTS CONNECTIONS [TOKENS OFFSET]: from OFFSET on, each request takes the next line of TOKENS.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

const [url, amount, connections, tokens, offset] = process.argv.slice(2);
const lines = tokens ? readFileSync(tokens, 'utf8').trim().split('\n').map((token) => `Bearer ${token}`) : [];
let next = Number(offset ?? 0);

const one = lines.length === 1 ? { authorization: lines[0] } : undefined;
const setupRequest = (request) => {
  request.headers = { ...request.headers, authorization: lines[next++ % lines.length] };
  return request;
};
const times = [];
const begun = performance.now();
let last = begun;
const percentile = (share) => Math.round(1000 * (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0));
const run = autocannon({
  url,
  amount: Number(amount),
  connections: Number(connections),
  headers: one,
  requests: lines.length > 1 ? [{ method: 'GET', setupRequest }] : undefined,
});
run.on('response', (client, status, bytes, milliseconds) => {
  times.push(milliseconds);
  last = performance.now();
});
const result = await run;
times.sort((a, b) => a - b);
const statuses = Object.fromEntries(Object.entries(result.statusCodeStats).map(([code, { count }]) => [code, count]));
console.log(JSON.stringify({
  statuses,
  errors: result.errors + result.timeouts,
  seconds: (last - begun) / 1000,
  p50_us: percentile(0.5),
  p99_us: percentile(0.99),
}));
