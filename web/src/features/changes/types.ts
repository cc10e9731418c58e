import type { components } from '@/api/schema'

type S = components['schemas']

export type AllowedDecision = S['AllowedDecision']
export type Change = S['Change']
export type ChangeFile = S['ChangeFile']
export type ChangeKind = S['ChangeKind']
export type ChangePageOf = S['ChangePage']
export type ChangeRow = S['ChangeRow']
export type ChangeSearch = S['ChangeSearch']
export type ChangeState = S['ChangeState']
export type ChangeView = S['ChangeView']
export type DiffLine = S['DiffLine']
export type DuplicatePair = S['Page_DuplicatePair']['items'][number]
export type MemberData = S['MemberData']
export type PaperKind = S['PaperKind']

/** In the order of the menu of 变更申请; a bank card and an undone merge have their own ways in. */
export const KINDS = ['member_data', 'transfer', 'coverage_add', 'coverage_replace', 'coverage_end', 'merge'] as const
export const ALL_KINDS: readonly ChangeKind[] = [...KINDS, 'bank_account', 'unmerge']
export const STATES: readonly ChangeState[] = ['proposed', 'approved', 'refused', 'withdrawn']
