import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Settings } from '../config.js';
import { personKeyOf } from '../planning/recipients.js';
import { deleteMute, isMuted, type Mute, muteDelivery } from '../preferences/mutes.js';
import { loadMutableDelivery, type MutableDelivery } from './load-mutable-delivery.js';
import { MinuteLimit } from './minute-limit.js';
import { type PageContent, type PageState, unsubscribePage } from './unsubscribe-page.js';
import { UnsubscribeTokens } from './unsubscribe-tokens.js';

/** For one link. */
const MAX_CHANGES = 20;
/** Scanners look more often, and must not use up what is the reader's. */
const MAX_LOOKS = 60;
/** Of links that we have not made. A right one is never refused for its network: large mail providers click for all of their users. */
const MAX_WRONG = 60;

export interface UnsubscribeAnswer {
  readonly status: number;
  readonly html: string;
}

type Wish = 'look' | 'mute' | 'undo';
type Found = MutableDelivery & { readonly mute: Mute };

/** Mutes the ticket of a mail for the reader of that mail, who needs no account for it. */
@Injectable()
export class UnsubscribeService {
  private readonly tokens: UnsubscribeTokens;
  private readonly changes = new MinuteLimit(MAX_CHANGES);
  private readonly looks = new MinuteLimit(MAX_LOOKS);
  private readonly wrong = new MinuteLimit(MAX_WRONG);

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {
    this.tokens = new UnsubscribeTokens(settings.payloadKeys);
  }

  /**
   * @param wish `look` changes nothing: mail scanners open every link
   * @param network where the request comes from
   */
  async answer(token: string, wish: Wish, network: string): Promise<UnsubscribeAnswer> {
    const deliveryId = this.tokens.read(token);
    if (deliveryId === null) {
      return this.wrong.take(network) ? this.page(404, 'gone', null, '') : this.page(429, 'too_many', null, '');
    }
    if (!(wish === 'look' ? this.looks : this.changes).take(deliveryId)) return this.page(429, 'too_many', null, '');
    const dataSource = await this.database.whenReady();
    const found = await this.find(dataSource, deliveryId);
    if (!found) return this.page(404, 'gone', null, '');
    if (wish === 'mute') await muteDelivery(dataSource, found.mute.person, deliveryId);
    if (wish === 'undo') await deleteMute(dataSource, found.mute);
    const isOff = wish === 'look' ? await isMuted(dataSource, found.mute) : wish === 'mute';
    const state = wish === 'undo' ? 'undone' : isOff ? 'muted' : 'ask';
    return this.page(200, state, found, actionOf(token, state));
  }

  private async find(dataSource: DataSource, deliveryId: string): Promise<Found | null> {
    const delivery = await loadMutableDelivery(dataSource, deliveryId);
    const person = delivery && personKeyOf(delivery.recipientKey);
    if (!delivery || !person) return null;
    return { ...delivery, mute: { person, system: delivery.system, ticketId: delivery.ticketId } };
  }

  private page(status: number, state: PageState, about: MutableDelivery | null, action: string): UnsubscribeAnswer {
    const content: PageContent = {
      state,
      brand: this.settings.brand,
      number: about?.ticketNumber ?? '',
      locale: about?.locale ?? null,
      action,
    };
    return { status, html: unsubscribePage(content) };
  }
}

/** Relative, since only the reader's browser knows where the pages are. */
function actionOf(token: string, state: 'ask' | 'muted' | 'undone'): string {
  return { ask: token, muted: `${token}/undo`, undone: `../${token}` }[state];
}
