// Short names of the API's types. The contract itself is schema.ts, generated from docs/openapi.json.
import type { components } from './schema'

type S = components['schemas']

export type About = S['About']
export type AcceptanceSearch = S['AcceptanceSearch']
export type ActionKind = S['ActionKind']
export type Calculation = S['CalculationView']
export type CaseRow = S['CaseRow']
export type CaseView = S['CaseView']
export type ClaimCategory = S['ClaimCategory']
export type ClaimType = S['ClaimType']
export type DenyReason = S['DenyReason']
export type DoneRow = S['Page_DoneRow']['items'][number]
export type EligibilityRow = S['EligibilityRow']
export type FieldProblem = S['FieldProblem']
export type HospitalOption = S['HospitalOption']
export type IdKind = S['IdKind']
export type Incident = S['Incident']
export type InquiryRow = S['InquiryRow']
export type InquirySearch = S['InquirySearch']
export type MaterialFile = S['MaterialFile']
export type MaterialItem = S['MaterialItem']
export type Notice = S['Notice']
export type OrgOption = S['OrgOption']
export type Outcome = S['Outcome']
export type Payee = S['Payee']
export type PaymentRow = S['PaymentRow']
export type Permission = S['Permission']
export type PoolCounts = S['PoolCounts']
export type Problem = S['Problem']
export type ReturnReason = S['ReturnReason']
export type ReturnTo = S['ReturnTo']
export type Session = S['Session']
export type Stage = S['Stage']
export type Statement = S['StatementDraft']
export type TimelineEvent = S['TimelineEvent']
export type UnitOption = S['UnitOption']
export type Warning = S['WarningView']
export type WarningReason = S['WarningReason']
export type WithdrawReason = S['WithdrawReason']

/** One page of a list. */
export interface Page<T> {
  items: T[]
  total: number
  page: number
  size: number
}
