import type { components } from '@/api/schema'

type S = components['schemas']

export type AfterView = S['AfterView']
export type AppealPageOf = S['AppealPage']
export type AppealPaper = S['AppealPaper']
export type AppealRow = S['AppealRow']
export type AppealState = S['AppealState']
export type AppealView = S['AppealView']
export type CorrectionReason = S['CorrectionReason']
export type ReceiptWay = S['ReceiptWay']
export type RecoveryEntry = S['RecoveryEntry']
export type RecoveryPageOf = S['RecoveryPage']
export type RecoveryRow = S['RecoveryRow']
export type RecoveryView = S['RecoveryView']
export type Relation = S['Relation']
export type WriteOffReason = S['WriteOffReason']
