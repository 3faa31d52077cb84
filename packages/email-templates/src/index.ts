export type { AlertContent, Audience, CodeContent, RenderedAlert, TemplateName } from './alert.js';
export { templates } from './alert.js';
export { EmailTemplateError, type EmailTemplateErrorCode } from './errors.js';
export { type Locale, locales, resolveLocale } from './locales.js';
export { renderAlert, renderCode, renderSubject } from './render-alert.js';
export { palettes } from './theme.js';
