import { connect } from 'node:net';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** What comes back for bytes that `fetch` would not send. */
export function sendBytes(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (part) => (answer += part));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

/** Sends just these headers, which `fetch` would add to. */
export async function sendRaw(url: string, line: string, headers: readonly string[], body = ''): Promise<Answer> {
  const bytes = [`${line} HTTP/1.1`, 'host: a', 'connection: close', ...headers, '', body].join('\r\n');
  const [head = '', answered = ''] = (await sendBytes(url, bytes)).split('\r\n\r\n');
  const json = /\{.*\}/s.exec(answered)?.[0] ?? '{}';
  return { status: Number(head.split(' ')[1]), body: JSON.parse(json) as Record<string, unknown> };
}

/** @param body as it is sent, whether or not it is JSON */
export async function postJson(url: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
