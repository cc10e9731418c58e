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
export type Injury = S['Injury']
export type InquiryRow = S['InquiryRow']
export type InquirySearch = S['InquirySearch']
export type MaterialFile = S['MaterialFile']
export type MaterialItem = S['MaterialItem']
export type Notice = S['Notice']
export type OrgOption = S['OrgOption']
export type Outcome = S['Outcome']
export type Payee = S['Payee']
export type PayeePart = S['PayeePart']
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
export type UsageView = S['UsageView']
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

// Plans.
export type Benefit = S['Benefit']
export type Caps = S['Caps']
export type ClassSum = S['ClassSum']
export type Condition = S['Condition']
/** Pairs arrive as plain arrays: the client's types widen tuples. */
export type Curve = { kind: 'cost' | 'days'; points: number[][] } | { kind: 'items'; items: (string | number)[][] }
export type CurveView = Omit<S['CurveView'], 'curve'> & { curve: Curve }
export type DailyAllowance = S['DailyAllowance']
export type Deductible = S['Deductible']
export type DraftAction = S['DraftActionView']
export type DraftEvent = S['DraftEvent']
export type DraftState = S['DraftState']
export type Example = Omit<S['Example'], 'statements'> & { statements?: ExampleStatement[] }
export type ExampleStatement = Partial<S['ExampleStatement']>
export type ExampleUsage = S['ExampleUsage']
export type ExampleView = S['ExampleView']
export type Explained = S['ExplainedView']
export type Fault = S['FaultView']
export type FixedSum = S['FixedSum']
export type GradeSum = S['GradeSum']
export type Liability = S['Liability']
export type Limits = S['Limits']
export type MaterialRule = S['MaterialRule']
export type Modifier = S['Modifier']
export type Plan = S['Plan']
export type PlanCheck = Omit<S['PlanCheck'], 'curves'> & { curves: CurveView[] }
export type PlanDraft = Omit<S['PlanDraftView'], 'check'> & { check: PlanCheck }
export type PlanDraftRow = S['Page_PlanDraftRow']['items'][number]
export type PlanGroup = S['Group']
export type PlanVersion = Omit<S['PlanVersionView'], 'check'> & { check: PlanCheck }
export type PlanVersionRow = S['PlanVersionRow']
export type Reimbursement = S['Reimbursement']
export type TierSum = S['TierSum']
export type TraceStep = S['TraceStepView']
export type Trial = S['TrialView']
export type TrialRequest = S['TrialRequest']
export type WhatIf = S['WhatIf']
export type WhatIfRequest = S['WhatIfRequest']

// Records.
export type BankBin = S['BankBin']
export type BankRow = S['BankRow']
export type CoverageUsage = S['CoverageUsage']
export type DictionarySearch = S['DictionarySearch']
export type HospitalRow = S['HospitalRow']
export type IllnessClassRow = S['IllnessClassRow']
export type IllnessOption = S['IllnessOption']
export type ImportPreview = S['ImportPreview']
export type MemberRow = S['MemberRow']
export type MemberSearch = S['MemberSearch']
export type MemberView = S['MemberView']
export type RecordEvent = S['RecordEventView']
export type RecognisedBank = S['RecognisedBank']
