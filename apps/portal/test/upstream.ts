import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
}

/** A server behind the edge that shows what arrives there, and answers whatever a test wants. */
export class Upstream {
  readonly seen: SeenRequest[] = [];
  /** Connections that are open now. */
  open = 0;
  answer: (request: IncomingMessage, response: ServerResponse) => void = (request, response) => {
    request.resume();
    request.once('end', () => response.end('{}'));
  };

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { method = '', url = '', headers, rawHeaders } = request;
      if (url !== '/healthz') this.seen.push({ method, url, headers, rawHeaders });
      this.answer(request, response);
    });
    server.on('connection', (socket) => {
      this.open++;
      socket.once('close', () => this.open--);
    });
  }

  static async start(): Promise<Upstream> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Upstream(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get last(): SeenRequest {
    return this.seen.at(-1) as SeenRequest;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
