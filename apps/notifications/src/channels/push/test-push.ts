import { type Locale, resolveLocale } from '@bellhop/email-templates';

const WORDS: Record<Locale, string> = {
  en: 'Notifications work on this device',
  de: 'Benachrichtigungen kommen auf diesem Gerät an',
  pl: 'Powiadomienia na tym urządzeniu działają',
  'zh-CN': '此设备可以正常接收通知',
};

/**
 * What a device shows when its owner tries it out: JSON, as a push about a ticket is.
 * @param tag the language of the owner
 * @param navigate where it leads
 */
export function testPush(tag: string | undefined, navigate: string): string {
  const lang = resolveLocale(tag);
  const notification = { title: WORDS[lang], lang, dir: 'auto', tag: 'test', navigate, data: { v: 1, kind: 'test' } };
  return JSON.stringify({ web_push: 8030, notification });
}
