import { describe, expect, it } from '@jest/globals';
import { digitsOf } from './code.js';

describe('P8 the code as it is typed and pasted', () => {
  it.each([
    ['123456', '123456'],
    ['123 456', '123456'],
    ['123-456', '123456'],
    ['１２３４５６', '123456'],
    ['١٢٣٤٥٦', '123456'],
    ['Your code is 123 456!', '123456'],
    ['Support ticket 7K4M2Q1: your code is 123456. It works until 14:30', '123456'],
    ['ticket 12345678, code 654321', '654321'],
    ['\u200b123\u00a0456\u200e', '123456'],
    ['"123456"', '123456'],
    ['4802', '4802'],
    ['12a4', '124'],
    ['1234567', '123456'],
    ['', ''],
    ['no digits', ''],
  ])('%j is %j', (typed, digits) => {
    expect(digitsOf(typed)).toBe(digits);
  });
});
