import { Housekeeping } from '@bellhop/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { DayBudgets } from './day-budgets.js';
import { purgeDays } from './purge-days.js';
import type { DayLimits } from './spend-day.js';

@Module({ exports: [DayBudgets] })
class BudgetsModule {
  constructor(housekeeping: Housekeeping) {
    housekeeping.add('budgets', purgeDays);
  }
}

export function budgetsModule(limits: DayLimits): DynamicModule {
  const budgets = { provide: DayBudgets, useValue: new DayBudgets(limits) };
  return { module: BudgetsModule, global: true, providers: [budgets], exports: [DayBudgets] };
}
