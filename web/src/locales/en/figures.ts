export default {
  title: 'Figures', overview: 'Overview', report: 'Report', range: 'Period', rows: 'Rows', groups: 'Columns shown', total: 'Total', none: 'Nothing in this period', table: 'Table',
  most: 'The first {shown} rows of {n}; the export has them all', whole_way: 'Whole way', average: 'average', p90: '90 %', days: '{n} d', nine_in_ten: '90 % within {n} d', each: '{amount} each',
  submitted_of: '{n} submitted', withdrawn_of: '{n} withdrawn', of_closed: '{share} of closed', of_fees: 'fees {amount}',
  flow: 'Received and closed', money: 'Paid (yuan)', ageing: 'Open cases by age', ageing_hint: 'now, days since acceptance', age: '{from}–{to} d', age_over: '{from} d and more',
  stays: 'Days at each stage', stays_hint: 'cases closed in the period', reasons: 'Reasons for denial', ratio_by_plan: 'Claims ratio by plan', ratio_by_org: 'Claims ratio by node',
  ratio_note: 'Claims ratio = paid until now under the coverages that begin in the period ÷ their fees; * leaves out coverages whose plan states no fee. Numbers and bars lead to their cases.', without_fee: '{n} more under plans that state no fee',
  covers: 'Covers', fees: 'Fees (yuan)', paid_of_them: 'Paid (yuan)',
  preset: { month: 'Month', quarter: 'Quarter', year: 'Year', months12: '12 months', last_year: 'Last year' },
  by: { day: 'Day', month: 'Month', quarter: 'Quarter', year: 'Year', office: 'Office', agency: 'Node', unit: 'Unit', plan: 'Plan', claim_type: 'Claim type' },
  group: { counts: 'Cases and money', after: 'Corrections', ratio: 'Claims ratio', stays: 'Days taken', reasons: 'Reasons for denial' },
  column: {
    received: 'Received', submitted: 'Submitted', returned: 'Returned', closed: 'Closed', paid: 'Paid', paid_fen: 'Paid (yuan)', denied: 'Denied', withdrawn: 'Withdrawn', corrected: 'Corrected', recovered: 'Recovered', written_off: 'Written off', recovered_fen: 'Came back (yuan)',
    coverages: 'Coverages', fees_fen: 'Fees (yuan)', cohort_cases: 'Paid under them', cohort_fen: 'Paid under them (yuan)', ratio: 'Ratio',
  },
  link: { open: 'Open', direct: 'Own cases only', close_reason: 'Reason', submitted: 'Submitted', returned: 'Returned', begins: 'Cover begins', passed: 'Was at', from: 'from {from}', to: 'to {to}' },
}
