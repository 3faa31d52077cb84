import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post } from '@nestjs/common';
import { PUBLIC_URL, startTestService, type TestService } from '../../test/test-service.js';
import { TakesFile } from '../http/body.decorators.js';
import { Public } from '../identity/access.decorators.js';
import { Incoming } from './incoming.decorator.js';
import type { IncomingFile } from './incoming-file.js';

const MAX_BYTES = 200_000;
/** What became of each file that began to arrive. */
let fates: string[] = [];

@Public()
@Controller()
class FilesController {
  @Post('files')
  @TakesFile({ maxBytes: MAX_BYTES })
  take(@Incoming() incoming: IncomingFile) {
    return incoming.receive(async ({ name, content }) => {
      const hash = createHash('sha256');
      try {
        for await (const chunk of content) hash.update(chunk as Buffer);
        fates.push('whole');
        return { name, sha256: hash.digest('hex') };
      } catch (error) {
        fates.push((error as { code?: string }).code ?? 'broken');
        throw error;
      }
    });
  }

  @Post('full')
  @TakesFile({ maxBytes: MAX_BYTES })
  refuse(@Incoming() incoming: IncomingFile) {
    return incoming.receive(async () => {
      throw Object.assign(new Error('no room'), { status: 1 });
    });
  }

  @Post('json')
  read(@Body() body: unknown) {
    return { body };
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [FilesController] });
});
afterAll(() => service?.stop());
beforeEach(() => {
  fates = [];
});

const form = (...parts: [field: string, name: string | null, content: string | Uint8Array][]) => {
  const data = new FormData();
  for (const [field, name, content] of parts) {
    if (name === null) data.append(field, content as string);
    else data.append(field, new Blob([content as string]), name);
  }
  return data;
};

const send = async (body: FormData | string | Uint8Array, headers: Record<string, string> = {}, path = '/files') => {
  const reply = await fetch(service.url + path, { method: 'POST', body: body as string, headers });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
};

/** Sends bytes as they are, and returns all that comes back until the other side closes. */
function raw(...pieces: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
    void (async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await sleep(20);
      }
      socket.end();
    })();
  });
}

const head = (more: string, type = 'multipart/form-data; boundary=X') =>
  `POST /files HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: ${type}\r\n${more}\r\n\r\n`;
const PART = '--X\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';

