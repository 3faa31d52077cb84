import { randomBytes } from 'node:crypto';
import { normaliseAddress } from '@bellhop/contracts/persons';
import { linkToken, type RpcRequest, type RpcResponse } from '@bellhop/contracts/rpc';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config.js';
import type { GuestKey } from '../secrets/guest-keys.js';
import { hashOf } from '../secrets/tokens.js';
import { type FoundLink, findLink } from './find-link.js';
import { type IssuedLink, issueLinks, type LinkDraft } from './issue-links.js';
import { isAlive } from './link.js';

const SALT_BYTES = 16;

/** Guests' links: docs/adr/guest-links.md tells how they are made. */
@Injectable()
export class LinksService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** The same delivery gets the same link, however often it is asked for. */
  async issue(asked: RpcRequest<'issueLinks'>): Promise<RpcResponse<'issueLinks'>> {
    const { keys } = this.settings;
    const drafts = new Map(asked.map((one) => [one.deliveryId, draftOf(one, keys.newest)]));
    const issued = await issueLinks(this.dataSource.manager, [...drafts.values()], keys.ids);
    const links = new Map(issued.map((one) => [one.deliveryId, this.linkOf(one)]));
    return asked.map(({ deliveryId }) => ({ deliveryId, link: links.get(deliveryId) as string }));
  }

  /** Null for what is no link, or is one no longer; that takes as long as any other answer. */
  async find(link: unknown, now: Date): Promise<FoundLink | null> {
    const { data } = linkToken.safeParse(link);
    const found = await findLink(this.dataSource.manager, hashOf(data ?? ''));
    return found && isAlive(found, now) ? found : null;
  }

  private linkOf({ deliveryId, salt, keyId }: IssuedLink): string {
    const key = this.settings.keys.byId(keyId);
    if (!key) throw new Error('a link was kept whose key is not in GUEST_AUTH_KEY');
    return tokenOf(key, deliveryId, salt);
  }
}

function draftOf({ deliveryId, ticketId, email }: RpcRequest<'issueLinks'>[number], key: GuestKey): LinkDraft {
  const salt = randomBytes(SALT_BYTES);
  const tokenHash = hashOf(tokenOf(key, deliveryId, salt));
  return { deliveryId, ticketId, email: normaliseAddress(email), sentTo: email, salt, keyId: key.id, tokenHash };
}

/** Who has our database lacks the key, and who has the key lacks the salt. */
function tokenOf(key: GuestKey, deliveryId: string, salt: Buffer): string {
  return key.mac('link', deliveryId, salt).toString('base64url');
}
