import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../wait-for.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

let server: Server;
let accepted: Socket[];
let proxy: TcpProxy;

beforeEach(async () => {
  accepted = [];
  // Sends back what it gets.
  server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startTcpProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function client() {
  const socket = connect(proxy.port, '127.0.0.1');
  let text = '';
  let isClosed = false;
  socket.on('data', (data) => {
    text += data.toString();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
  });
  await once(socket, 'connect');
  return { socket, text: () => text, isClosed: () => isClosed, end: () => socket.destroy() };
}

describe('the proxy', () => {
  it('keeps every byte in its place, however the delay changes meanwhile', async () => {
    const { socket, text, end } = await client();
    let sent = '';
    for (let index = 0; index < 50; index += 1) {
      if (index % 10 === 0) proxy.delay((index % 20) + 1);
      if (index % 15 === 0) proxy.heal();
      sent += `${index},`;
      socket.write(`${index},`);
      await new Promise(setImmediate);
    }
    await waitFor(() => text().length >= sent.length);
    expect(text()).toBe(sent);
    end();
  });

  it('swallows while it hangs, lets new connections through when told to, and forgets nothing', async () => {
    const old = await client();
    proxy.hang();
    old.socket.write('old');
    proxy.serveNewOnes();
    const young = await client();
    young.socket.write('young');
    await waitFor(() => young.text() === 'young');
    expect(old.text()).toBe('');
    proxy.heal();
    await waitFor(() => old.text() === 'old');
    old.end();
    young.end();
  });

  it('resets what stands and takes new connections', async () => {
    const old = await client();
    await waitFor(() => proxy.size === 1);
    proxy.reset();
    await waitFor(() => old.isClosed());
    const { socket, text, end } = await client();
    socket.write('again');
    await waitFor(() => text() === 'again');
    end();
  });

  it('cuts an answer in the middle, after the server got the whole question', async () => {
    const { socket, text, isClosed } = await client();
    await waitFor(() => accepted.length === 1);
    let got = '';
    (accepted[0] as Socket).on('data', (data) => {
      got += data.toString();
    });
    proxy.cut('down', 3);
    socket.write('question');
    await waitFor(() => isClosed());
    expect([got, text()]).toEqual(['question', 'que']);
  });
});
