import { accountIdentity, addressIdentity, OWN_SYSTEM } from '@bellhop/contracts/persons';
import { deleteEverywhere, everyRow } from '@bellhop/postgres';
import { type ErasedPerson, PersonEraser } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { accountKey, identityOfKey, personKeyOf } from '../planning/recipients.js';
import { deleteDeliveries } from './delete-deliveries.js';
import { deleteDevices } from './delete-devices.js';
import { loadErasable } from './load-erasable.js';

/** Tables that name people by their key only, with the column. */
const KEYS = [
  ['known_tickets', 'requester_key'],
  ['decisions', 'recipient_key'],
  ['told', 'recipient_key'],
] as const;

interface Found {
  readonly keys: Set<string>;
  readonly addresses: Set<string>;
  /** Of ours, under which devices are registered. */
  readonly accounts: Set<string>;
}

/**
 * Erases a person: their deliveries, decisions, watermarks and settings, and the suppressions of their addresses. A suppressed address of a
 * new person therefore bounces once more.
 */
@Injectable()
export class RecipientEraser extends PersonEraser {
  async erase(manager: EntityManager, person: ErasedPerson): Promise<Record<string, number> | null> {
    const { keys, addresses, accounts } = await this.find(manager, person);
    const names = [...keys];
    const { ids, batchIds, isInFlight } = await loadErasable(manager, names);
    // A request that the provider may have is repeated as a whole under its key until it is answered: erasure waits for that.
    if (isInFlight) return null;
    const counts = {
      deliveries: await deleteDeliveries(manager, ids, batchIds),
      decisions: 0,
      suppressions: 0,
      answers: 0,
      feedEntries: 0,
    };
    for (const [table, column] of KEYS) {
      const count = await deleteEverywhere(manager, table, `${column} = any ($3)`, names);
      if (table === 'decisions') counts.decisions = count;
    }
    counts.suppressions = await deleteEverywhere(manager, 'suppressions', `channel = 'email' and endpoint = any ($3)`, [
      ...addresses,
    ]);
    const ours = [...new Set([...accounts, ...names.flatMap(accountOfKey)])];
    counts.answers = await deleteEverywhere(
      manager,
      'idempotency_keys',
      'principal = any ($3)',
      ours.map((id) => `user:${id}`),
    );
    // The revisions first, which everybody locks first.
    await deleteEverywhere(manager, 'feed_revisions', 'person = any ($3)', ours);
    counts.feedEntries = await deleteEverywhere(manager, 'feed_entries', 'person = any ($3)', ours);
    // By delivery, not by account: user 7 of one system is another person than user 7 of another system.
    const events = await deleteEverywhere(manager, 'outbox', `data::jsonb #>> '{data,deliveryId}' = any ($3)`, ids);
    const devices = await deleteDevices(manager, ours);
    return { ...counts, ...(await this.deleteChoices(manager, person, names, ours)), devices, events };
  }

  /** What they have set and muted. */
  private async deleteChoices(
    manager: EntityManager,
    person: ErasedPerson,
    keys: readonly string[],
    accounts: readonly string[],
  ): Promise<{ settings: number; mutes: number }> {
    const people = new Set([...keys.flatMap((key) => personKeyOf(key) ?? []), ...accounts.map(accountKey)]);
    for (const table of ['person_settings', 'ticket_mutes']) {
      await everyRow<{ person: string }>(manager, { columns: 'person', table }, ({ person: key }) => {
        if (person.is(identityOfKey(key) ?? '')) people.add(key);
      });
    }
    return {
      settings: await deleteEverywhere(manager, 'person_settings', 'person = any ($3)', [...people]),
      mutes: await deleteEverywhere(manager, 'ticket_mutes', 'person = any ($3)', [...people]),
    };
  }

  /** Finds the keys and addresses of a person. */
  private async find(manager: EntityManager, person: ErasedPerson): Promise<Found> {
    const found: Found = { keys: new Set(), addresses: new Set(), accounts: new Set() };
    const isTheirs = (key: string) => {
      const identity = identityOfKey(key);
      return found.keys.has(key) || (identity !== null && person.is(identity));
    };
    const theirs = {
      columns: 'recipient_key as key, channel, endpoint',
      table: 'deliveries',
      where: `recipient_role <> 'team'`,
    };
    await everyRow<{ key: string; channel: string; endpoint: string }>(
      manager,
      theirs,
      ({ key, channel, endpoint }) => {
        const address = channel === 'email' ? endpoint : null;
        if (!(address !== null && person.is(addressIdentity(address))) && !isTheirs(key)) return;
        found.keys.add(key);
        if (address !== null) found.addresses.add(address.toLowerCase());
      },
    );
    for (const [table, column] of KEYS) {
      await everyRow<{ key: string }>(manager, { columns: `${column} as key`, table }, ({ key }) => {
        if (isTheirs(key)) found.keys.add(key);
      });
    }
    // A feed outlives the deliveries that it was made of.
    await everyRow<{ person: string }>(
      manager,
      { columns: 'person', table: 'feed_revisions' },
      ({ person: account }) => {
        const key = `${OWN_SYSTEM}:user:${account}`;
        if (isTheirs(key)) found.keys.add(key);
      },
    );
    const suppressed = { columns: 'endpoint as address', table: 'suppressions', where: `channel = 'email'` };
    await everyRow<{ address: string }>(manager, suppressed, ({ address }) => {
      if (person.is(addressIdentity(address))) found.addresses.add(address);
    });
    const registered = { columns: 'person', table: 'push_subscriptions' };
    await everyRow<{ person: string }>(manager, registered, ({ person: account }) => {
      if (person.is(accountIdentity(OWN_SYSTEM, account))) found.accounts.add(account);
    });
    return found;
  }
}

const ACCOUNT = /^([^:]+):(user|agent):(.+)$/s;

/** The account of ours, none of another system's. */
function accountOfKey(key: string): string[] {
  const [, system, , id = ''] = ACCOUNT.exec(key) ?? [];
  return system === OWN_SYSTEM ? [id] : [];
}
