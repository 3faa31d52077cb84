/** A page of ours that is open, as far as this needs it. */
export interface Page {
  readonly url: string;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: { open: string }): void;
}

/**
 * Leads to `url` after a press on a notification: in the page that shows it already, else in one that is in sight, else in any, else
 * in a new one. Focus comes first, because it needs the press; a page that refuses it is told all the same.
 */
export async function openPage(
  pages: readonly Page[],
  url: string,
  openWindow: (url: string) => Promise<unknown>,
): Promise<void> {
  const page =
    pages.find((one) => one.url === url) ?? pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
  if (!page) {
    await openWindow(url);
    return;
  }
  await page.focus().catch(() => undefined);
  page.postMessage({ open: url });
}
