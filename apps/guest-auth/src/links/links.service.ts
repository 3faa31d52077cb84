import { randomBytes } from 'node:crypto';
import { normaliseAddress } from '@bellhop/contracts/persons';
import { linkToken, type RpcRequest, type RpcResponse } from '@bellhop/contracts/rpc';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config.js';
import type { GuestKey } from '../secrets/guest-keys.js';
import { hashOf } from '../secrets/tokens.js';
import { isAlive } from './link.js';
import { type FoundLink, findLink, type IssuedLink, issueLinks, type LinkDraft } from './link-store.js';

const SALT_BYTES = 16;

/** Guests' links. How they are made: docs/adr/guest-links.md. */
@Injectable()
export class LinksService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** The same delivery gets the same link, however often it is requested. */
  async issue(request: RpcRequest<'issueLinks'>): Promise<RpcResponse<'issueLinks'>> {
    const { keys } = this.settings;
    const drafts = new Map(request.map((one) => [one.deliveryId, draftOf(one, keys.newest)]));
    const issued = await issueLinks(this.dataSource.manager, [...drafts.values()], keys.ids);
    const links = new Map(issued.map((one) => [one.deliveryId, this.linkOf(one)]));
    return request.map(({ deliveryId }) => ({ deliveryId, link: links.get(deliveryId) as string }));
  }

  /** Null if the link is malformed, unknown, revoked or of a ticket long closed. Takes equally long in every case. */
  async find(link: unknown, now: Date): Promise<FoundLink | null> {
    const { data } = linkToken.safeParse(link);
    const found = await findLink(this.dataSource.manager, hashOf(data ?? ''));
    return found && isAlive(found, now) ? found : null;
  }

  private linkOf({ deliveryId, salt, keyId }: IssuedLink): string {
    const key = this.settings.keys.byId(keyId);
    if (!key) throw new Error(`the link of delivery ${deliveryId} has a key that is not in GUEST_AUTH_KEY`);
    return tokenOf(key, deliveryId, salt);
  }
}

function draftOf({ deliveryId, ticketId, email }: RpcRequest<'issueLinks'>[number], key: GuestKey): LinkDraft {
  const salt = randomBytes(SALT_BYTES);
  const tokenHash = hashOf(tokenOf(key, deliveryId, salt));
  return { deliveryId, ticketId, email: normaliseAddress(email), sentTo: email, salt, keyId: key.id, tokenHash };
}

/** A thief of the database lacks the key; a thief of the key lacks the salt. */
function tokenOf(key: GuestKey, deliveryId: string, salt: Buffer): string {
  return key.mac('link', deliveryId, salt).toString('base64url');
}
