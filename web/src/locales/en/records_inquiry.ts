export default {
  title: 'Inquiries',
  cases: 'Cases', coverages: 'Coverages', members: 'Members', enrolments: 'Enrolments', changes: 'Changes', text: 'Who, what', outcome: 'Outcome', plan: 'Plan', amount_from: 'Benefit at least (yuan)', amount_to: 'Benefit at most (yuan)', empty: 'Nothing found: change the search',
  coverage_state: 'Cover', on: 'In force', on_hint: 'In force on this day', begins: 'Begins', shares: 'Shares', used: 'Used (yuan)',
  returned: 'Returned', unfold: 'More', fold: 'Fewer',
  state: { active: 'In force', pending: 'Fee due', void: 'Void' },
}
