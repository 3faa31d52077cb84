import { expect, it } from '@jest/globals';
import { renderAlert } from './index.js';

it('says what to do when a mail is wanted before the templates are compiled', () => {
  const render = () => renderAlert('created', 'guest', { number: '1', link: 'https://a.example/', brand: 'Bellhop' });
  expect(render).toThrow(expect.objectContaining({ code: 'templates_not_compiled' }));
  expect(render).toThrow(/await compileAll\(\)/);
});
