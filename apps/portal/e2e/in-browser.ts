import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { findChromium } from './chromium.js';
import { type RunningBellhop, runBellhop } from './running-bellhop.js';

export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };

/** As it stands in a mail. */
export const CODE = /\b\d{6}\b/;

const found = findChromium(process.env);

const leftOut = (what: string) =>
  process.stdout.write(`Left out: ${what}. To run it, install Chromium, or name one in CHROMIUM_BIN.\n`);

/** For what only a whole Chromium does: the one of npm shows no notifications. */
export function itInWholeChromium(name: string, spec: () => Promise<void>): void {
  if (found && !found.isWhole) leftOut(name);
  (found?.isWhole ? it : it.skip)(name, spec);
}

/** A running Bellhop and a browser, for the specs of one file. */
export class Stage {
  bellhop!: RunningBellhop;
  browser!: Browser;
  private readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(private readonly start: () => Promise<RunningBellhop>) {}

  async open(): Promise<void> {
    const options = found?.launch();
    [this.bellhop, this.browser] = await Promise.all([this.start(), chromium.launch(options)]);
  }

  async close(): Promise<void> {
    await this.browser?.close();
    await this.bellhop?.stop();
  }

  /** A browser of its own: nobody is signed in. */
  async context(options: BrowserContextOptions = PHONE): Promise<BrowserContext> {
    const context = await this.browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
    context.on('page', (page) => this.listenTo(page));
    return context;
  }

  async page(options: BrowserContextOptions = PHONE): Promise<Page> {
    return (await this.context(options)).newPage();
  }

  /** Signs in by picking somebody on the provider's page, and comes to `path`. */
  async signIn(path: string, { as = 'ada@example.com', ...options }: SignInOptions = {}): Promise<Page> {
    const page = options.context ? await options.context.newPage() : await this.page(options.on);
    await page.goto(`${this.bellhop.portal}/auth/sign-in?return_to=${path}`);
    await page.getByText(as).click();
    await page.waitForURL(this.bellhop.portal + path);
    return page;
  }

  /** Files a ticket as a guest, in any language. @returns the field for the code that proves the mailbox, and that code from its mail */
  async fileAsGuest(page: Page, email: string, ticket: { subject?: string; body?: string } = {}): Promise<Proof> {
    const { subject = 'A question', body = 'How does it work?' } = ticket;
    await page.goto(`${this.bellhop.portal}/new?category=other`);
    await page.locator('#subject').fill(subject);
    await page.locator('#body').fill(body);
    await page.locator('#email').fill(email);
    await page.locator('form button').last().tap();
    const field = page.locator('input[autocomplete="one-time-code"]');
    await field.waitFor();
    return { field, code: CODE.exec((await this.bellhop.mailTo(email, CODE)).text)?.[0] as string };
  }

  /** What the spec itself causes, such as the browser's line about a request that got no answer, is no complaint. */
  expectComplaint(about: RegExp): void {
    this.expected.push(about);
  }

  /** Ends all browsers of one test. @returns what pages have complained about: a script that was refused, an error */
  async settle(): Promise<string[]> {
    for (const context of this.browser.contexts()) await context.close();
    const expected = this.expected.splice(0);
    return this.complaints.splice(0).filter((complaint) => !expected.some((about) => about.test(complaint)));
  }

  private listenTo(page: Page): void {
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      const { url } = message.location();
      // The provider's page is not ours.
      const isOurs = url === '' || url.startsWith(this.bellhop.portal);
      if (message.type() === 'error' && isOurs) this.complaints.push(`${url}: ${message.text()}`);
    });
  }
}

interface Proof {
  field: Locator;
  code: string;
}

interface SignInOptions {
  as?: string;
  on?: BrowserContextOptions;
  /** With the cookies of it. */
  context?: BrowserContext;
}

/**
 * A group of specs with one Bellhop and one browser. Each fails on a violation of the content security policy, or an error on the console.
 * @param start one with other settings
 */
export function inBrowser(name: string, specs: (stage: Stage) => void, start = () => runBellhop()): void {
  const stage = new Stage(start);
  if (!found) leftOut(`in a browser, ${name}`);
  (found ? describe : describe.skip)(name, () => {
    beforeAll(() => stage.open());
    afterAll(() => stage.close());
    afterEach(async () => {
      expect(await stage.settle()).toEqual([]);
    });
    specs(stage);
  });
}

/** The id of the ticket that a page shows. */
export function ticketIn(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1) as string;
}
