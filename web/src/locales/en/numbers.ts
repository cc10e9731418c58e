export default {
  show: 'Show whole numbers', reason: 'Why', hint: 'E.g. to identify a caller. Looking is logged',
  kind: { id_number: 'ID number', phone: 'Phone', account: 'Bank account' },
}
