export default {
  pending: 'To be paid', open: 'On its way', done: 'Paid', payee: 'Payee', payees: 'Payee · account · bank', approved_by: 'Approved by', paid_on: 'Paid on', selected: '{n} chosen, {amount} yuan', sum: 'Sum {amount} yuan', empty: 'No case waits for payment', approved_at: 'Approved',
  bank: 'Bank', amount: 'Amount', amount_from: 'Least', amount_to: 'Most', due: 'Due', again: 'Bounced before', batch_no: 'Batch',
  make: 'Make a batch', make_all: 'Make a batch of all {n}', make_text: 'Makes a payment batch of these cases; somebody else releases it.', too_many: 'A batch holds at most 500 cases; narrow the search', made: 'Batch {no} is made', to_batches: 'Batches',
  batches: 'Payment batches', batch: 'Payment batch', bounced: 'Bounced', layout: 'File layout',
  office: 'Office', state: 'State', cases: 'Cases', items: 'Items', made_by: 'Made by', made_at: 'Made', released_by: 'Released by', released_at: 'Released', settled_at: 'Settled', made_on: 'Made on', none: 'No payment batch', bounced_of: 'Bounced',
  gone: 'There is no such batch in your branch', agree: 'Batch, items and results agree', differ: 'The amounts don’t agree; tell the administrator', count: '{n} items',
  total: { batch: 'Batch', items: 'Items', open: 'Awaited', paid: 'Paid', bounced: 'Bounced' },
  act: { change: 'Take out', cancel: 'Cancel the batch', release: 'Release', file: 'Bank file', settle: 'Result' },
  cancel_text: 'The cases wait for payment again.', release_text: 'Then the bank file can be had, and the batch can’t be changed any more.', remove_text: 'Take the cases of the {n} chosen items out of the batch?',
  did: { change: 'Taken out', cancel: 'Cancelled', release: 'Released' },
  xlsx: 'Excel (.xlsx)', csv: 'CSV (.csv)', pain001: 'ISO 20022 (pain.001)', downloaded: 'The bank file is downloaded',
  reference: 'Reference', account_no: 'Account', find: 'Reference, case no., name, account', all: 'All', no_items: 'No such item', words: 'The bank’s words', reason: 'Reason',
  result_file: 'Import the result', all_paid: 'All paid', some_paid: 'Chosen paid', some_bounced: 'Chosen bounced', settle_text: 'Cases of which everything has arrived are closed; this can’t be undone.', settled: 'Registered', bounce_text: 'What bounced is paid again once its account is corrected.',
  result_hint: 'Drop the bank’s .xlsx, .xls or .csv here', default_day: 'Payment date of rows without one', preview: { rows: 'Rows', paid: 'Paid', bounced: 'Bounced', known: 'Registered before', faulty: 'Wrong', missing: 'Not in the file' },
  result_wrong: '{n} rows are wrong; correct the file and upload it again. Nothing is registered.', result_none: 'There is nothing new in the file.', apply: 'Register {n} results', applied: 'Registered: {paid} paid, {bounced} bounced', row: 'Row', outcome: 'Result', problem: 'Problem', known: 'Registered',
  history: 'What happened', event: { make: 'Made', change: 'Changed', cancel: 'Cancelled', release: 'Released', file: 'File downloaded', result: 'Result imported', settle: 'Result registered' },
  waiting: 'To be corrected', proposed: 'To be decided', repaired: 'To be paid again', bounced_on: 'Bounced on', bounced_none: 'Nothing bounced', old_account: 'Old account', new_account: 'New account', correct: 'Correct', asked_by: 'Asked by', decide: 'Decide',
  correct_text: 'Enter the account and upload a photo of the card or of a proof; when somebody else agrees, the next batch can pay it. What the case says stays.', name: 'Account name', why: 'Reason', photo: 'Photo of card or proof', photo_hint: 'png/jpg/jpeg up to 10 MB; may be missing where the account stays', asked: 'Asked for; somebody else decides', approve: 'Agree', refuse: 'Refuse', note: 'Note', approved: 'Agreed; it can be paid again', refused: 'Refused', decide_text: 'Compare the photo with the new account.', see_photo: 'See the photo', no_photo: 'The account stays; no photo', refused_because: 'Refused: {note}',
  layout_title: 'Layout of the bank file', layout_hint: 'Columns, order and headings as the bank wants them; .xlsx and .csv are alike.', column: 'Content', heading: 'Heading', add_column: 'Add a column', up: 'Up', down: 'Down', remove: 'Remove', unit: 'Amounts in', encoding: 'CSV encoding', header: 'First row holds the headings', keep_digits: 'A tab before accounts, so that Excel keeps their digits', payer_name: 'Payer', payer_account: 'Account', payer_bank: 'Bank', purpose: 'Purpose', result_headings: 'Headings of the return file', result_headings_hint: 'Where the bank’s headings aren’t the usual ones; else leave them empty.', sample: 'Preview', saved: 'Saved', read_only: 'Only the office can change it',
  of_case: 'Payments', of_batch: 'Batch',
}

export const words = {
  payment_batch_state: { draft: 'Draft', released: 'Released', settled: 'Settled', cancelled: 'Cancelled' },
  payment_item_state: { draft: 'Not released', sent: 'Awaited', paid: 'Paid', bounced: 'Bounced', repaired: 'To be paid again', replaced: 'Paid by another' },
  bounce_reason: { account_wrong: 'Account wrong', name_mismatch: 'Name doesn’t match', account_closed: 'Account closed', account_frozen: 'Account frozen', bank_wrong: 'Bank wrong', limit_exceeded: 'Above a limit', bank_failure: 'Bank’s failure', other: 'Other' },
  correction_state: { proposed: 'To be decided', approved: 'Agreed', refused: 'Refused' },
  file_field: { sequence: 'No.', reference: 'Reference', payee_name: 'Payee', account_no: 'Account', bank_name: 'Bank', amount: 'Amount', currency: 'Currency', purpose: 'Purpose', case_no: 'Case no.', payer_name: 'Payer', payer_account: 'Payer’s account', blank: 'Empty' },
  amount_unit: { yuan: 'yuan', fen: 'fen' },
  csv_encoding: { utf8_bom: 'UTF-8 with BOM', gbk: 'GBK' },
}

export const events = { payment_released: 'Payment released', payment_bounced: 'Payment bounced', account_asked: 'Account asked for', account_corrected: 'Account corrected', account_refused: 'Account refused' }
