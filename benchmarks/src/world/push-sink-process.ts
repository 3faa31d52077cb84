/** `node push-sink-process.js <scheme>`: takes every push, reads none, and remembers when each came. */
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '@bellhop/local-stack';
import type { Arrivals } from './push-sink.js';

let arrivals: [string, number][] = [];

const take: RequestListener = (request, response) => {
  arrivals.push([request.url ?? '', Date.now()]);
  // Whoever sends waits for the end of the body.
  request.resume().once('end', () => response.writeHead(201).end());
};
const server = process.argv[2] === 'https' ? createTls(selfSigned('localhost'), take) : createPlain(take);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => {
  const taken: Arrivals = arrivals;
  arrivals = [];
  process.send?.(taken);
});
process.once('disconnect', () => process.exit(0));
