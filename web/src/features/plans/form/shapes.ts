import type { Benefit, Liability } from '@/api/types'

export type Shape = 'reimbursement' | 'daily_allowance' | 'fixed_sum' | 'class_sum' | 'grade_sum' | 'tier_sum'

/** A rule of that shape to begin from: small, and without faults. */
const STARTS: Record<Shape, Benefit> = {
  reimbursement: { reimbursement: { base: 'self_pay', bands: [{ rate: '0.5' }] } },
  daily_allowance: { daily_allowance: { per_day: '40', waived_days: 3, waived_per: 'stay', waived_counts: 'excess' } },
  fixed_sum: { fixed_sum: { amount: '10000' } },
  class_sum: { class_sum: { classes: [{ code: 'mild', name: '轻度', amount: '3000' }, { code: 'severe', name: '重度', amount: '10000' }] } },
  grade_sum: { grade_sum: { sum: '60000', several: 'promote', grades: Array.from({ length: 10 }, (_, i) => ({ grade: i + 1, rate: i === 0 ? '1' : `0.${10 - i}` })) } },
  tier_sum: { tier_sum: { measure: 'total', tiers: [{ to: '10000', amount: '500' }, { amount: '1000' }] } },
}

export const start = (shape: Shape): Benefit => JSON.parse(JSON.stringify(STARTS[shape])) as Benefit

export function newLiability(code: string, name: string): Liability {
  return { code, name, claim_types: ['disease_inpatient'], benefit: start('reimbursement') }
}

export const shapeOf = (benefit: Benefit): Shape => Object.keys(benefit)[0] as Shape