describe('a file', () => {
  it('arrives as it was sent, up to the last byte that is allowed', async () => {
    const content = new Uint8Array(MAX_BYTES).map((_, at) => at * 7);
    const { status, body } = await send(form(['file', 'C:\\fakepath\\żółć.txt', content]));
    expect(status).toBe(201);
    expect(body).toEqual({ name: 'żółć.txt', sha256: createHash('sha256').update(content).digest('hex') });
  });

  it('may be empty, and may come in pieces of one byte', async () => {
    expect((await send(form(['file', 'empty', '']))).status).toBe(201);
    const body = `${PART}hello\r\n--X--\r\n`;
    const answer = await raw(head(`content-length: ${body.length}`), ...body);
    expect(answer).toContain('201 Created');
    expect(answer).toContain(createHash('sha256').update('hello').digest('hex'));
  });

  it.each([
    ['blanks', '  '],
    ['tabs', '\t\t'],
  ])('may have %s behind its boundaries', async (_, padding) => {
    const body = `${PART.replace('--X', `--X${padding}`)}hello\r\n--X--${padding}\r\n`;
    for (const pieces of [[body], [...body]]) {
      const answer = await raw(head(`content-length: ${body.length}`), ...pieces);
      expect(answer).toContain(createHash('sha256').update('hello').digest('hex'));
    }
  });

  it.each(['base64', 'BASE64', 'quoted-printable'])(
    'is not decoded from %s, nor taken as what it is not',
    async (encoding) => {
      const body = `${PART.replace('\r\n\r\n', `\r\ncontent-transfer-encoding: ${encoding}\r\n\r\n`)}aGVsbG8=\r\n--X--\r\n`;
      const answer = await raw(head(`content-length: ${body.length}`), body);
      expect(answer).toContain('415 Unsupported Media Type');
      expect(answer).toContain('Content-Transfer-Encoding');
      expect(fates).toEqual([]);
    },
  );

  it('behind a field is said to be there not as the first part', async () => {
    const { body } = await send(form(['note', null, 'b'], ['file', 'a', 'a']));
    expect(body.detail).toMatch(/begins with a part that is no file/);
  });

  it.each<[string, FormData, number, string]>([
    ['of one byte too many', form(['file', 'a', new Uint8Array(MAX_BYTES + 1)]), 413, 'file_too_large'],
    ['that is far too large', form(['file', 'a', new Uint8Array(MAX_BYTES * 20)]), 413, 'file_too_large'],
    ['with another beside it', form(['file', 'a', 'a'], ['file', 'b', 'b']), 422, 'one_file_only'],
    ['with a field behind it', form(['file', 'a', 'a'], ['note', null, 'b']), 422, 'one_file_only'],
    ['behind a field', form(['note', null, 'b'], ['file', 'a', 'a']), 422, 'file_missing'],
    ['under another name', form(['upload', 'a', 'a']), 422, 'file_missing'],
    ['without a name of its own', form(['file', null, 'a']), 422, 'file_missing'],
    ['that is not there', form(), 422, 'file_missing'],
  ])('%s is refused', async (_, body, status, code) => {
    const answer = await send(body);
    expect(answer).toMatchObject({ status, body: { status, code, detail: expect.any(String) } });
  });

  it.each<[string, string, number, string]>([
    ['no boundary', 'multipart/form-data', 400, 'malformed_multipart'],
    ['an empty boundary', 'multipart/form-data; boundary=', 400, 'malformed_multipart'],
    ['another multipart', 'multipart/mixed; boundary=X', 415, 'unsupported_media_type'],
    ['no multipart', 'image/png', 415, 'unsupported_media_type'],
    ['JSON', 'application/json', 415, 'unsupported_media_type'],
  ])('with %s is refused', async (_, type, status, code) => {
    const text = type === 'application/json' ? '{}' : `${PART}hello\r\n--X--\r\n`;
    expect(await send(text, { 'content-type': type })).toMatchObject({ status, body: { code } });
  });

  it('is not unpacked', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=X', 'content-encoding': 'gzip' };
    expect(await send(PART, headers)).toMatchObject({ status: 415, body: { code: 'unsupported_content_encoding' } });
  });

  it('that is followed by a long part without a name is refused, and not waited for', async () => {
    const body = `${PART}hello\r\n--X\r\n\r\n${'x'.repeat(70_000)}\r\n--X--\r\n`;
    const answer = await raw(head(`content-length: ${body.length}`), body);
    expect(answer).toMatch(/400 Bad Request|201 Created/);
  });

  it('that ends before its end is refused, and whoever takes it is told', async () => {
    const cut = `${PART}hel`;
    expect(await raw(head(`content-length: ${cut.length}`), cut)).toContain('malformed_multipart');
    expect(fates).toEqual(['broken']);
  });

  it('whose sender goes away is given up', async () => {
    await raw(head('content-length: 5000'), `${PART}hel`);
    await waitFor(() => fates.length > 0, { what: 'the end of the upload' });
    expect(fates).toEqual(['upload_interrupted']);
  });

  it('that grows beyond what was announced is cut off early', async () => {
    const sent = Buffer.alloc(60_000, 'a');
    const chunk = (data: string | Buffer) =>
      Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), Buffer.from(data), Buffer.from('\r\n')]);
    const pieces = Array.from({ length: 6 }, () => chunk(sent));
    const answer = await raw(head('transfer-encoding: chunked'), chunk(PART), ...pieces);
    expect(answer).toContain('413 Payload Too Large');
    expect(fates).toEqual(['file_too_large']);
  });

  it('that nobody has room for is refused with what they say', async () => {
    expect((await send(form(['file', 'a', new Uint8Array(MAX_BYTES)]), {}, '/full')).status).toBe(500);
  });
});

describe('every other route', () => {
  it('refuses what is not JSON', async () => {
    const answer = await send(form(['file', 'a', 'a']), {}, '/json');
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect((await send(form(['file', 'a', 'a']), {}, '/nowhere')).status).toBe(404);
  });
});

describe('S29 a form of a foreign page', () => {
  it.each(['https://evil.example', 'null'])('(%s) cannot send a file', async (origin) => {
    const answer = await send(form(['file', 'a', 'a']), { origin });
    expect(answer).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
    expect(fates).toEqual([]);
  });

  it('of ours can', async () => {
    expect((await send(form(['file', 'a', 'a']), { origin: new URL(PUBLIC_URL).origin })).status).toBe(201);
  });
});
