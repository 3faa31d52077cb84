import type { Provider, Type } from '@nestjs/common';
import { ErasedPeople } from './erased-people.js';
import { ErasureKeys } from './erasure-keys.js';
import { ErasureRegister } from './erasure-register.js';
import { PersonEraser } from './person-eraser.js';

/** What an app needs to forget people: the key, how it erases, and the register that decides when. */
export function erasureProviders(keys: ErasureKeys, eraser: Type<PersonEraser>): Provider[] {
  return [
    { provide: ErasureKeys, useValue: keys },
    { provide: PersonEraser, useClass: eraser },
    ErasedPeople,
    ErasureRegister,
  ];
}
