import type { MuteView, PreferencesRequest, PreferencesResponse } from '@bellhop/contracts/http';
import { identifier, OWN_SYSTEM, readTimezone } from '@bellhop/contracts/persons';
import { nothingHere, Problem } from '@bellhop/http';
import { Database, type Identity } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config.js';
import { accountKey } from '../planning/recipients.js';
import { defaultMailAfterMinutes } from '../planning/settings.js';
import { loadPersonSettings, type PersonalChoice } from './load-person-settings.js';
import { loadTicketNumber } from './load-ticket-number.js';
import { masterSwitchesOf, matrixOf, offOf } from './matrix.js';
import { deleteMute, insertMute, loadMutes, MAX_MUTES } from './mutes.js';
import { openPhrase, sealPhrase } from './phrase.js';
import { storePhrase, storeSettings } from './store-settings.js';

/** How old a sign-in may be to see or change the phrase, in seconds. */
const FRESH_SECONDS = 600;
const CLOCK_SKEW_MS = 60_000;

/** What the caller has decided about their notifications. */
@Injectable()
export class PreferencesService {
  private readonly log = new Logger(PreferencesService.name);

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  async read(identity: Identity): Promise<PreferencesResponse> {
    const dataSource = await this.database.whenReady();
    const about = { recipientKey: personOf(identity), system: OWN_SYSTEM, ticketId: '' };
    const choice = (await loadPersonSettings(dataSource, [about]))(about);
    return this.responseOf(identity, choice);
  }

  /** @throws Problem 422 `preference_locked` */
  async replace(identity: Identity, request: PreferencesRequest): Promise<PreferencesResponse> {
    const off = offOf(request, isAgent(identity));
    const dataSource = await this.database.whenReady();
    const { mailAfterMinutes, quietHours, locale, timeZone } = request;
    await dataSource.transaction((manager) =>
      storeSettings(manager, personOf(identity), { off, mailAfterMinutes, quietHours, locale, timeZone }),
    );
    return this.read(identity);
  }

  /** @throws Problem 401 `sign_in_too_old` */
  async setPhrase(identity: Identity, phrase: string | null): Promise<void> {
    if (!isFresh(identity)) throw signInTooOld();
    const person = personOf(identity);
    const sealed = phrase === null ? null : await sealPhrase(phrase, person, this.settings.payloadKeys);
    const dataSource = await this.database.whenReady();
    await dataSource.transaction((manager) => storePhrase(manager, person, sealed));
  }

  async listMutes(identity: Identity): Promise<MuteView[]> {
    return loadMutes(await this.database.whenReady(), personOf(identity), OWN_SYSTEM);
  }

  /** @throws Problem 404 for what is no id, 409 `too_many_mutes` */
  async mute(identity: Identity, ticketId: string): Promise<void> {
    const dataSource = await this.database.whenReady();
    const mute = muteOf(identity, ticketId);
    const others = await loadMutes(dataSource, mute.person, mute.system);
    if (others.length >= MAX_MUTES && !others.some((one) => one.ticketId === ticketId)) throw tooManyMutes();
    await insertMute(dataSource, mute, await loadTicketNumber(dataSource, identity.subject, ticketId));
  }

  async unmute(identity: Identity, ticketId: string): Promise<void> {
    await deleteMute(await this.database.whenReady(), muteOf(identity, ticketId));
  }

  private async responseOf(identity: Identity, choice: PersonalChoice): Promise<PreferencesResponse> {
    const { settings, sealedPhrase } = choice;
    const { quietHours, locale, timeZone } = settings;
    const forAgent = isAgent(identity);
    return {
      channels: masterSwitchesOf(settings),
      kinds: matrixOf(settings, forAgent),
      mailAfterMinutes: settings.mailAfterMinutes ?? defaultMailAfterMinutes(forAgent),
      isMailAfterDefault: settings.mailAfterMinutes === null,
      quietHours,
      locale,
      timeZone,
      effectiveTimeZone: timeZone ?? readTimezone(identity.timezone) ?? 'UTC',
      hasPhrase: sealedPhrase !== null,
      phrase: sealedPhrase && isFresh(identity) ? await this.phraseOf(identity, sealedPhrase) : null,
    };
  }

  /** Null where its key is gone: the page has to open, so that they can set another one. */
  private async phraseOf(identity: Identity, sealed: Buffer): Promise<string | null> {
    try {
      return await openPhrase(sealed, personOf(identity), this.settings.payloadKeys);
    } catch (error) {
      this.log.warn({ message: 'a phrase cannot be read: was its key removed from PAYLOAD_KEY?', error });
      return null;
    }
  }
}

/** Whatever role they have: an agent's settings are those of the same person as a customer. */
function personOf({ subject }: Identity): string {
  return accountKey(subject);
}

/** Whoever finds an open session must learn neither to change the phrase nor to write it. A time in the future is a mistake of the provider. */
function isFresh({ signedInAt }: Identity): boolean {
  const ageMs = Date.now() - (signedInAt?.getTime() ?? Number.NaN);
  return ageMs > -CLOCK_SKEW_MS && ageMs < FRESH_SECONDS * 1000;
}

function isAgent({ roles }: Identity): boolean {
  return roles.includes('agent');
}

function muteOf(identity: Identity, ticketId: string) {
  if (!identifier.safeParse(ticketId).success) throw nothingHere();
  return { person: personOf(identity), system: OWN_SYSTEM, ticketId };
}

/** RFC 9470: the browser is sent to sign in again, however long its session lasts. */
function signInTooOld(): Problem {
  const detail = `Sign in again, then set the phrase within ${FRESH_SECONDS / 60} minutes. The token says when in its claim auth_time.`;
  const challenge = `Bearer error="insufficient_user_authentication", error_description="a more recent sign-in is required", max_age="${FRESH_SECONDS}"`;
  return new Problem(401, 'sign_in_too_old', 'A more recent sign-in is required', detail, {
    headers: { 'www-authenticate': challenge },
  });
}

function tooManyMutes(): Problem {
  const detail = `Up to ${MAX_MUTES} tickets can be muted: remove mutes of tickets that are closed.`;
  return new Problem(409, 'too_many_mutes', 'Too many tickets are muted', detail);
}
