import { get } from 'node:http';
import { waitFor } from '@bellhop/local-stack';

/** An open page that listens to a stream. */
export interface LivePage {
  /** All that came, without heartbeats and without when to connect again, which is a matter of chance. */
  text(): string;
  /** The data of each event so far, oldest first. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows which stream it listens to
  hints(): any[];
  readonly isEnded: boolean;
  close(): void;
}

/** Opens a stream. @throws the answer's status when it is another one than 200 */
export function openStream(url: string, headers: Record<string, string>): Promise<LivePage> {
  return new Promise((resolve, reject) => {
    let text = '';
    let isEnded = false;
    const request = get(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(String(response.statusCode)));
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response
        .on('error', () => undefined)
        .on('close', () => {
          isEnded = true;
        });
      const frames = () => text.replaceAll(/^(retry: \d+|:)\n\n/gm, '');
      resolve({
        text: frames,
        hints: () => [...frames().matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data as string)),
        get isEnded() {
          return isEnded;
        },
        close: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}

/** Waits for the newest hint to be this one, and for each page of several. */
export async function untilTold(pages: LivePage | readonly LivePage[], hint: object): Promise<void> {
  for (const page of [pages].flat() as LivePage[]) {
    const isTold = () => JSON.stringify(page.hints().at(-1)) === JSON.stringify(hint);
    await waitFor(isTold, { what: `${JSON.stringify(hint)}, not ${JSON.stringify(page.text())}` });
  }
}
