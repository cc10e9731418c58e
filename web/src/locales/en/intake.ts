export default {
  import: 'Accept from Excel', reason: 'Why no duplicate', reason_hint: 'After checking: why this is another claim', reason_missing: 'Say why it is no duplicate',
}
