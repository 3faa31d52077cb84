import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { push } from '../../test/web-push-client.js';
import { PushService } from './push-service.js';

describe('the page of the push service', () => {
  let service: PushService;
  beforeAll(async () => {
    service = await PushService.start();
  });
  afterAll(() => service.close());

  const page = async () => {
    const answer = await fetch(service.url);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    return answer.text();
  };

  it('says what it is, and that nothing has come yet', async () => {
    const html = await page();
    expect(html).toContain('This service belongs to the local stack.');
    expect(html).toContain('Nothing has been pushed yet.');
  });

  it('shows texts by their title, refusals by their reason, the newest first', async () => {
    const subscription = service.subscribe();
    await push(subscription, JSON.stringify({ web_push: 8030, notification: { title: 'تم حل تذكرتك', body: 'x' } }));
    await push(subscription, 'only words', { topic: 'T-1', urgency: 'high' });
    service.unsubscribe(subscription.endpoint);
    await push(subscription, 'never read');
    const html = await page();
    const titles = [...html.matchAll(/<h2 dir="auto">(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual(['Not read', 'A push', 'تم حل تذكرتك']);
    expect(html).toContain('The subscription was ended.');
    expect(html).toContain('not taken, 410');
    expect(html).toContain('taken, 201');
    expect(html).toContain('<dt>topic</dt><dd>T-1</dd>');
    expect(html).not.toContain('never read');
  });

  it('is not changed by what is pushed or asked for', async () => {
    const subscription = service.subscribe();
    const bad = '"><script>alert(1)</script>\'&';
    await push(subscription, JSON.stringify({ notification: { title: bad } }));
    await push(subscription, bad);
    await fetch(`${service.url}/push/x`, {
      method: 'POST',
      headers: { topic: bad, ttl: bad, urgency: bad, 'content-type': bad },
    });
    const html = await page();
    expect(html).not.toMatch(/<script|alert\(1\)<\/script>/);
    expect(html.split('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;').length).toBeGreaterThanOrEqual(5);
  });

  it('shows what is no message, too', async () => {
    service.forget();
    const subscription = service.subscribe();
    for (const text of ['null', '{"notification":null}', '{"notification":{"title":7}}', '[]', ''])
      await push(subscription, text);
    expect((await page()).match(/<article>/g)).toHaveLength(5);
  });
});
