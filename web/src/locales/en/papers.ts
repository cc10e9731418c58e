export default {
  granted_before: 'Granted before', difference: 'Difference',
  kind: { receipt: 'Receipt of claim', calculation: 'Calculation', approval: 'Approval form', payout: 'Notice of payment', denial: 'Notice of denial' },
  title: 'Papers', print: 'Print', count: '{n} papers', number: 'No.', dated: 'Date', seal: '(seal)', printed: 'Printed by {name}, {at}', batch: 'Print receipts',
  shares: 'Shares', accepted_by: 'Accepted by', materials: 'Papers handed in', material: 'Paper', received: 'Received', files: '{n} pictures', missing: 'Missing', basis: 'Basis', statements: 'Statements', hospital: 'Hospital', stay: 'Stay', days: '{n} days', invoice: 'Invoice',
  total: 'Total', pooled: 'Pooled fund', other: 'Other payers', self_pay: 'Self-pay', out_of_scope: 'Out of scope', result: 'Result', payee: 'Name', relation: 'Relation', account: 'Account / bank', amount: 'Amount (yuan)', cause: 'Cause',
  reason: 'Reason', note: 'Note', warnings: 'Warnings and answers', warning: 'Warning', answer: 'Answer', decisions: 'Decisions', step: 'Step', act: 'Act', by: 'By', at: 'Time', opinion: 'Reason and opinion',
  dear: '{name}:', receipt_text: 'The claim of {name} was accepted by {office} on {on}, as follows.', receipt_hint: 'Please check the above. Hand in what is missing as soon as possible; ask the accepting office about progress by the case number.',
  payout_text: 'Your claim of {on} under “{plan}”, “{liability}”, was approved. The benefit is {amount} yuan ({words}).', paid_text: 'It was paid on {on} to the following account.', to_pay_text: 'It will be paid to the following account.', payout_hint: 'If the account is wrong or the money does not arrive, please contact {office}.',
  denial_text: 'Your claim of {on} under “{plan}”, “{liability}”, was reviewed. No benefit is paid.', appeal: 'Appeal', appeal_text: 'If you disagree, you may appeal to {office} up to {until} with this notice, your reasons and new papers. The appeal is reviewed by somebody other than the first reviewer; you will be told the result.',
  signed_member: 'Signed (claimant):', signed_clerk: 'Signed (clerk):', signed_first: 'Signed (first review):', signed_second: 'Signed (second review):', signed_head: 'Signed (head):', signed_received: 'Received by:', signed_on: 'Received on:',
}
